"""What needs a person: rules that look at tasks and places, and tell what they find with its evidence."""
