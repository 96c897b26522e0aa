"""Notices of a command: several that come at once become one."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.patience import PATIENCE
from tui.cli.work import notifier
from tui.config.profiles import find_config, parse_config
from tui.config.resolved import resolve_settings


async def test_what_comes_soon_after_a_notice_is_counted_in_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifier, "PAUSE_BETWEEN_NOTICES", 0.01)
    config = parse_config("[screen]\nnotify = 'off'", find_config({}))
    made = notifier.Notifier(resolve_settings(config))
    told: list[str] = []

    async def tell(words: str) -> None:
        told.append(words)

    monkeypatch.setattr(made, "tell", tell)
    made.tell_soon("a")
    await asyncio.sleep(0)
    made.tell_soon("b")
    made.tell_soon("c")
    async with asyncio.timeout(PATIENCE):
        while len(told) < 2:  # noqa: ASYNC110 - a notice sets no event
            await asyncio.sleep(0.001)
    assert told == ["a", "b (and 1 more)"]
    await made.aclose()
