"""How much is asked of a server: less while nobody looks, nothing for what nobody rests on."""

from __future__ import annotations

from dataclasses import replace

from textual import events

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.ui.running_app import RunningApp, hold_actions, run_app
from tui.screens.tasks import detail_controller as detail_desk

LIST = replace(EMPTY_HUGEGRAPH, history=40)


async def look_away(at: RunningApp, *, back: bool = False) -> None:
    """As the terminal tells of another window."""
    at.app.post_message(events.AppFocus() if back else events.AppBlur())
    await at.pilot.pause()


def details(at: RunningApp, before: int) -> list[str]:
    """The ids of the tasks whose details were asked for since so many requests."""
    ids = [line.rsplit("/", 1)[-1] for line in at.sent("GET")[before:]]
    return [task_id for task_id in ids if task_id.isdigit()]


async def test_the_header_tells_that_it_polls_more_slowly_without_the_focus() -> None:
    async with run_app(LIST) as at:
        await at.until_seen("live 1s ")
        await look_away(at)
        await at.until_seen("live 5s (unfocused)")
        before = len(at.sent("GET"))
        await look_away(at, back=True)
        await at.until(lambda: len(at.sent("GET")) > before, "a poll at once")
        assert "unfocused" not in at.text()
        assert at.screen.parts.table.has_focus


async def test_an_action_under_way_is_followed_at_the_full_pace(monkeypatch) -> None:
    async with run_app() as at:
        await at.submit("Thread.sleep(3600000)")
        await at.until_seen("running")
        answered = hold_actions(at, monkeypatch)
        await at.ask("C")
        await at.press("y")
        await at.until_seen("cancelling")
        await look_away(at)
        before = at.screen.monitor.health.last_ok
        await at.until(lambda: at.screen.monitor.health.last_ok > before, "a poll")
        assert not at.app.app_focus
        await at.until_seen("live 1s ")
        answered.set()
        await at.until_seen("live 5s (unfocused)")
        await at.until_seen("cancelled")


async def test_details_of_a_moving_cursor_are_asked_for_only_where_it_rests(monkeypatch) -> None:
    async with run_app(LIST) as at:
        await at.press("enter")
        await at.until(lambda: not at.screen.panes.detail.is_waiting, "the first detail")
        before = len(at.sent("GET"))
        at.screen.set_focus(at.screen.parts.table)
        monkeypatch.setattr(detail_desk, "CURSOR_REST_SECONDS", 3600)
        wishes = []
        for _ in range(12):
            await at.press("down")
            wishes.append(at.screen.panes.detail._rest_timer)
        assert at.screen.panes.detail.is_waiting
        assert [wish.cancelled() for wish in wishes] == [True] * 11 + [False]
        assert details(at, before) == []
        monkeypatch.setattr(detail_desk, "CURSOR_REST_SECONDS", 0.01)
        await at.press("down")
        await at.until(lambda: not at.screen.panes.detail.is_waiting, "the last detail")
        assert details(at, before) == [at.screen.parts.table.cursor_key]
