"""What stands for the screen that a command opens: it only keeps what it was opened with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType

import pytest
from msgspec import Struct

from backend_adapters.transport.target import Target
from tui.config.options import ScreenOptions
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher
from tui.monitor.saved_views import SavedView


class Opening(Struct):
    """What the screen was opened with."""

    target: Target | None
    options: ScreenOptions
    destinations: tuple[Destination, ...]
    notes: tuple[str, ...]
    view: SavedView | None


def replace_screen(
    monkeypatch: pytest.MonkeyPatch, keep: Callable[[Opening], None], *modules: ModuleType
) -> None:
    """Let these modules open no screen, but tell what they would have opened it with; it ends with 7."""

    def open_screen(
        target: Target | None,
        options: ScreenOptions,
        switcher: ProfileSwitcher,
        *,
        view: SavedView | None = None,
        destinations: tuple[Destination, ...] = (),
        notes: Sequence[str] = (),
    ) -> int:
        assert isinstance(switcher, ProfileSwitcher)
        keep(Opening(target, options, destinations, tuple(notes), view))
        return 7

    for module in modules:
        monkeypatch.setattr(module, "open_screen", open_screen)
