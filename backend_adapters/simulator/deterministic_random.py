"""Numbers that look random but depend only on their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

OptionT = TypeVar("OptionT")

_MASK = (1 << 64) - 1


def scatter_bits(value: int) -> int:
    """Mix the bits of an integer (splitmix64), so that close values give distant results."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def draw_number(salt: int, purpose: int, low: int, high: int) -> int:
    """A number in low..high, both included; `purpose` makes the draws of one salt differ."""
    return low + scatter_bits(salt ^ (purpose * 0x632BE59BD9B4E019)) % (high - low + 1)


def pick_option(salt: int, purpose: int, options: Sequence[OptionT]) -> OptionT:
    """One of the options."""
    return options[draw_number(salt, purpose, 0, len(options) - 1)]
