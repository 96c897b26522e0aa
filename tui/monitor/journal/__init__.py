"""The journal of the actions that were sent from this machine."""
