"""The adapters: they talk to servers, and know no terminal."""
