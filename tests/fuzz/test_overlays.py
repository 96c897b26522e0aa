"""What servers say of failures, in reasons, groups and every overlay: harmless, and without secrets."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.fuzz.hostile_server import PAYLOADS, HostileApp, record
from tests.fuzz.test_drawing import assert_drawn_well
from tests.fuzz.test_secrets import OWN, WORDS, shown_secrets
from tests.ui.running_app import FastClock, read_screen, wait_for_rest, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.screens.tasks.screen import TasksScreen
from tui.text import replace_active_characters

KEYS = (
    *("w", "4", "B enter", "down enter", "G enter", "home", "Y escape", "v", "escape", "B escape"),
    *("0", "M", "c", "escape", "ctrl+p", "r e a", "escape", "b", "escape", "S r e a enter", "home"),
    *("Y r e a enter", "Y e r r enter", "Y s c r enter", "Y c u r enter", "Y g r a enter"),
    *("asterisk", "Y r e a enter", "Y n a m enter", "U", "slash n 1", "escape", "M", "escape"),
)
"""Groups by cause, messages, palette, pickers, and all that `Y` offers, of one failure and of all."""


def failure(number: int, said: str) -> dict[str, object]:
    return record(number, f"n{number} {said[:200]}") | {"task_result": said}


@pytest.mark.parametrize(
    ("said", "size"), [(WORDS, (120, 60)), ([*PAYLOADS.values()], (60, 20)), ([*PAYLOADS.values()], (30, 8))]
)
async def test_no_reason_leaves_by_an_overlay_or_a_copy_as_it_was_sent(
    said: list[str], size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    graphs = ["hugegraph", *(word for word in said if "\ud800" not in word)]
    server = HostileApp([failure(number, one) for number, one in enumerate(said, 1)], graphs=graphs)
    login = Credentials(token=lambda: OWN)
    target = Target(url="http://hostile", http=httpx.ASGITransport(server), credentials=login)
    app = Graphtop(target, ScreenOptions(interval=1.0), clock=FastClock())
    async with app.run_test(size=size, notifications=True) as pilot:

        def has_read() -> bool:
            screen = app.screen
            monitor = screen.monitor if isinstance(screen, TasksScreen) else None
            return bool(monitor and monitor.health.scanned and not monitor.only.store.unread_reasons)

        await wait_until(pilot, has_read, "all reasons")
        for keys in KEYS:
            await pilot.press(*keys.split())
            await (wait_for_rest(pilot) if keys.endswith("enter") else pilot.pause())
            assert_drawn_well(app)
            assert not shown_secrets("\n".join((*read_screen(app), app.clipboard))), keys
            copied = app.clipboard.replace("\n", "").replace("\t", "")
            assert replace_active_characters(copied) == copied, keys
        assert app.clipboard
        while not isinstance(app.screen, TasksScreen):
            await pilot.press("escape")
    assert server.asked
