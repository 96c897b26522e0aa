"""Finds the places that are to be hidden by what they are called, which a server may tell only later."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from backend_adapters.model import Source

if TYPE_CHECKING:
    from tui.monitor.watched_place import WatchedPlace


def _is_never_meant(_source: Source) -> bool:
    return False


class PlaceHider:
    """Finds each place once: from then on only a person hides and shows it."""

    def __init__(self, is_meant: Callable[[Source], bool] = _is_never_meant) -> None:
        self.is_meant = is_meant
        self._judged: weakref.WeakSet[WatchedPlace] = weakref.WeakSet()
        """The places whose names are known, or that were found."""

    def find_places(self, places: Iterable[WatchedPlace]) -> list[WatchedPlace]:
        """Those that are to be hidden now."""
        found = []
        for one in places:
            if one not in self._judged and self.is_meant(one.backend.source):
                found.append(one)
                self._judged.add(one)
            elif one.health.info is not None:
                self._judged.add(one)
        return found
