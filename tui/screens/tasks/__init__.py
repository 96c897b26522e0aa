"""The screen with the table of tasks."""
