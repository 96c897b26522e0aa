"""All that graphtop does to Python's garbage collector, which stops the whole program while it works.

It is off while the program starts, skips what lives as long as a screen, and is not run at the end. A full
collection of the program's classes and widgets, 90,000 objects, and of 100,000 rows takes 40 ms, in which no
key is answered; without the former it takes 16 ms (measured).
"""

from __future__ import annotations

import gc

FULL_COLLECTION_EVERY = 50
"""Collections of the middle generation between two full ones; Python's default is 10."""
FULL_COLLECTION_WHILE_READING = 1_000
"""The same while the first tasks come; of 800,000 rows a full one takes 100 ms (measured)."""


def pause_collection() -> None:
    """Collect nothing until `resume_collection`: a start makes many objects and little garbage."""
    gc.disable()


def resume_collection() -> None:
    """Collect garbage again, but look at nothing that the start has made: that takes 17 ms (measured)."""
    freeze_objects()
    gc.enable()


def freeze_objects() -> None:
    """Leave all objects that exist now out of later collections."""
    gc.freeze()


def freeze_screen_objects(*, reading: bool = False) -> None:
    """Leave what a screen is made of out of later collections, and run full ones seldom.

    While its tasks are being read for the first time these wait: they would look at each row.
    """
    gc.set_threshold(700, 10, FULL_COLLECTION_WHILE_READING if reading else FULL_COLLECTION_EVERY)
    freeze_objects()


def unfreeze_objects() -> None:
    """Let collections look at everything again: the screen is going away."""
    gc.unfreeze()


def collect_previous_screen() -> None:
    """Collect what the previous screen has left, so that it isn't frozen with the next one."""
    gc.unfreeze()
    gc.collect()
