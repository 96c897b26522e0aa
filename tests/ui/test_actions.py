"""Cancel and delete as a person does them: asked, sent once, followed until the server shows the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_adapters.model import Action
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.ui.running_app import FrozenClock, RunningApp, hold_actions, run_app
from tests.unit.fakes import task
from tui.config.options import ScreenOptions
from tui.config.resolved import OriginKind, ValueOrigin
from tui.monitor.outcomes import Outcome, Report
from tui.screens.dialogs.confirm import ConfirmScreen

LONG = "Thread.sleep(3600000)"
DISTRIBUTED = replace(EMPTY_HUGEGRAPH, scheduler="distributed")
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)

BY_FLAG = ValueOrigin(OriginKind.FLAG, "--read-only")


async def _running(at: RunningApp, number: int = 1) -> list[str]:
    ids = [await at.submit(LONG) for _ in range(number)]
    await at.until_seen(f"1 Active {number}")
    return ids


async def test_cancel_is_followed_until_the_server_says_cancelled() -> None:
    async with run_app() as at:
        (task_id,) = await _running(at)
        await at.ask("C")
        await at.press("y")
        await at.until_cancelled(task_id)
        assert await at.status(task_id) == "cancelled"
        assert "5 Cancelled 1" in at.text()
        assert len(at.sent("PUT")) == 1


async def test_the_distributed_scheduler_says_400_and_obeys() -> None:
    async with run_app(DISTRIBUTED) as at:
        task_id = await at.submit(LONG)
        await at.until(lambda: "running" in at.text(), "the cron to start it")
        await at.ask("C")
        await at.press("y")
        await at.until_cancelled(task_id)
        assert await at.status(task_id) == "cancelled"
        await at.ask("delete")
        await at.press("y")
        # A 400 does not tell whose request it was.
        await at.until_seen("is gone. Another request may have deleted it.")
        assert await at.status(task_id) == "gone"
        assert (len(at.sent("PUT")), len(at.sent("DELETE"))) == (1, 1)


async def test_delete_of_a_finished_task() -> None:
    async with run_app() as at:
        task_id = await at.submit("1")
        await at.until_seen("success")
        await at.ask("ctrl+d")
        await at.press("y")
        await at.until_seen(f"Deleted {task_id}")
        assert await at.status(task_id) == "gone"
        assert "0 All 0" in at.text()


async def test_delete_of_a_running_task_is_refused_with_the_servers_words() -> None:
    async with run_app() as at:
        (task_id,) = await _running(at)
        await at.ask("delete")
        await at.press("y")
        await at.until_seen("The server refused to delete")
        assert "Please try to cancel" in " ".join(at.text().split())
        assert await at.status(task_id) == "running"
        assert len(at.sent("DELETE")) == 1


async def test_a_stuck_task_is_said_to_be_stuck_and_goes_by_force_only() -> None:
    async with run_app(QUIET) as at:
        await at.press("slash", *"invoice", "enter")
        await at.until_seen("1 of")
        stuck = at.screen.monitor.view[0].id
        await at.ask("C")
        await at.press("y")
        await at.until_seen("the task is still cancelling")
        await at.until_seen("If its server server-0 is gone, only a force delete removes it.")
        assert await at.status(stuck) == "cancelling"
        await at.press("escape", "escape")
        await at.ask("F")
        await at.press("enter")
        assert isinstance(at.app.screen, ConfirmScreen), "force is typed, enter alone is not enough"
        await at.press(*stuck, "enter")
        await at.until_seen("Force deleted")
        assert await at.status(stuck) == "gone"


async def test_no_and_escape_send_nothing() -> None:
    async with run_app() as at:
        await _running(at)
        for key in ("n", "escape", "enter"):
            await at.ask("C")
            await at.press(key)
            assert not isinstance(at.app.screen, ConfirmScreen)
        polls = len(at.sent("GET"))
        await at.until(lambda: len(at.sent("GET")) > polls + 2, "polls")
        assert at.sent("PUT") == []


async def test_marked_tasks_are_acted_on_together_and_reported_together() -> None:
    async with run_app() as at:
        ids = await _running(at, 3)
        await at.press("asterisk")
        assert "3 marked" in at.text()
        await at.ask("C")
        assert all(task_id in at.text() for task_id in ids)
        await at.press("y")
        await at.until_seen("Cancelled 3 tasks.")
        assert [await at.status(task_id) for task_id in ids] == ["cancelled"] * 3
        assert len(at.sent("PUT")) == 3
        assert "marked" not in at.text()


async def test_the_dialog_holds_its_task_while_the_table_moves() -> None:
    async with run_app() as at:
        (task_id,) = await _running(at)
        await at.ask("C")
        for _ in range(3):
            await at.submit(LONG)
        await at.until(lambda: len(at.screen.monitor.only.store) == 4, "three more tasks")
        await at.press("y")
        await at.until_cancelled(task_id)
        assert [await at.status(str(number)) for number in (2, 3, 4)] == ["running"] * 3
        assert [line.split("?")[0] for line in at.sent("PUT")] == [
            f"PUT /graphspaces/DEFAULT/graphs/hugegraph/tasks/{task_id}"
        ]


async def test_a_task_that_changed_meanwhile_is_left_alone() -> None:
    async with run_app() as at:
        (task_id,) = await _running(at)
        await at.press("p")
        await at.ask("delete")
        await at.cancel(task_id)
        await at.press("y")
        await at.until_seen("It changed from")
        assert await at.status(task_id) == "cancelled"
        assert at.sent("DELETE") == []


async def test_somebody_else_deletes_it_first() -> None:
    async with run_app() as at:
        task_id = await at.submit("1")
        await at.until_seen("success")
        await at.press("p")
        await at.ask("delete")
        await at.delete(task_id)
        await at.press("y")
        await at.until_seen("was already gone; nothing sent.")
        assert at.sent("DELETE") == []


@pytest.mark.parametrize("wrong", [Wrong.CRASH, Wrong.HTML, Wrong.CUT, Wrong.LOST, Wrong.BUSY])
async def test_a_bad_answer_to_a_cancel_is_never_repeated_and_the_end_is_looked_at(wrong: Wrong) -> None:
    async with run_app() as at:
        (task_id,) = await _running(at)
        at.server.faults.append(Fault(wrong, method="PUT"))
        await at.ask("C")
        await at.press("y")
        await at.until(
            lambda: "Not confirmed" in at.text() or "refused" in at.text() or "Cancelled" in at.text(),
            "an end of the action",
        )
        assert len(at.sent("PUT")) == 1
        said_done = f"Cancelled {task_id}" in at.text()
        assert said_done == (await at.status(task_id) == "cancelled")


async def test_read_only_shows_the_reason_and_sends_nothing() -> None:
    async with run_app(options=ScreenOptions(interval=1.0, read_only=True, read_only_origin=BY_FLAG)) as at:
        await _running(at)
        assert "read-only" in at.lines()[0]
        for key in ("C", "delete", "F"):
            await at.press(key)
            await at.until_seen("Read-only mode, set by --read-only: nothing was sent.")
            assert not isinstance(at.app.screen, ConfirmScreen)
            at.app.clear_notifications()
            await at.until_gone("Read-only mode, set by")
        assert at.sent("PUT") + at.sent("DELETE") == []


async def test_production_must_be_typed() -> None:
    async with run_app(options=ScreenOptions(interval=1.0, production=True)) as at:
        (task_id,) = await _running(at)
        assert "PRODUCTION" in at.lines()[0]
        await at.ask("C")
        await at.press("enter")
        assert isinstance(at.app.screen, ConfirmScreen)
        await at.press(*task_id, "enter")
        await at.until_cancelled(task_id)


async def test_nothing_to_cancel_is_said_at_once() -> None:
    async with run_app() as at:
        await at.submit("1")
        await at.until_seen("success")
        await at.press("C")
        await at.until_seen("has already finished")
        assert not isinstance(at.app.screen, ConfirmScreen)


async def test_an_action_is_followed_to_its_end_after_a_switch_to_another_graph(monkeypatch) -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "other"))) as at:
        (task_id,) = await _running(at)
        slow = hold_actions(at, monkeypatch)
        await at.ask("C")
        await at.press("y")
        await at.until_seen("cancelling")
        await at.press("b")
        await at.until_seen("other")
        await at.press(*"other", "enter")
        await at.until(lambda: "/other" in at.lines()[0], "the other graph")
        slow.set()
        await at.until_seen(f"hugegraph: Cancelled {task_id}")
        assert await at.status(task_id) == "cancelled"


# --- what is said --------------------------------------------------------------------------------------


def report(outcome: Outcome, number: int = 1, **more: object) -> Report:
    return Report(**{"action": Action.FORCE_DELETE, "task": task(number), "outcome": outcome, **more})


async def toasts(at: RunningApp, number: int) -> list[tuple[str, str, float]]:
    await at.until(lambda: len(at.app._notifications) == number, f"{number} toasts")
    await at.pilot.pause()
    assert len(at.app._notifications) == number
    return [(toast.said, toast.severity, toast.timeout) for toast in at.app.shown_toasts]


async def test_what_comes_back_after_the_end_is_told_until_it_is_read_and_nothing_else_is() -> None:
    async with run_app() as at:
        for outcome in Outcome:
            at.screen.presenter.operation_ended(report(outcome, words="It was written again."))
        (said,) = await toasts(at, 1)
        assert said == ("1 (job 1) reappeared. It was written again.", "error", 3600.0)


async def test_all_that_came_back_is_told_once() -> None:
    async with run_app() as at:
        for number in range(1, 41):
            at.screen.presenter.operation_ended(
                report(Outcome.CAME_BACK, number, words="It was written again.")
            )
        (said,) = await toasts(at, 1)
        assert said[0] == "40 deleted tasks reappeared.\n1 (job 1) reappeared. It was written again."


async def test_few_marked_tasks_are_sought_among_many_rows_without_going_through_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, history=60), clock=FrozenClock()) as at:
        monkeypatch.setattr(type(at.screen.monitor.view), "__iter__", None)
        await at.press("space", "space")
        await at.ask("ctrl+d")
        await at.until_seen("Delete 2 tasks?")
        assert "hidden by" not in at.text()


@pytest.mark.usefixtures("usual_toasts")
async def test_a_good_end_goes_away_and_a_bad_one_stays_until_it_is_read() -> None:
    async with run_app() as at:
        at.screen.presenter.batch_ended([])
        at.screen.presenter.batch_ended([report(Outcome.DELETED, elapsed=2.0)])
        at.screen.presenter.batch_ended([report(Outcome.REFUSED, words="No.")])
        at.screen.presenter.batch_ended([report(Outcome.DELETED), report(Outcome.GONE, 2)])
        at.screen.presenter.batch_ended([report(Outcome.DELETED), report(Outcome.NOT_SENT, 2, words="No.")])
        assert await toasts(at, 4) == [
            ("Force deleted 1 (job 1) after 2.0s.", "information", 4.0),
            ("The server refused to force delete 1 (job 1): No.", "error", 3600.0),
            ("1 deleted · 1 already gone", "information", 4.0),
            ("1 deleted · 1 not sent\n2 (job 2): No.", "error", 3600.0),
        ]


@pytest.mark.parametrize(
    ("marked", "hidden", "warning"),
    [
        (1, 1, ""),
        (2, 0, ""),
        (2, 1, "1 is hidden by the current filter."),
        (3, 2, "2 are hidden by the current filter."),
        (2, 2, "All of them are hidden by the current filter."),
    ],
)
async def test_marked_tasks_that_a_filter_hides_are_warned_of(marked: int, hidden: int, warning: str) -> None:
    async with run_app() as at:
        for number in range(marked):
            await at.submit(f"// {'hidden' if number < hidden else 'seen'}\n{LONG}")
        await at.until_seen(f"1 Active {marked}")
        await at.press("asterisk", "slash", *"seen", "enter")
        await at.until(lambda: len(at.screen.monitor.view) == marked - hidden, "the filter")
        await at.ask("C")
        said = " ".join(at.text().replace("▌", " ").replace("│", " ").split())
        assert ("hidden by the current filter" in said) is bool(warning)
        assert warning in said
        await at.press("n")


async def test_only_what_can_be_cancelled_is_asked_for_and_counted() -> None:
    async with run_app(
        replace(EMPTY_HUGEGRAPH, history=30), options=ScreenOptions(interval=1.0, production=True)
    ) as at:
        ids = await _running(at, 2)
        await at.press("asterisk", "C")
        await at.until_seen("Type 2 (the number of tasks)")
        assert "The other 30 marked tasks are skipped" in at.text()
        await at.until(at._listens, "the dialog listening")
        await at.press("2", "enter")
        await at.until_seen("Cancelled 2 tasks.")
        assert [await at.status(one) for one in ids] == ["cancelled"] * 2
        assert len(at.sent("PUT")) == 2


async def test_an_open_dialog_tells_what_became_of_its_tasks() -> None:
    async with run_app() as at:
        await _running(at, 2)
        await at.press("asterisk")
        await at.ask("C")
        await at.cancel("1")
        await at.until_seen("cancelled")
        await at.until(lambda: "finished: cancelled" in at.text(), "the news")
        await at.delete("1")
        await at.until_seen("no longer exists")
        await at.press("n")
