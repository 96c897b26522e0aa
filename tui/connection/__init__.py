"""Resolves what a person named to a connection to a server, for commands and for the screen."""
