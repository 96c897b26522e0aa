"""Long texts: read, indexed and searched without keeping the loop."""
