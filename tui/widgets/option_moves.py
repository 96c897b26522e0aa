"""Moves the cursor of a list of options, whichever widget has the focus."""

from __future__ import annotations

from textual.widgets import OptionList


def move_cursor(options: OptionList, action: str) -> None:
    """Move the cursor of a list by one of its actions, such as `page_up`, to an option that is not disabled.

    Textual's own moves by pages raise KeyError until the list has been drawn.
    """
    enabled = [index for index, option in enumerate(options.options) if not option.disabled]
    if not enabled:
        return
    at = enabled.index(options.highlighted) if options.highlighted in enabled else -1
    last, page = len(enabled) - 1, max(1, options.scrollable_content_region.height)
    target = {
        "cursor_up": at - 1 if at > 0 else last,
        "cursor_down": at + 1 if at < last else 0,
        "page_up": max(0, at - page),
        "page_down": min(last, max(0, at) + page),
        "first": 0,
        "last": last,
    }[action]
    options.highlighted = enabled[target]
    if target == 0:
        # The heading above it.
        options.scroll_home(animate=False)
