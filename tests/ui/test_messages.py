"""The messages: everything that was said and done, live, and as text for a ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_adapters.model import Action
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.ui.running_app import NOON, FrozenClock, RunningApp, hold_actions, run_app
from tests.ui.test_actions import report
from tests.ui.test_toasts import LONGER
from tui.clipboard import MAX_COPY_CHARACTERS
from tui.config.options import ScreenOptions
from tui.message_log import MessageLog
from tui.monitor.outcomes import Outcome
from tui.screens.dialogs.messages import MessagesScreen, format_messages
from tui.widgets.message_list import MessageList

SCRIPT = "Thread.sleep(600000)"
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
UTC = ScreenOptions(interval=1.0, utc=True)


def said_lines(at: RunningApp) -> list[str]:
    """The lines of the open list, without its frame."""
    return [line.strip("│▁▂▃▄▅▆▇█ ") for line in at.lines()[1:-1]]


async def test_every_toast_is_there_in_full_with_time_and_kind_and_none_is_left_on_the_screen() -> None:
    async with run_app(EMPTY_HUGEGRAPH, options=UTC, clock=FrozenClock()) as at:
        at.screen.show_message("one\x1b[2J two")
        at.screen.show_message(LONGER, severity="error")
        for _ in range(3):
            at.screen.show_message("Nothing to save.", severity="warning")
        await at.until_seen("M shows all")
        await at.press("M")
        await at.until_seen("Messages")
        lines = said_lines(at)
        assert lines[0] == "2026-11-23  stage · DEFAULT/hugegraph"
        assert lines[1] == "12:00:00  info     one␛[2J two"
        assert lines[2].startswith("12:00:00  error    The server accepted the cancel of task 283")
        assert LONGER in " ".join(lines[2:8]).replace("  ", " ")
        assert "12:00:00  warning  Nothing to save. (×3 since 12:00:00)" in lines
        assert at.app.shown_toasts == []
        await at.press("M")
        await at.until_gone("Messages")


async def test_an_action_is_a_line_from_its_confirmation_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        task_id = await at.submit(SCRIPT)
        await at.until_seen("1 Active 1")
        sent = hold_actions(at, monkeypatch)
        await at.ask("C")
        await at.press("y")
        await at.press("M")
        await at.until_seen(f"action   cancel {task_id} → under way")
        sent.set()
        await at.until_seen(f"action   cancel {task_id} → cancelled (")
        assert "s, 202)" in at.text()
        await at.until_seen(f"info     Cancelled {task_id}")
        assert at.app.shown_toasts == [], "what the list shows needs no toast"


async def test_each_line_of_the_same_action_on_a_task_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        first = await at.submit(SCRIPT)
        await at.until_seen("1 Active 1")
        sent = hold_actions(at, monkeypatch)
        await at.ask("C")
        await at.press("y")
        await at.until_seen("cancelling")
        second = await at.submit(SCRIPT)
        await at.until_seen("1 Active 2")
        await at.press("asterisk")
        await at.ask("C")
        await at.press("y", "M")
        await at.until_seen(f"cancel {first} → not sent (")
        await at.until_seen(f"action   cancel {first} → under way")
        sent.set()
        await at.until_seen(f"action   cancel {first} → cancelled (")
        await at.until_seen(f"action   cancel {second} → cancelled (")
        assert "under way" not in at.text()
        assert at.text().count(f"action   cancel {first} ") == 2


async def test_a_refusal_is_there_with_the_servers_words() -> None:
    async with run_app(EMPTY_HUGEGRAPH, clock=FrozenClock()) as at:
        refused = report(Outcome.REFUSED, 7, action=Action.CANCEL, elapsed=0.42, code=400, words="No\x1b.")
        at.screen.presenter.operation_ended(refused)
        await at.press("M")
        await at.until_seen("action   cancel 7 → refused (0.4 s, 400): No␛.")


async def test_in_a_narrow_terminal_the_text_stands_below_its_time_and_no_word_is_cut() -> None:
    async with run_app(EMPTY_HUGEGRAPH, size=(30, 12), options=UTC, clock=FrozenClock()) as at:
        at.screen.show_message("Task 377 has already finished (failed).", severity="warning")
        await at.press("M")
        await at.until_seen("Messages")
        assert said_lines(at)[2:5] == ["12:00:00  warning", "Task 377 has already", "finished (failed)."]


async def test_the_list_follows_its_end_and_stays_where_a_person_reads() -> None:
    async with run_app(EMPTY_HUGEGRAPH, size=(60, 20), clock=FrozenClock()) as at:
        for number in range(40):
            at.app.notify(f"Thing {number}.")
        await at.press("M")
        await at.until_seen("Thing 39.")
        at.app.notify("Thing 40.")
        await at.until_seen("Thing 40.")
        assert at.app.shown_toasts == []
        await at.press("g")
        await at.until_seen("Thing 0.")
        at.app.notify("Thing 41.")
        await at.until(lambda: len(at.app.shown_toasts) == 1, "a toast over what is read")
        assert "Thing 0." in at.text()
        await at.press("G")
        await at.until(lambda: at.app.screen.query_one(MessageList).is_at_end, "the end")
        assert "Thing 39." in at.text()


async def test_the_newest_stays_visible_when_the_height_changes() -> None:
    async with run_app(EMPTY_HUGEGRAPH, size=(60, 20), clock=FrozenClock()) as at:
        for number in range(40):
            at.app.notify(f"Thing {number}.")
        await at.press("M")
        await at.until_seen("Thing 39.")
        for height in (10, 24, 14):
            await at.pilot.resize_terminal(60, height)
            await at.until(lambda height=height: len(at.lines()) == height, "the other height")
            await at.until_seen("Thing 39.")
        await at.press("g")
        await at.until_seen("Thing 0.")
        await at.pilot.resize_terminal(60, 12)
        await at.until(lambda: len(at.lines()) == 12, "the other height")
        await at.until_seen("Thing 0.")


async def test_the_text_for_a_ticket_says_where_it_was_and_holds_no_secret() -> None:
    async with run_app(EMPTY_HUGEGRAPH, options=UTC, clock=FrozenClock()) as at:
        at.screen.show_message("The login failed: password=hunter22 is wrong.", severity="error")
        await at.press("M")
        await at.until_seen("The login failed")
        assert "hunter22" not in at.text()
        await at.press("y")
        await at.until(lambda: "login failed" in at.app.clipboard, "the text on the clipboard")
        await at.until_seen("1 message (")
        head, place, server, blank, line, end = at.app.clipboard.split("\n")
        assert head.startswith("graphtop ")
        assert head.endswith(", 2026-11-23 12:00:00 UTC")
        assert (place, server) == ("stage · DEFAULT/hugegraph", "http://stage:8080 (HugeGraph 1.7.0)")
        assert line.startswith("2026-11-23 12:00:00Z error   The login failed: ")
        assert (blank, end) == ("", "")
        assert "hunter22" not in at.app.clipboard


async def test_messages_of_another_graph_are_kept_and_say_which_it_was() -> None:
    async with run_app(QUIET, clock=FrozenClock()) as at:
        at.screen.show_message("Said here.")
        before = at.screen
        await at.press("b")
        await at.until_seen("supply_chain")
        await at.press("down", "enter")
        await at.until(lambda: at.screen is not before and at.screen.monitor is not None, "the other screen")
        await at.until(at.scanned, "the scan of the other graph")
        at.screen.show_message("Said there.")
        await at.press("M")
        await at.until_seen("Said there.")
        heads = [line for line in said_lines(at) if "stage · " in line]
        assert len(heads) == 2
        assert heads[0] != heads[1]
        assert "Said here." in at.text()
        await at.press("y")
        await at.until(lambda: "Said there." in at.app.clipboard, "the text on the clipboard")
        lines = at.app.clipboard.split("\n")
        assert any(line.endswith(f"[{heads[0].split('  ')[1]}] Said here.") for line in lines)
        assert any(line.endswith("info    Said there.") for line in lines), "the place at the top"


async def test_an_open_list_repaints_nothing_while_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_app(EMPTY_HUGEGRAPH, clock=FrozenClock()) as at:
        at.app.notify("Said.")
        await at.press("M")
        await at.until_seen("Said.")
        shown = at.app.screen.query_one(MessageList)
        painted: list[object] = []
        monkeypatch.setattr(shown, "refresh", lambda *regions, **how: painted.append(regions))
        for _ in range(5):
            shown.follow_log()
        assert painted == []
        at.app.messages.add_message("information", "New.", "")
        shown.follow_log()
        assert painted != []


async def test_an_empty_list_says_what_will_be_there() -> None:
    async with run_app(EMPTY_HUGEGRAPH, size=(60, 20), clock=FrozenClock()) as at:
        await at.press("M")
        await at.until_seen("No messages yet.")
        await at.press("q")
        await at.until(lambda: not isinstance(at.app.screen, MessagesScreen), "it closed")
        assert not at.app._exit


async def test_ten_thousand_messages_cost_no_more_than_those_that_are_kept() -> None:
    async with run_app(EMPTY_HUGEGRAPH, clock=FrozenClock()) as at:
        for number in range(10_000):
            at.app.messages.add_message("information", f"Said {number}.", "prod")
        at.app.messages.begin_action("cancel 1", "prod")
        assert len(at.app.messages) == 501
        await at.press("M")
        await at.until_seen("cancel 1")
        await at.press("g")
        await at.until_seen("Older ones are no longer kept here.")


def test_what_is_too_long_to_copy_keeps_its_end() -> None:
    log = MessageLog(lambda: NOON)
    for number in range(300):
        log.add_message("error", f"{number} " + "x" * 1000, "prod")
    text = format_messages(log.list_all(), ["graphtop"], utc=True, ascii=True)
    assert len(text) <= MAX_COPY_CHARACTERS + 100
    assert "(older ones left out)\n" in text
    assert " 299 xxx" in text
    assert " 1 xxx" not in text
