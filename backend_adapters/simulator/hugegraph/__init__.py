"""A simulated HugeGraph: its HTTP server, its API and the tasks behind it."""
