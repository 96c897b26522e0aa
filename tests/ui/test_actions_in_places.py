"""Acting where several places are shown: each server receives what is meant for it, and nothing else."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from backend_adapters.model import Action
from tests.ui.acting_app import PRODUCTION, READ_ONLY, ActingApp, ActingPlace, run_acting_app
from tests.ui.joint_app import company_app
from tests.ui.picture_app import ROOMY, USUAL, steps
from tests.ui.running_app import hold_actions
from tui.screens.dialogs.confirm import ConfirmScreen

DEV, STAGE, LAB = ActingPlace("dev"), ActingPlace("stage"), ActingPlace("lab")
PROD = ActingPlace("prod", PRODUCTION)
REPLICA = ActingPlace("replica", READ_ONLY)


def asks(at: ActingApp) -> bool:
    return isinstance(at.app.screen, ConfirmScreen)


async def mark_all(at: ActingApp) -> None:
    await at.press("asterisk")


async def hold_a_cancel(at: ActingApp, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Start a task at dev and one at stage, and cancel the latter: it is not sent before the event is set."""
    await at.start_tasks(1, "dev", "stage")
    at.point_at("stage", "1")
    await at.ask("C")
    let_go = hold_actions(at, monkeypatch)
    await at.press("y")
    await at.until_seen("cancelling")
    return let_go


async def test_a_cancel_over_two_servers_sends_each_its_own_ids_once() -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(2, "dev")
        await at.submit_at("stage", "Thread.sleep(3600000)")
        await at.until_seen("1 Active 3")
        await mark_all(at)
        await at.ask("C")
        shown = at.text()
        for words in ("2 places", "dev · DEFAULT/hugegraph  2 tasks", "stage · DEFAULT/hugegraph  1 task "):
            assert words in shown
        assert "production" not in shown
        await at.press("y")
        await at.until_seen("dev:hugegraph: Cancelled 2 tasks.")
        assert "stage:hugegraph: Cancelled 1 task." in at.text()
        assert (at.received("dev"), at.received("stage")) == (["1", "2"], ["1"])
        assert "5 Cancelled 3" in at.text()


async def test_of_equal_ids_only_the_one_that_is_meant_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(1, "dev", "stage")
        at.point_at("stage", "1")
        await at.ask("C")
        assert "stage · DEFAULT/hugegraph" in at.text()
        assert "Cancel task 1?" in at.text()
        let_go = hold_actions(at, monkeypatch)
        await at.press("y")
        await at.until(lambda: "cancelling" in at.row(at.key("stage", "1")), "the row being cancelled")
        assert "cancelling" not in at.row(at.key("dev", "1"))
        let_go.set()
        await at.until_seen("Cancelled stage:hugegraph 1 (")
        assert (at.received("dev"), at.received("stage")) == ([], ["1"])
        await at.until(lambda: "cancelled" in at.row(at.key("stage", "1")), "the end in its row")
        assert "running" in at.row(at.key("dev", "1"))
        await at.press("M")
        await at.until_seen("action   cancel 1 → cancelled (")
        heads = [line.strip("│ ").partition("  ")[2] for line in at.lines() if "DEFAULT" in line]
        assert heads == ["stage · DEFAULT/hugegraph"]


async def test_marks_hold_for_a_place_and_an_id() -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(2, "dev", "stage")
        at.point_at("dev", "1")
        await at.press("space")
        at.point_at("stage", "2")
        await at.press("space")
        assert "2 marked" in at.text()
        await at.ask("C")
        await at.press("y")
        await at.until_seen("stage:hugegraph: Cancelled 1 task.")
        assert (at.received("dev"), at.received("stage")) == (["1"], ["2"])


