"""Moves the cursor of a list of options, whichever widget has the focus."""

from __future__ import annotations

from textual.widgets import OptionList


def move_cursor(options: OptionList, action: str) -> None:
    """Move the cursor of a list by one of its actions, such as `page_up`.

    Textual's own moves by pages raise KeyError until the list has been drawn.
    """
    if not action.startswith("page"):
        getattr(options, f"action_{action}")()
    elif options.option_count:
        page = max(1, options.scrollable_content_region.height) * (1 if action == "page_down" else -1)
        options.highlighted = max(0, min((options.highlighted or 0) + page, options.option_count - 1))
