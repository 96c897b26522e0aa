"""What a person named, resolved to a place to talk to; no argument parser and no screen in it."""