async def test_production_is_asked_of_the_tasks_place_alone() -> None:
    async with run_acting_app([PROD, DEV]) as at:
        await at.start_tasks(1, "prod", "dev")
        at.point_at("dev", "1")
        await at.ask("C")
        assert "Type" not in at.text()
        assert "dev · DEFAULT/hugegraph" in at.text()
        await at.press("n")
        at.point_at("prod", "1")
        await at.ask("C")
        assert "prod · DEFAULT/hugegraph" in at.text()
        assert " production " in at.text()
        assert "Type 1 (the task id)" in at.text()
        await at.press("y", "enter")
        assert asks(at), "y alone is not enough"
        await at.press("escape")
        assert (at.received("prod"), at.received("dev")) == ([], [])


async def test_with_one_place_of_production_the_whole_is_typed() -> None:
    async with run_acting_app([DEV, PROD]) as at:
        await at.start_tasks(2, "dev", "prod")
        await mark_all(at)
        await at.ask("C")
        assert "▲ prod · DEFAULT/hugegraph  2 tasks" in at.text()
        assert "2 places, 1 of them production" in at.text()
        assert "Type 4 (the number of tasks in 2 places)" in at.text()
        await at.press("y", "enter")
        assert asks(at)
        await at.press("backspace", "4", "enter")
        await at.until_seen("prod:hugegraph: Cancelled 2 tasks.")
        assert (at.received("dev"), at.received("prod")) == (["1", "2"], ["1", "2"])


async def test_each_place_of_very_many_tasks_is_in_sight_before_any_scroll() -> None:
    async with run_acting_app([DEV, PROD], size=USUAL) as at:
        await at.start_tasks(4, "dev", "prod")
        await mark_all(at)
        await at.ask("C")
        assert "▲ prod:hugegraph 4" not in at.text(), "the heads in the list say it"
        await at.press("escape")
        await at.start_tasks(14, "dev", "prod", begun=8)
        await mark_all(at)
        await at.ask("C")
        await at.until_seen("▲ prod:hugegraph 18 · dev:hugegraph 18")
        assert "dev · DEFAULT/hugegraph  18 tasks" not in at.text(), "its head is far below"
        assert "Type 36 (the number of tasks in 2 places)" in at.text()


async def test_places_where_nothing_can_be_done_are_left_out_and_said() -> None:
    async with run_acting_app([DEV, REPLICA, LAB]) as at:
        await at.start_tasks(2, "dev", "replica", "lab")
        await mark_all(at)
        await at.silence("lab")
        await at.ask("C")
        words = " ".join(at.text().replace("│", " ").replace("▌", " ").split())
        assert "Cancel 2 tasks?" in words
        assert "Left out: 2 tasks of replica · DEFAULT/hugegraph: it is read-only." in words
        assert "Left out: 2 tasks of lab · DEFAULT/hugegraph: it does not answer." in words
        await at.press("y")
        await at.until_seen("Cancelled 2 tasks.")
        assert at.received("dev") == ["1", "2"]
        assert (at.received("replica"), at.received("lab")) == ([], [])


async def test_why_nothing_can_be_done_with_the_selected_task_names_its_place() -> None:
    async with run_acting_app([DEV, REPLICA, LAB]) as at:
        await at.start_tasks(1, "dev", "replica", "lab")
        at.point_at("replica", "1")
        for key in ("C", "ctrl+d", "delete", "F"):
            await at.press(key)
            await at.until_seen("replica:hugegraph: Read-only mode, set by")
            assert not asks(at)
            at.app.clear_notifications()
        await at.silence("lab")
        at.point_at("lab", "1")
        await at.press("C")
        await at.until_seen("lab:hugegraph: The server can't be reached, so nothing was sent.")
        at.point_at("dev", "1")
        await at.ask("C")
        await at.press("n")
        assert [at.received(name) for name in at.servers] == [[], [], []]


async def test_the_footer_greys_what_the_place_of_the_selected_task_can_not_do() -> None:
    async with run_acting_app([DEV, REPLICA]) as at:
        await at.start_tasks(1, "dev", "replica")

        def can_cancel() -> bool:
            return at.screen.check_action("act_on_tasks", (Action.CANCEL.value,)) is True

        at.point_at("replica", "1")
        assert not can_cancel()
        at.point_at("dev", "1")
        assert can_cancel()
        await at.silence("dev")
        assert not can_cancel()


