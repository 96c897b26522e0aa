"""The tabs of the detail, apart from the pane: keys and settings name them before there is one."""

from __future__ import annotations

from enum import IntEnum


class DetailTab(IntEnum):
    """The tabs, in their order."""

    OVERVIEW = 0
    INPUT = 1
    RESULT = 2
    TIMELINE = 3
    RAW = 4


TEXT_TABS = (DetailTab.INPUT, DetailTab.RESULT, DetailTab.RAW)
