"""The engine without a screen; it imports no textual."""