async def test_where_no_marked_place_can_do_it_nothing_is_asked() -> None:
    async with run_acting_app([DEV, REPLICA, LAB]) as at:
        await at.start_tasks(1, "replica", "lab")
        await mark_all(at)
        await at.silence("lab")
        for key in ("C", "delete"):
            await at.press(key)
            await at.until_seen("None of these 2 places can do it. ")
            assert not asks(at)
            at.app.clear_notifications()
        assert [at.received(name) for name in at.servers] == [[], [], []]


async def test_what_has_ended_where_it_could_be_cancelled_does_not_hide_why_the_rest_can_not() -> None:
    async with run_acting_app([DEV, REPLICA]) as at:
        await at.submit_at("dev", "1")
        await at.until_seen("3 Success 1")
        await at.start_tasks(1, "replica")
        await mark_all(at)
        assert "2 marked" in at.text()
        await at.press("C")
        await at.until_seen("replica:hugegraph: Read-only mode, set by")
        assert not asks(at)


async def test_a_row_of_a_place_that_does_not_answer_is_not_marked() -> None:
    async with run_acting_app([DEV, LAB]) as at:
        await at.start_tasks(1, "dev", "lab")
        await at.silence("lab")
        at.point_at("lab", "1")
        await at.press("space")
        await at.until_seen("Rows of a place that does not answer can't be marked.")
        assert at.screen.parts.table.marks == ()


async def test_an_open_dialog_hears_of_its_own_task_and_not_of_another_with_the_same_id() -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(2, "dev", "stage")
        at.point_at("dev", "1")
        await at.press("space")
        at.point_at("dev", "2")
        await at.press("space")
        await at.ask("C")
        await at.cancel_at("stage", "1")
        monitor = at.screen.monitor
        assert monitor is not None
        await at.until(
            lambda: monitor.tasks.find_task(at.key("stage", "1")).status.is_finished, "the end of the other"
        )
        assert "Cancel 2 tasks?" in at.text()
        assert "finished: cancelled" not in at.text()
        await at.cancel_at("dev", "1")
        await at.until_seen("finished: cancelled")
        assert "Cancel 1 of 2 tasks?" in at.text()


async def test_x_stops_the_sending_in_all_places(monkeypatch: pytest.MonkeyPatch) -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(6, "dev", "stage")
        await mark_all(at)
        await at.ask("C")
        let_go = hold_actions(at, monkeypatch)
        await at.press("y")
        begun = {one for place in at.screen.monitor.places for one in place.operations._operations}

        def held() -> bool:
            begun.update(one for place in at.screen.monitor.places for one in place.operations._operations)
            return sum(one.begun for one in begun) == 8

        await at.until(held, "four in each place under way")
        await at.press("X")
        await at.until_seen("Stopped: 4 requests were not sent.")
        let_go.set()
        await at.until_seen("stage:hugegraph: 4 cancelled · 2 not sent")
        assert "dev:hugegraph: 4 cancelled · 2 not sent" in at.text()
        assert (len(at.received("dev")), len(at.received("stage"))) == (4, 4)


async def test_what_is_under_way_in_a_place_that_is_left_is_followed_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        let_go = await hold_a_cancel(at, monkeypatch)
        at.screen.monitor.remove_place(at.place("stage"))
        await at.until_gone("stage:hugegraph")
        await at.press("q")
        await at.until_seen("1 action is not confirmed yet. Press q again")
        let_go.set()
        await at.until_seen("Cancelled stage:hugegraph 1 (")
        assert (at.received("dev"), at.received("stage")) == ([], ["1"])


async def test_reports_that_come_once_another_place_is_looked_at_have_the_whole_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        let_go = await hold_a_cancel(at, monkeypatch)
        factory, dev = at.app._factory, at.place("dev").place
        assert dev is not None
        destination = factory.find_destination(dev)
        assert destination is not None
        at.app.open_place(destination)
        await at.until(lambda: at.scanned() and not at.screen.monitor.is_joint, "the other place alone")
        await at.press("q")
        await at.until_seen("1 action is not confirmed yet. Press q again")
        let_go.set()
        await at.until_seen("Cancelled stage:DEFAULT/hugegraph/1 (")
        assert (at.received("dev"), at.received("stage")) == ([], ["1"])


