"""What the commands print, and how they end where nothing can be printed."""
