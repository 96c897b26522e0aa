"""All that touches the private side of Textual."""
