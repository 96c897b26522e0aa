"""What was seen of tasks, kept in a file of its own: it outlives the server's records."""
