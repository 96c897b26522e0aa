"""Everything a person at a terminal meets."""
