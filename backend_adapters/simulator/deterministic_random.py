"""Numbers that look random and depend on nothing but their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

OptionT = TypeVar("OptionT")

_MASK = (1 << 64) - 1


def scatter_bits(value: int) -> int:
    """Scatter an integer over 64 bits (splitmix64): neighbours come out far apart."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def draw_number(salt: int, throw: int, low: int, high: int) -> int:
    """A number in low..high, both included; `throw` tells the several draws of one salt apart."""
    return low + scatter_bits(salt ^ (throw * 0x632BE59BD9B4E019)) % (high - low + 1)


def pick_option(salt: int, throw: int, options: Sequence[OptionT]) -> OptionT:
    """One of the options."""
    return options[draw_number(salt, throw, 0, len(options) - 1)]
