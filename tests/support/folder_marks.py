"""Marks the tests of a folder, so that they can be chosen, or left out, together."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest


def mark_folder(items: Iterable[pytest.Item], folder: Path, mark: str) -> list[pytest.Item]:
    """Give the tests below a folder this mark; returns them."""
    inside = [item for item in items if item.path.is_relative_to(folder)]
    for item in inside:
        item.add_marker(mark)
    return inside
