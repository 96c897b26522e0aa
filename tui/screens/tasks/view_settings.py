"""How a person has set the tasks screen; it stays so when another graph is looked at."""

from __future__ import annotations

from msgspec import Struct

from tui.field_rules import Times
from tui.monitor.view import Order


class Habits(Struct, frozen=True, kw_only=True):
    """What does not depend on the graph."""

    order: Order
    wide: bool
    times: Times
    paused: bool
