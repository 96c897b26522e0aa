"""Telling a person who looks elsewhere: desktop notices, the terminal's title, and progress in its tab."""
