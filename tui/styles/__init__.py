"""How graphtop looks: its themes."""
