"""What completes words in a shell."""
