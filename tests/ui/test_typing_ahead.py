"""Keys that come faster than they are heeded: each goes where it would go if it was typed slowly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.message_pump import MessagePump
from textual.widgets import Input

from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.ui.running_app import RunningApp, run_app
from tui.screens.dialogs.help import HelpScreen
from tui.screens.tasks.screen import TasksScreen
from tui.textual_ext import key_queue
from tui.textual_ext.key_queue import KeyHandled, KeyRun
from tui.widgets.line_input import INPUT_LIMIT

LIST = replace(EMPTY_HUGEGRAPH, history=20)
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
TOO_MANY = "Too many keys at once"


def key(name: str) -> events.Key:
    return events.Key(name, name if len(name) == 1 else None)


def burst(at: RunningApp, *keys: str) -> None:
    """Type all of it at once, as a script, a key recorder or a slow line does."""
    for name in keys:
        at.app.post_message(key(name))


async def test_what_is_typed_at_once_behind_the_slash_is_the_filter() -> None:
    async with run_app(LIST) as at:
        burst(at, "slash", *"NotFound", "enter")
        await at.until_seen("filter: NotFound")
        assert isinstance(at.app.screen, TasksScreen)


async def test_keys_that_edit_do_so_where_they_were_typed() -> None:
    async with run_app(LIST) as at:
        burst(at, "slash", *"abx", "backspace", *"cd", "home", "delete", "enter")
        await at.until_seen("filter: bcd")


async def test_what_is_typed_at_once_behind_a_key_that_opens_a_list_narrows_it() -> None:
    async with run_app(LIST) as at:
        burst(at, "S", *"updated", "enter")
        await at.until(lambda: at.screen.monitor.view.shape.order.column == "updated", "the other order")


async def test_what_is_typed_at_once_in_the_detail_is_searched_there() -> None:
    async with run_app(QUIET) as at:
        await at.press("enter", "y")
        burst(at, "slash", *"task_name", "enter")
        await at.until_seen("/task_name:")


async def test_a_paste_stays_in_its_place_among_the_keys() -> None:
    async with run_app(LIST) as at:
        burst(at, "slash", "a")
        at.app.post_message(events.Paste("pasted"))
        burst(at, "z", "enter")
        await at.until_seen("filter: apastedz")


@pytest.mark.parametrize("single", [True, False])
async def test_a_long_text_without_the_marks_of_a_paste_is_cut_with_a_word(single: bool) -> None:
    async with run_app(LIST) as at:
        await at.press("slash")
        text, half = "ab" * INPUT_LIMIT, INPUT_LIMIT // 2
        if single:
            burst(at, *text[:half])
            await at.until(lambda: len(at.screen.filter_line.text) == half, "the first half")
            burst(at, *text[half : INPUT_LIMIT + 1])
        else:
            for start in range(0, len(text), 2048):
                at.app.post_message(KeyRun(text[start : start + 2048]))
        await at.until(lambda: len(at.screen.filter_line.text) == INPUT_LIMIT, "the filter to be full")
        await at.until_seen("Only the first 4000 characters fit in this line.")
        assert at.screen.filter_line.text == text[:INPUT_LIMIT]
        await at.press("escape")
        await at.until(lambda: not at.screen.filter_line.text, "the empty filter")


async def test_a_long_text_for_the_palette_comes_to_it_as_one() -> None:
    async with run_app(LIST) as at:
        await at.press("colon")
        line = at.app.screen.query_one(Input)
        told: list[str] = []

        def tell(value: str) -> None:
            told.append(value)

        at.app.screen.watch(line, "value", tell, init=False)
        at.app.post_message(KeyRun("x" * 3_000))
        await at.until_seen("No command matches.")
        assert told == ["x" * 3_000]


async def test_more_keys_than_anybody_types_are_not_all_kept(monkeypatch) -> None:
    monkeypatch.setattr(key_queue, "QUEUE_LIMIT", 50)
    async with run_app(LIST) as at:
        at.app.post_message(KeyRun("j" * 100))
        await at.until_seen(TOO_MANY)
        await at.until(lambda: not len(at.app._key_queue), "the keys")
        await at.press("question_mark")
        await at.until(lambda: isinstance(at.app.screen, HelpScreen), "the help")


async def test_a_key_that_nobody_heeds_holds_the_next_ones_up_for_a_moment_only() -> None:
    async with run_app(LIST) as at:
        # As it is when who had the focus is taken away before the mark has come to it.
        at.app._handled_mark = KeyHandled(at.screen)
        burst(at, "question_mark")
        await at.until(lambda: isinstance(at.app.screen, HelpScreen), "the help")


async def test_what_came_in_one_piece_behind_a_key_that_nobody_heeds_waits_for_no_other_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_app(LIST) as at:
        follow = at.app._send_mark

        def lose_first(heeded: KeyHandled, way: MessagePump) -> None:
            monkeypatch.setattr(at.app, "_send_mark", follow)
            at.app._handled_mark, at.app._key_receiver = heeded, None

        monkeypatch.setattr(at.app, "_send_mark", lose_first)
        at.app.post_message(KeyRun("j?"))
        await at.until(lambda: isinstance(at.app.screen, HelpScreen), "the help")


async def test_a_key_that_leaves_can_not_be_held_up() -> None:
    async with run_app(LIST) as at:
        at.app._handled_mark = KeyHandled(at.screen)
        at.app._key_receiver = at.screen.parts.table
        burst(at, "j", "ctrl+q")
        await at.until(lambda: at.app._exit, "the end")