async def test_a_place_that_is_left_while_the_dialog_is_open_gets_nothing() -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(1, "dev", "stage")
        await mark_all(at)
        await at.ask("C")
        at.screen.monitor.remove_place(at.place("stage"))
        await at.press("y")
        await at.until_seen("stage:hugegraph 1 (Thread.sleep(3600000)): Its place is no longer watched")
        assert (at.received("dev"), at.received("stage")) == (["1"], [])
        await at.press("M")
        await at.until_seen("cancel 1 → not sent (")
        assert "under way" not in at.text()


async def test_each_line_of_the_journal_has_the_place_of_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state" / "journal.jsonl"
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(path))
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(1, "dev", "stage")
        await mark_all(at)
        await at.ask("C")
        await at.press("y")
        await at.until_seen("stage:hugegraph: Cancelled 1 task.")
    written = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert {(one["profile"], one["graph"], one["id"]) for one in written} == {
        ("dev", "DEFAULT/hugegraph", "1"),
        ("stage", "DEFAULT/hugegraph", "1"),
    }


async def test_copied_messages_name_the_place_of_each_action() -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        await at.start_tasks(1, "dev", "stage")
        await mark_all(at)
        await at.ask("C")
        await at.press("y")
        await at.until_seen("stage:hugegraph: Cancelled 1 task.")
        await at.press("M")
        await at.until_seen("stage:hugegraph: Cancelled 1 task.")
        await at.press("y")
        await at.until(lambda: "cancel 1" in at.app.clipboard, "the text on the clipboard")
        lines = [line for line in at.app.clipboard.split("\n") if "cancel 1" in line]
        assert len(lines) == 2
        assert "[dev · DEFAULT/hugegraph] cancel 1 → cancelled (" in lines[0]
        assert "[stage · DEFAULT/hugegraph] cancel 1 → cancelled (" in lines[1]


async def test_names_of_places_are_drawn_as_text() -> None:
    evil = ActingPlace("a[/x]\x1b]0;t\x07b")
    async with run_acting_app([evil, REPLICA]) as at:
        await at.start_tasks(1, evil.profile, "replica")
        at.point_at(evil.profile, "1")
        await at.ask("C")
        assert "a[/x]␛]0;t␇b · DEFAULT/hugegraph" in at.text()
        await at.press("y")
        await at.until_seen("Cancelled a[/x]␛]0;t␇b:hugegraph 1 (")


async def test_a_job_is_created_in_one_place_only() -> None:
    async with run_acting_app([DEV, STAGE]) as at:
        at.screen.action_create_job()
        await at.until_seen("Several places are shown. Open one of them first: press A and enter.")


# --- pictures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "options"),
    [
        (USUAL, {}),
        (ROOMY, {}),
        (USUAL, {"ascii": True, "theme": "ansi-dark"}),
        (ROOMY, {"theme": "graphtop-light"}),
    ],
    ids=["80x24", "120x36", "ascii", "light"],
)
def test_a_cancel_over_places(snap_compare, size: tuple[int, int], options: dict[str, object]) -> None:
    keys = steps("1", "asterisk", "C")
    assert snap_compare(company_app(**options), terminal_size=size, run_before=keys)


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_delete_of_all_tasks_of_many_places(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(company_app(), terminal_size=size, run_before=steps("asterisk", "delete"))


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_delete_over_places_that_is_listed_by_place(snap_compare, size: tuple[int, int]) -> None:
    async def mark_some(pilot: Pilot) -> None:
        await steps("3")(pilot)
        await pilot.press(*["space"] * 6)
        await steps("delete")(pilot)

    assert snap_compare(company_app(), terminal_size=size, run_before=mark_some)
