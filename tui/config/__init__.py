"""What a person configured: profiles in a file, variables, and how the screen looks."""
