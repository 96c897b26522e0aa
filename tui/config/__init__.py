"""What a person has said beforehand: profiles in a file, the environment, and how the screen is to look."""

from __future__ import annotations

from tui.config.options import Options

__all__ = ["Options"]
