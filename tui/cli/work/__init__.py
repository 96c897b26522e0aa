"""Work that several commands share."""
