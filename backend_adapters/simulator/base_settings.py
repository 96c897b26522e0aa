"""The settings that both simulated products have: what there is at the start, and how much is submitted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BaseSettings:
    """What one simulated server or project contains, and its pace."""

    seed: int = 7
    history: int = 360
    """Finished tasks at the start: of the first graph of HugeGraph, every further one has a quarter as many;
    of all graphs of a GES project together, over the last month."""
    unfinished: int = 0
    """Tasks of ordinary kinds that are unfinished at the start, besides the special ones."""
    specials: bool = True
    """Whether there are special tasks: stuck or long ones, partly failed, strangely named."""
    pace: float = 1.0
    """How often tasks are submitted: 1.0 is one every 3-10 s, 2.0 twice as often, 0 never."""
