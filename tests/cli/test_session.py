"""How much of a server's history a command reads, and what its actions do besides."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
from pathlib import Path
from typing import TextIO

import pytest
from msgspec.structs import replace

from backend_adapters.errors import (
    BackendError,
    BadAnswer,
    BadValue,
    Busy,
    NoSuchGraph,
    NoSuchTask,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    TimedOut,
    Unreachable,
    Unsupported,
    WrongClock,
)
from backend_adapters.model import Ability, Action, TaskStatus
from tests.cli.fake_session import FakeSession, options_of, standard_input
from tests.unit import fakes
from tests.unit.fakes import START, FakeServer, LostNode, S, make_answer, task
from tui.cli import exit_codes
from tui.cli.commands import ls, purge, submit, wait
from tui.cli.commands.wait import make_wait_record
from tui.cli.errors import CommandError
from tui.cli.exit_codes import combine_codes, exit_code_of
from tui.cli.output.records import report_record
from tui.cli.work.session import Session
from tui.cli.work.task_actions import ActionOptions, act_on_ids, exit_code_of_report
from tui.cli.work.waiter import LOST_FOR, TaskWaiter, WaitResult, judge_task
from tui.monitor.filters import Filter, compile_filter
from tui.monitor.journal import reader
from tui.monitor.journal.file import JournalError
from tui.monitor.outcomes import Outcome, Report

pytestmark = pytest.mark.usefixtures("long_lines")

DAY = 86_400_000
PAGE = 100


def history(count: int, *, running: tuple[int, ...] = ()) -> list:
    """Tasks 1 to `count`, a minute apart."""
    return [
        task(
            number,
            S.RUNNING if number in running else S.SUCCESS,
            created=START - DAY + number * 60_000,
            updated=START - DAY + number * 60_000 + 5_000,
        )
        for number in range(1, count + 1)
    ]


async def listed(
    rig: FakeSession, capsys, *words: str, sort: str = "age", limit: int = 20, reverse=False
) -> list[str]:
    rig.backend.batch = PAGE
    chosen = options_of(ls.Options, sort=sort, limit=limit, reverse=reverse, format="id")
    assert await ls._list_tasks(rig.session, chosen, compile_filter(" ".join(words))) == 0
    return capsys.readouterr().out.split()


async def test_the_newest_need_the_first_batch_only(capsys) -> None:
    rig = FakeSession(*history(5000))
    assert await listed(rig, capsys) == [str(number) for number in range(5000, 4980, -1)]
    assert len(rig.asked("page")) == 1
    assert rig.backend.snapshots_ended == 1, "the scan was closed"


@pytest.mark.parametrize("words", [(), ("status=active",)])
async def test_what_runs_stands_where_its_age_puts_it(capsys, words) -> None:
    rig = FakeSession(*history(60, running=(3, 40)))
    shown = [str(number) for number in ((40, 3) if words else range(60, 0, -1))]
    assert await listed(rig, capsys, *words, limit=0) == shown
    assert await listed(rig, capsys, *words, limit=1) == shown[:1]


async def test_what_is_born_while_it_reads_is_listed(capsys) -> None:
    rig = FakeSession(*history(500))
    original = rig.backend.changes

    async def changes(known):
        rig.backend.put(task(501, S.RUNNING, created=START))
        return await original(known)

    rig.backend.changes = changes
    assert (await listed(rig, capsys))[:2] == ["501", "500"]


@pytest.mark.parametrize(
    ("words", "pages"),
    [
        (("status=running",), 1),
        (("status=running,queued", "type=gremlin"), 1),
        (("status=active",), 1),
        (("name=job",), 1),
        (("status=success",), 1),
        (("status=failed",), 10),
        (("status!=success",), 10),
        (('"status=running"',), 10),
        (("/status=running /",), 10),
        (("nothing-has-this-name",), 10),
    ],
)
async def test_a_filter_reads_as_much_as_it_needs(capsys, words, pages) -> None:
    rig = FakeSession(*history(1000))
    await listed(rig, capsys, *words)
    assert len(rig.asked("page")) == pages


@pytest.mark.parametrize(
    ("more", "pages"),
    [
        ({"sort": "took"}, 10),
        ({"reverse": True}, 10),
        ({"limit": 0}, 10),
        ({"limit": 101}, 10),
        ({"limit": 100}, 1),
    ],
)
async def test_other_orders_and_longer_lists_need_all(capsys, more, pages) -> None:
    rig = FakeSession(*history(1000))
    await listed(rig, capsys, **more)
    assert len(rig.asked("page")) == pages


@pytest.mark.parametrize(("words", "pages"), [((), 10), (("name=job",), 10), (("status=running",), 1)])
async def test_where_nothing_tells_which_are_the_newest_all_are_read(capsys, words, pages) -> None:
    rig = FakeSession(*history(1000))
    rig.backend.scattered = True
    await listed(rig, capsys, *words)
    assert len(rig.asked("page")) == pages


async def test_sorting_and_reversing(capsys) -> None:
    rows = [task(1, S.SUCCESS, name="b", updated=START + 3), task(2, S.SUCCESS, name="a", updated=START + 9)]
    for sort, reverse, order in (
        ("age", False, "21"), ("age", True, "12"), ("name", False, "21"), ("name", True, "12"),
        ("took", False, "21"), ("took", True, "12"), ("id", False, "21"),
    ):  # fmt: skip
        assert "".join(await listed(FakeSession(*rows), capsys, sort=sort, reverse=reverse)) == order, (
            sort,
            reverse,
        )


@pytest.mark.parametrize(
    ("rows", "words", "limit", "said"),
    [
        (0, (), 50, "graphtop: fake · g: No tasks, or none this user is allowed to see.\n"),
        (1, ("x-y",), 50, "graphtop: fake · g: No matches (1 task filtered out).\n"),
        (1001, ("x-y",), 50, "graphtop: fake · g: No matches (1,001 tasks filtered out).\n"),
        (3, (), 5, ""),
        (1000, (), 20, "graphtop: Showing the newest 20; use --limit 0 to show all.\n"),
        (1000, (), 1, "graphtop: Showing the newest 1; use --limit 0 to show all.\n"),
        (1200, ("!x-y",), 1100, "graphtop: Showing the newest 1,100 of 1,200; use --limit 0 to show all.\n"),
        (30, ("status=success",), 0, ""),
        (0, (), 0, "graphtop: fake · g: No tasks, or none this user is allowed to see.\n"),
    ],
)
async def test_it_is_said_what_is_not_listed(capsys, rows, words, limit, said) -> None:
    rig = FakeSession(*history(rows))
    rig.backend.batch = PAGE
    chosen = options_of(ls.Options, sort="age", limit=limit, reverse=False, format="id")
    assert await ls._list_tasks(rig.session, chosen, compile_filter(" ".join(words))) == 0
    out, err = capsys.readouterr()
    assert len(out.split()) == (0 if "x-y" in words else min(rows, limit or rows))
    assert err == said


@pytest.mark.parametrize(
    ("sort", "reverse", "which"),
    [("age", False, "newest"), ("created", True, "oldest"), ("id", False, "first")],
)
async def test_which_tasks_are_listed_follows_the_order(capsys, sort: str, reverse: bool, which: str) -> None:
    rig = FakeSession(*history(9))
    chosen = options_of(ls.Options, sort=sort, limit=4, reverse=reverse, format="id")
    assert await ls._list_tasks(rig.session, chosen, compile_filter("")) == 0
    assert f"Showing the {which} 4" in capsys.readouterr().err


async def test_times_out_of_order_are_not_taken_for_the_newest(capsys) -> None:
    # The first page ends with a task that is older than what comes on the second page.
    rows = [task(number, S.SUCCESS, created=START - DAY + number * 60_000) for number in range(1, 201)]
    rows[150] = task(151, S.SUCCESS, created=START - 2 * DAY)
    rig = FakeSession(*rows)
    assert len(await listed(rig, capsys, limit=100)) == 100
    assert len(rig.asked("page")) == 1, "a hundred are younger than the oldest, which itself is among them"
    rig = FakeSession(*rows)
    assert len(await listed(rig, capsys, limit=101)) == 101
    assert len(rig.asked("page")) == 2


async def test_a_finished_task_without_a_time_means_that_all_are_read(capsys) -> None:
    rows = history(200)
    rows[199] = task(200, S.SUCCESS, created=None)
    rig = FakeSession(*rows)
    await listed(rig, capsys, limit=5)
    assert len(rig.asked("page")) == 2


async def test_where_nothing_has_finished_all_are_read(capsys) -> None:
    rig = FakeSession(*history(200, running=tuple(range(101, 201))))
    assert len(await listed(rig, capsys, limit=5)) == 5
    assert len(rig.asked("page")) == 2


async def test_a_list_is_a_table_on_a_terminal_with_graphs_where_there_are_several(
    capsys, monkeypatch
) -> None:
    can = replace(fakes.INFO.capabilities, has_graphs=True)
    monkeypatch.setattr(fakes, "INFO", replace(fakes.INFO, capabilities=can))
    rig = FakeSession(task(1, S.SUCCESS, created=START - 65_000, updated=START - 60_000, graph="ledger"))
    chosen = options_of(ls.Options, sort="age", limit=5, reverse=False, format="table")
    assert await ls._list_tasks(rig.session, chosen, compile_filter("")) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["ID", "STATUS", "TYPE", "GRAPH", "NAME", "AGE", "TOOK"]
    assert line.split() == ["1", "✓", "success", "gremlin", "ledger", "job", "1", "1m", "5s"]


@pytest.mark.parametrize(
    ("words", "only"),
    [
        ("status=running", True),
        ("status=RUNNING,queued name=x", True),
        ("name=x status=waiting,active", True),
        ("status=running,failed", False),
        ("status=", False),
        ("nostatus=running", False),
        ('name="x" status=running', False),
        ("/a/ status=running", False),
    ],
)
def test_only_the_unfinished_are_asked_for(words: str, only: bool) -> None:
    assert ls._only_unfinished(Filter(text=words)) is only


async def test_how_far_reading_is_is_shown_and_taken_away(capsys, stderr_terminal) -> None:
    rig = FakeSession(*history(1200))
    rig.backend.batch, rig.backend.batch_note = 1000, "One record could not be read."
    assert await rig.session.read_all()
    assert capsys.readouterr().err == (
        "\r\x1b[K1,000 tasks read\r\x1b[K1,200 tasks read\r\x1b[Kgraphtop: One record could not be read.\n"
    )
    assert rig.backend.snapshots_ended == 1


# --- actions -----------------------------------------------------------------------------------------


async def test_each_end_is_a_line_and_nothing_is_sent_in_vain(capsys) -> None:
    rig = FakeSession(task(1), task(2, S.SUCCESS))
    code = await rig.clock.wait_for(
        act_on_ids(rig.session, Action.CANCEL, options_of(ActionOptions, ids=["1", "2", "3"]))
    )
    assert code == exit_codes.PARTLY
    lines = sorted(capsys.readouterr().out.splitlines(), key=lambda line: line.split()[1])
    assert [" ".join(line.split()[1:3]) for line in lines] == [
        "1 cancelled",
        "2 finished",
        "3 not",
    ]
    assert rig.backend.acts == {"1": 1}


@pytest.mark.usefixtures("stderr_terminal", "long_lines")
async def test_at_a_terminal_it_is_told_what_is_waited_for_once_that_takes_long(capsys) -> None:
    rig = FakeSession(task(1), task(2), server=LostNode())
    await rig.clock.wait_for(
        act_on_ids(rig.session, Action.CANCEL, options_of(ActionOptions, ids=["1", "2"]))
    )
    told = capsys.readouterr().err
    assert "\r\x1b[KWaiting until the server shows the end of 1, 2.\r" in told
    assert told.count("Waiting") == 1


@pytest.mark.usefixtures("stderr_terminal", "long_lines")
async def test_what_ends_at_once_needs_no_word_of_waiting(capsys) -> None:
    rig = FakeSession(task(1))
    await rig.clock.wait_for(act_on_ids(rig.session, Action.CANCEL, options_of(ActionOptions, ids=["1"])))
    assert "Waiting" not in capsys.readouterr().err


async def test_without_a_terminal_nothing_is_told_of_waiting(capsys) -> None:
    rig = FakeSession(task(1), server=LostNode())
    await rig.clock.wait_for(act_on_ids(rig.session, Action.CANCEL, options_of(ActionOptions, ids=["1"])))
    assert capsys.readouterr().err == ""


async def test_a_record_that_can_not_be_read_is_not_called_missing(capsys) -> None:
    rig = FakeSession(task(1), task(2))
    rig.backend.unreadable = {"2"}
    code = await rig.clock.wait_for(
        act_on_ids(rig.session, Action.CANCEL, options_of(ActionOptions, ids=["1", "2"]))
    )
    assert code == exit_codes.PARTLY
    assert " 2 not sent: Its record can't be read" in capsys.readouterr().out
    assert rig.backend.acts == {"1": 1}


async def test_what_a_server_can_not_do_is_refused(monkeypatch) -> None:
    can = replace(fakes.INFO.capabilities, force_delete=Ability(False, "It has no force delete."))
    monkeypatch.setattr(fakes, "INFO", replace(fakes.INFO, capabilities=can))
    rig = FakeSession(task(1))
    with pytest.raises(Unsupported) as refused:
        await rig.clock.wait_for(
            act_on_ids(rig.session, Action.FORCE_DELETE, options_of(ActionOptions, ids=["1"]))
        )
    assert exit_codes.exit_code_of(refused.value) == exit_codes.NOT_ALLOWED
    assert not rig.backend.acts


async def test_a_task_that_was_cancelled_already_is_done(capsys) -> None:
    rig = FakeSession(task(1, S.CANCELLED))
    assert (
        await rig.clock.wait_for(act_on_ids(rig.session, Action.CANCEL, options_of(ActionOptions, ids=["1"])))
        == exit_codes.OK
    )
    assert capsys.readouterr().out == "✓ 1 already cancelled\n"
    assert not rig.backend.acts


@pytest.mark.parametrize(
    ("outcome", "last", "kept", "code"),
    [
        (Outcome.CANCELLED, S.CANCELLED, True, exit_codes.OK),
        (Outcome.DELETED, None, True, exit_codes.OK),
        (Outcome.GONE, None, True, exit_codes.OK),
        (Outcome.GONE_MEANWHILE, None, True, exit_codes.OK),
        (Outcome.ALREADY_CANCELLED, S.CANCELLED, True, exit_codes.OK),
        (Outcome.FINISHED_FIRST, S.SUCCESS, True, exit_codes.FAILED),
        (Outcome.CHANGED, S.RUNNING, True, exit_codes.FAILED),
        (Outcome.CHANGED, S.CANCELLED, True, exit_codes.FAILED),
        (Outcome.CAME_BACK, S.RUNNING, True, exit_codes.FAILED),
        (Outcome.REFUSED, S.RUNNING, True, exit_codes.NOT_ALLOWED),
        (Outcome.UNCONFIRMED, S.RUNNING, True, exit_codes.NOT_CONFIRMED),
        (Outcome.NOT_SENT, S.RUNNING, True, exit_codes.UNREACHABLE),
        (Outcome.NOT_SENT, S.RUNNING, False, exit_codes.FAILED),
    ],
)
def test_each_end_has_its_exit_code_and_is_good_where_that_is_zero(outcome, last, kept, code) -> None:
    now = None if last is None else task(1, last)
    report = Report(action=Action.CANCEL, task=task(1), outcome=outcome, last=now, in_journal=kept)
    assert exit_code_of_report(report) == code
    assert report_record(report).ok is (code == exit_codes.OK)


def test_a_delete_of_a_cancelled_task_that_changed_is_not_done() -> None:
    report = Report(action=Action.DELETE, task=task(1), outcome=Outcome.CHANGED, last=task(1, S.CANCELLED))
    assert exit_code_of_report(report) == exit_codes.FAILED


LOOKING = "graphtop: Watching for 35 s in case a running job recreates its record. Press Ctrl+C to leave.\n"


@pytest.mark.parametrize(
    ("action", "status", "looks"),
    [
        (Action.FORCE_DELETE, S.RUNNING, True),
        (Action.FORCE_DELETE, S.SUCCESS, False),
        (Action.DELETE, S.SUCCESS, False),
    ],
)
async def test_what_was_running_is_looked_for_after_a_force_delete(capsys, action, status, looks) -> None:
    rig = FakeSession(task(1, status), task(2, S.FAILED))
    rig.backend.later(20, lambda: rig.backend.put(task(1, S.RUNNING)))
    began = rig.clock.time
    code = await rig.clock.wait_for(
        act_on_ids(rig.session, action, options_of(ActionOptions, ids=["1", "2"]))
    )
    out, err = capsys.readouterr()
    assert err == (LOOKING if looks else "")
    assert (rig.clock.time - began > 30) is looks
    assert code == (exit_codes.PARTLY if looks else exit_codes.OK)
    assert ("1 came back" in out) is looks


async def test_a_refused_force_delete_is_not_looked_after(capsys) -> None:
    rig = FakeSession(task(1), server=No(1))
    code = await rig.clock.wait_for(
        act_on_ids(rig.session, Action.FORCE_DELETE, options_of(ActionOptions, ids=["1"]))
    )
    assert (code, capsys.readouterr().err) == (exit_codes.NOT_ALLOWED, "")


async def test_how_many_are_left_is_shown_on_a_terminal(capsys, stderr_terminal) -> None:
    rig = FakeSession(*(task(number, S.SUCCESS) for number in (1, 2, 3)))
    await rig.clock.wait_for(
        act_on_ids(rig.session, Action.DELETE, options_of(ActionOptions, ids=["1", "2", "3"]))
    )
    shown = capsys.readouterr().err.split("\r\x1b[K")
    assert [line for line in shown if line] == ["delete: 2 tasks left", "delete: 1 task left"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoSuchTask("x"), exit_codes.NOT_FOUND),
        (NoSuchGraph("x"), exit_codes.NOT_FOUND),
        (NotLoggedIn("x"), exit_codes.NOT_ALLOWED),
        (NotAllowed("x"), exit_codes.NOT_ALLOWED),
        (Refused("x"), exit_codes.NOT_ALLOWED),
        (BadValue("x", param="p"), exit_codes.USAGE),
        (Unsupported("x"), exit_codes.NOT_ALLOWED),
        (WrongClock("x"), exit_codes.NOT_ALLOWED),
        (Unreachable("x"), exit_codes.UNREACHABLE),
        (TimedOut("x"), exit_codes.UNREACHABLE),
        (ServerFault("x"), exit_codes.UNREACHABLE),
        (BadAnswer("x"), exit_codes.UNREACHABLE),
        (JournalError("x"), exit_codes.FAILED),
    ],
)
def test_each_error_has_its_exit_code(error: BackendError, code: int) -> None:
    assert exit_code_of(error) == code


def test_codes_together() -> None:
    assert [combine_codes(many) for many in ([], [0, 0], [3], [1, 1], [0, 3], [1, 3])] == [0, 0, 3, 1, 7, 7]


async def test_a_signal_stops_the_sending_once_and_ends_the_work_then(capsys) -> None:
    rig = FakeSession(*(task(number) for number in range(1, 21)))
    session: Session = rig.session
    assert not session.stop_sending(), "nothing is under way"
    rig.backend.gates["act"] = asyncio.Event()
    await session.refresh_tasks([str(number) for number in range(1, 21)])
    doing = asyncio.ensure_future(
        session.carry_out(Action.CANCEL, list(session.store.tasks.values()), lambda _: None)
    )
    await rig.clock.advance(0.1)
    assert session.stop_sending()
    assert capsys.readouterr().err == (
        "graphtop: Stopping: nothing more is sent, and what was sent is followed to its end."
        " Press Ctrl+C again to leave now.\n"
    )
    assert not session.stop_sending(), "the second one leaves"
    rig.backend.gates["act"].set()
    reports = await rig.clock.wait_for(doing)
    outcomes = [report.outcome for report in reports]
    assert (outcomes.count(Outcome.CANCELLED), outcomes.count(Outcome.NOT_SENT)) == (4, 16)


async def test_once_an_action_has_ended_a_signal_ends_the_work() -> None:
    rig = FakeSession(task(1))
    await rig.clock.wait_for(rig.session.carry_out(Action.CANCEL, [task(1)], lambda _: None))
    assert not rig.session.stop_sending()


# --- purge -------------------------------------------------------------------------------------------


class No(FakeServer):
    """Deletes nothing from a certain id on."""

    def __init__(self, first: int) -> None:
        self.first = first

    def act(self, backend, action, task_id):
        if int(task_id) >= self.first:
            return make_answer(400, "Can't delete it", patience=2.0)
        return super().act(backend, action, task_id)


async def purged(rig: FakeSession, capsys, **chosen) -> tuple[int, str, str]:
    usual = {"older_than": 3_600_000, "status": frozenset({S.SUCCESS})}
    chosen = options_of(purge.Options, **usual | chosen)
    code = await rig.clock.wait_for(purge._purge_tasks(rig.session, chosen, compile_filter("")))
    out, err = capsys.readouterr()
    return code, out, err


async def test_a_purge_deletes_the_old_ones_of_a_status(capsys) -> None:
    young = task(900, S.SUCCESS, created=START - DAY, updated=START - 60_000)
    rig = FakeSession(*history(120, running=(3,)), task(121, S.FAILED, created=START - DAY), young)
    code, out, err = await purged(rig, capsys)
    assert (code, out) == (0, "")
    assert err.startswith(
        "119 tasks: 119 success\n  oldest: task 1, finished 2027-01-14T08:01:05.000Z (23h58m ago)"
    )
    assert "newest: task 120, finished" in err
    assert err.endswith("Deleted 119 tasks.\n")
    assert set(rig.backend.tasks) == {"3", "121", "900"}
    assert rig.backend.most_in_flight["act"] <= 4


async def test_a_purge_hides_a_secret_that_its_preview_cuts(capsys) -> None:
    name = f"load from https://admin:{40 * 'hunter2'}@graph.example/"
    _, _, err = await purged(
        FakeSession(*(replace(one, name=name) for one in history(2))), capsys, dry_run=True
    )
    assert "load from https://admin:" in err
    assert "hunter2" not in err


async def test_a_purge_deletes_nothing_too_early_by_a_clock_that_is_ahead(capsys) -> None:
    old = task(1, S.SUCCESS, created=START - 3 * DAY, updated=START - 2 * DAY)
    young = task(2, S.SUCCESS, created=START - 120_000, updated=START - 60_000)
    rig = FakeSession(old, young)
    rig.backend.clock_ahead = 60 * DAY / 1000
    code, _, err = await purged(rig, capsys, older_than=DAY)
    assert (code, set(rig.backend.tasks)) == (0, {"2"})
    assert err.startswith(
        "The server's clock is 60d ahead of this machine's. Ages here are by this machine's clock.\n"
        "1 task: 1 success\n  oldest: task 1, finished 2027-01-13T08:00:00.000Z (2d ago)"
    )


async def test_a_purge_deletes_nothing_too_early_by_a_clock_that_is_behind(capsys) -> None:
    born = START - 60 * DAY
    rig = FakeSession(task(1, S.SUCCESS, created=born - 120_000, updated=born - 60_000))
    rig.backend.clock_ahead = -60 * DAY / 1000
    code, _, err = await purged(rig, capsys, older_than=DAY)
    assert (code, set(rig.backend.tasks)) == (0, {"1"})
    assert err.startswith("Nothing to delete")


async def test_a_purge_stops_at_a_run_of_refusals(capsys) -> None:
    rig = FakeSession(*history(500), server=No(21))
    code, out, err = await purged(rig, capsys)
    assert code == exit_codes.PARTLY
    assert "Stopping: the last 5 tasks were not deleted." in err
    assert err.splitlines()[-1].startswith("Deleted 20 of 500 tasks · ")
    assert "✗ 21 refused" in out or "x 21 refused" in out
    assert sum(rig.backend.acts.values()) < 60, "it sent on and on"
    assert "not sent" not in out


async def test_what_others_deleted_during_a_purge_is_not_called_its_own(capsys) -> None:
    class Shared(FakeServer):
        def act(self, backend, action, task_id):
            if int(task_id) > 20:
                backend.drop(task_id)
            return super().act(backend, action, task_id)

    code, out, err = await purged(FakeSession(*history(30), server=Shared()), capsys)
    assert (code, out) == (exit_codes.OK, "")
    assert err.splitlines()[-1] == "Deleted 30 of 30 tasks (10 perhaps by someone else)"


async def test_a_purge_that_deletes_nothing_is_refused(capsys) -> None:
    code, _, err = await purged(FakeSession(*history(500), server=No(1)), capsys)
    assert code == exit_codes.NOT_ALLOWED
    assert "Deleted 0 of 500 tasks" in err


async def test_a_dry_run_sends_nothing_even_in_read_only(capsys) -> None:
    rig = FakeSession(*history(30), read_only=True)
    code, out, _ = await purged(rig, capsys, dry_run=True, format="id", yes=False)
    assert (code, out.split()) == (0, [str(number) for number in range(1, 31)])
    assert not rig.backend.acts


async def test_nothing_to_purge_is_done(capsys) -> None:
    code, _, err = await purged(FakeSession(task(1)), capsys)
    assert (code, "Nothing to delete" in err) == (0, True)


async def test_without_an_end_the_creation_counts_and_without_both_nothing_is_deleted(capsys) -> None:
    rig = FakeSession(task(1, S.SUCCESS, created=START - DAY), task(2, S.SUCCESS, created=None))
    await purged(rig, capsys)
    assert set(rig.backend.tasks) == {"2"}


async def test_ends_that_can_not_be_are_left_out_and_told(capsys) -> None:
    old = START - DAY
    rig = FakeSession(
        task(1, S.SUCCESS, created=old, updated=old + 5_000),
        task(2, S.SUCCESS, created=0, updated=old),
        task(3, S.SUCCESS, created=old // 1000, updated=old // 1000),
        task(4, S.SUCCESS, created=old, updated=old - 3 * 365 * DAY),
        task(5, S.SUCCESS, created=None, updated=None),
        task(6, S.SUCCESS, created=old, updated=old - 30_000),
        task(7, S.FAILED, created=0, updated=0),
    )
    code, _, err = await purged(rig, capsys)
    assert (code, set(rig.backend.tasks)) == (0, {"2", "3", "4", "5", "7"})
    assert "2 tasks: 2 success\n" in err
    assert (
        "Skipped: 4 tasks with impossible times: 2 (created 1970-01-01T00:00:00.000Z, updated"
        " 2027-01-14T08:00:00.000Z), 3, 4, 5.\n"
    ) in err


async def test_many_ends_that_can_not_be_are_counted(capsys) -> None:
    rig = FakeSession(*(task(number, S.SUCCESS, created=None) for number in range(1, 9)))
    _, _, err = await purged(rig, capsys)
    assert "8 tasks with impossible times: 1 (created never, updated never), 2, 3, 4, 5 and 3 more.\n" in err


async def test_a_purge_for_a_machine_tells_each_and_one_for_a_person_only_what_failed(capsys) -> None:
    rig = FakeSession(*history(3), server=No(3))
    code, out, _ = await purged(rig, capsys, format="tsv")
    assert code == exit_codes.PARTLY
    assert [line.split("\t")[:2] for line in out.splitlines()] == [
        ["1", "deleted"],
        ["2", "deleted"],
        ["3", "refused"],
    ]
    code, out, _ = await purged(FakeSession(*history(3), server=No(3)), capsys)
    assert [line.split()[1:3] for line in out.splitlines()] == [["3", "refused"]]


async def test_what_is_exactly_so_old_stays(capsys) -> None:
    ended = START - 3_600_000
    times = {1: ended - 1, 2: ended, 3: ended - 2}
    rig = FakeSession(
        *(task(number, S.SUCCESS, created=ended - DAY, updated=time) for number, time in times.items())
    )
    rig.backend.tasks["1"] = replace(rig.backend.tasks["1"], name="件" * 30)
    code, _, err = await purged(rig, capsys)
    assert (code, set(rig.backend.tasks)) == (0, {"2"})
    assert err.splitlines()[:3] == [
        "2 tasks: 2 success",
        "  oldest: task 3, finished 2027-01-15T06:59:59.998Z (1h ago)  job 3",
        "  newest: task 1, finished 2027-01-15T06:59:59.999Z (1h ago)  " + "件" * 19 + "…",
    ]


async def test_the_preview_counts_each_status_the_most_first(capsys) -> None:
    rows = history(1300)
    rows[0] = task(1, S.CANCELLED, created=START - DAY, name="x" * 50)
    code, _, err = await purged(
        FakeSession(*rows), capsys, status=frozenset({S.SUCCESS, S.CANCELLED}), dry_run=True, format=None
    )
    lines = err.splitlines()
    assert (code, lines[0]) == (0, "1,300 tasks: 1,299 success, 1 cancelled")
    assert lines[1].endswith(f"ago)  {'x' * 39}…")
    assert len(lines) == 3


async def test_a_dry_run_lists_what_it_found_with_its_graph(capsys, monkeypatch) -> None:
    can = replace(fakes.INFO.capabilities, has_graphs=True)
    monkeypatch.setattr(fakes, "INFO", replace(fakes.INFO, capabilities=can))
    old = task(1, S.SUCCESS, created=START - DAY, graph="ledger")
    code, out, _ = await purged(FakeSession(old), capsys, dry_run=True, format="tsv")
    assert (code, out.split("\t")[3]) == (0, "ledger")


async def test_nothing_to_purge_asks_nothing(capsys) -> None:
    rig = FakeSession(task(1))
    code, out, err = await purged(rig, capsys, yes=False, dry_run=True, format="json")
    assert (code, out) == (0, "[]\n")
    assert err == "Nothing to delete: no matching tasks.\n"


async def test_a_server_without_a_delete_is_told_before_anything_is_read(capsys, monkeypatch) -> None:
    can = replace(fakes.INFO.capabilities, delete=Ability(False, "It has no delete."))
    monkeypatch.setattr(fakes, "INFO", replace(fakes.INFO, capabilities=can))
    rig = FakeSession(*history(3))
    with pytest.raises(Unsupported, match=r"^It has no delete\.$"):
        await purged(rig, capsys)
    assert not rig.asked("snapshot")


async def test_batches_grow_from_eight_to_sixty_four(capsys) -> None:
    rig = FakeSession(*history(250))
    batches: list[int] = []
    act = rig.session.carry_out

    async def counted(action, tasks, shown):
        batches.append(len(tasks))
        return await act(action, tasks, shown)

    rig.session.carry_out = counted
    assert (await purged(rig, capsys))[0] == 0
    assert batches == [8, 16, 32, 64, 64, 64, 2]


class Few(FakeServer):
    """Refuses to delete four, then deletes some, then refuses four more."""

    def act(self, backend, action, task_id):
        if int(task_id) in (1, 2, 3, 4, 9, 10, 11, 12):
            return make_answer(400, "Can't delete it", patience=2.0)
        return super().act(backend, action, task_id)


async def test_four_refusals_in_a_row_stop_nothing(capsys) -> None:
    rig = FakeSession(*history(40), server=Few())
    code, _, err = await purged(rig, capsys)
    assert (code, "stopping" in err) == (exit_codes.PARTLY, False)
    assert err.splitlines()[-1] == "Deleted 32 of 40 tasks · 8 refused"


async def test_tasks_that_changed_meanwhile_stop_nothing(capsys) -> None:
    rig = FakeSession(*history(30))
    look = rig.session.refresh_tasks

    async def changed(ids):
        for task_id in ids:
            if int(task_id) <= 12:
                rig.backend.set(task_id, S.FAILED)
        return await look(ids)

    rig.session.operations._look = changed
    code, _, err = await purged(rig, capsys)
    assert (code, "stopping" in err) == (exit_codes.PARTLY, False)
    assert err.splitlines()[-1] == "Deleted 18 of 30 tasks · 12 skipped (changed first)"


async def test_an_interrupt_ends_a_purge_with_what_was_done(capsys) -> None:
    rig = FakeSession(*history(30))
    rig.backend.later(0, rig.session.stop_sending)
    act = rig.session.carry_out

    async def interrupted(action, tasks, shown):
        reports = await act(action, tasks, shown)
        rig.session.is_acting = True
        rig.session.stop_sending()
        return reports

    rig.session.carry_out = interrupted
    code, out, err = await purged(rig, capsys)
    assert (code, out) == (exit_codes.INTERRUPTED, "")
    assert err.splitlines()[-1] == "Deleted 8 of 30 tasks · 22 not sent"


async def test_what_a_stop_keeps_from_being_sent_is_counted_and_not_listed(capsys) -> None:
    rig = FakeSession(*history(60), server=No(25))
    rig.backend.delays["act"] = 2.0
    code, out, err = await purged(rig, capsys)
    refused = out.count(" refused")
    assert (code, "not sent" in out, 4 < refused < 32) == (exit_codes.PARTLY, False, True)
    assert err.splitlines()[-1] == "Deleted 24 of 60 tasks · 16 refused · 20 not sent"
    assert sum(rig.backend.acts.values()) == 24 + refused


async def test_what_can_not_be_sent_is_listed_and_counts_as_a_failure(capsys) -> None:
    rig = FakeSession(*history(3))
    rig.session.operations._busy = lambda task_id: task_id == "2"
    code, out, err = await purged(rig, capsys)
    assert (code, out) == (exit_codes.PARTLY, "✗ 2 not sent: Another action on it is in progress.\n")
    assert err.splitlines()[-1] == "Deleted 2 of 3 tasks · 1 not sent"


async def test_how_far_a_purge_is_is_shown_on_a_terminal(capsys, stderr_terminal) -> None:
    _, _, err = await purged(FakeSession(*history(4)), capsys)
    bars = [part for part in err.split("\r\x1b[K") if part.startswith("[")]
    assert bars == [f"[{'#' * (6 * n)}{'.' * (24 - 6 * n)}] {n} of 4" for n in (1, 2, 3, 4)]
    assert err.endswith("of 4\r\x1b[KDeleted 4 tasks.\n")


@pytest.mark.parametrize(("words", "read"), [
    ("success,CANCELLED", {S.SUCCESS, S.CANCELLED}),
    ("partial", {S.PARTIAL}),
    ("failed,failed", {S.FAILED, S.PARTIAL}),
])  # fmt: skip
def test_statuses_of_ends_are_read(words: str, read: set[S]) -> None:
    assert purge.parse_statuses(words) == read


@pytest.mark.parametrize(("words", "word"), [("running", "running"), ("success,", ""), ("done", "done")])
def test_other_statuses_are_none_of_an_end(words: str, word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        purge.parse_statuses(words)
    assert str(refused.value) == (f'"{word}" is not a final status; use success, partial, failed, cancelled')


# --- waiting -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ("success", S.SUCCESS, exit_codes.OK),
        ("success", S.FAILED, exit_codes.FAILED),
        ("success", S.CANCELLED, exit_codes.FAILED),
        ("success", S.PARTIAL, exit_codes.FAILED),
        ("success", S.RUNNING, None),
        ("success", S.CANCELLING, None),
        ("success", None, exit_codes.NOT_FOUND),
        ("finished", S.FAILED, exit_codes.OK),
        ("finished", S.RUNNING, None),
        ("finished", None, exit_codes.NOT_FOUND),
        ("gone", S.SUCCESS, None),
        ("gone", None, exit_codes.OK),
    ],
)
def test_how_waiting_is_judged(wanted, status, code) -> None:
    now = None if status is None else task(1, status)
    assert judge_task(wanted, now) == code


async def test_waiting_tells_each_end_and_asks_for_the_others_only() -> None:
    rig = FakeSession(task(1), task(2), task(3, S.SUCCESS))
    ended: list[WaitResult] = []
    rig.backend.later(5, lambda: rig.backend.set(1, S.FAILED))
    rig.backend.later(9, lambda: rig.backend.set(2, S.SUCCESS))
    waiting = TaskWaiter(rig.session, ["1", "2", "3"], "success", ended.append)
    assert sorted(await rig.clock.wait_for(waiting.run(None))) == [0, 0, 1]
    assert [one.id for one in ended] == ["3", "1", "2"]
    assert rig.asked("look")[-1] == ("2",)
    assert len(rig.asked("look")) < 14


async def test_waiting_ends_in_time() -> None:
    rig = FakeSession(task(1))
    ended: list[WaitResult] = []
    began = rig.clock.time
    assert await rig.clock.wait_for(TaskWaiter(rig.session, ["1"], "success", ended.append).run(7)) == [6]
    assert rig.clock.time - began == pytest.approx(7)
    assert (ended[0].code, ended[0].task.status) == (6, S.RUNNING)


@pytest.mark.parametrize(("call", "timeout", "after"), [
    ("connect", 7, 7), ("look", 7, 7), ("look", 2, 5), ("look", 0, 5),
])  # fmt: skip
async def test_a_server_that_is_silent_does_not_hold_up_the_end_of_the_time(call, timeout, after) -> None:
    rig = FakeSession(task(1))
    rig.backend.delays[call] = 60
    ended: list[WaitResult] = []
    waiting = TaskWaiter(rig.session, ["1"], "success", ended.append)
    assert await rig.clock.wait_for(waiting.run(timeout)) == [6]
    assert (ended[0].after, rig.clock.time) == (after, 1000.0 + after)


async def test_a_later_look_ends_with_the_time_too() -> None:
    rig = FakeSession(task(1))
    ended: list[WaitResult] = []
    waiting = asyncio.ensure_future(TaskWaiter(rig.session, ["1"], "success", ended.append).run(60))
    await rig.clock.advance(50)
    rig.backend.delays["look"] = 30
    assert await rig.clock.wait_for(waiting) == [6]
    assert 60 <= ended[0].after <= 65
    assert ended[0].task == rig.backend.tasks["1"]


async def test_an_end_that_only_the_last_look_shows_is_told() -> None:
    rig = FakeSession(task(1))
    rig.backend.delays["look"] = 1
    waiting = asyncio.ensure_future(TaskWaiter(rig.session, ["1"], "success", lambda _: None).run(60))
    await rig.clock.advance(59.9)
    rig.backend.set(1, S.SUCCESS)
    assert await rig.clock.wait_for(waiting) == [0]


async def show_once(rig: FakeSession, status: TaskStatus) -> None:
    """Let the next look show task 1 in a status."""
    rig.backend.set(1, status)
    looks = rig.backend.count("look")
    while rig.backend.count("look") == looks:
        await rig.clock.advance(0.1)


async def test_how_long_a_task_took_is_told_once_the_server_has_written_when_it_ended() -> None:
    rig = FakeSession(task(1, created=START, updated=START + 1))
    ended: list[WaitResult] = []
    waiting = asyncio.ensure_future(TaskWaiter(rig.session, ["1"], "success", ended.append).run(None))
    await rig.clock.advance(5)
    await show_once(rig, S.SUCCESS)
    assert not ended
    rig.backend.set(1, S.SUCCESS, updated=START + 5_000)
    assert await rig.clock.wait_for(waiting) == [0]
    assert make_wait_record(ended[0]).took_ms == 5_000


@pytest.mark.parametrize("then", ["gone", "replaced", "lost", "unread", "unreadable"])
async def test_an_outcome_that_was_seen_is_told_whatever_the_next_look_shows(then, capsys) -> None:
    rig = FakeSession(task(1, created=START, updated=START + 1))
    ended: list[WaitResult] = []

    def change() -> None:
        match then:
            case "gone":
                rig.backend.drop(1)
            case "replaced":
                rig.backend.put(task(1, created=START + 9, name="other"))
            case "lost":
                rig.backend.always["look"] = Unreachable("No connection to fake.")
            case "unread":
                rig.backend.unreadable.add("1")
            case "unreadable":
                rig.backend.failing["1"] = "It can't be read."

    waiting = asyncio.ensure_future(TaskWaiter(rig.session, ["1"], "success", ended.append).run(None))
    await rig.clock.advance(5)
    await show_once(rig, S.SUCCESS)
    assert not ended
    change()
    assert await rig.clock.wait_for(waiting) == [0]
    assert [(one.code, one.task.status, one.gone, one.end_unknown) for one in ended] == [
        (0, S.SUCCESS, False, True)
    ]
    assert ended[0].after < 10


async def test_a_task_that_runs_again_is_waited_for_again() -> None:
    rig = FakeSession(task(1, created=START, updated=START + 1))
    ended: list[WaitResult] = []
    waiting = asyncio.ensure_future(TaskWaiter(rig.session, ["1"], "success", ended.append).run(60))
    await rig.clock.advance(5)
    await show_once(rig, S.FAILED)
    rig.backend.set(1, S.RUNNING)
    assert await rig.clock.wait_for(waiting) == [6]
    assert (ended[0].code, ended[0].task.status) == (6, S.RUNNING)


@pytest.mark.parametrize("timeout", [None, 6])
async def test_where_the_end_is_never_written_the_outcome_is_told_without_it(timeout) -> None:
    rig = FakeSession(task(1, created=START, updated=START + 1))
    ended: list[WaitResult] = []
    rig.backend.later(5, lambda: rig.backend.set(1, S.SUCCESS))
    waiting = TaskWaiter(rig.session, ["1"], "success", ended.append)
    assert await rig.clock.wait_for(waiting.run(timeout)) == [0]
    record = make_wait_record(ended[0])
    assert (record.status, record.ok, record.timed_out, record.took_ms) == ("success", True, False, None)
    assert ended[0].after < 15


@pytest.mark.parametrize("other", [{"name": "other"}, {"created": START + 5}])
@pytest.mark.parametrize(("wanted", "code"), [("success", 3), ("finished", 3), ("gone", 0)])
async def test_another_task_under_the_id_is_not_the_one_that_is_waited_for(wanted, code, other) -> None:
    rig = FakeSession(task(1))
    ended: list[WaitResult] = []
    rig.backend.later(5, lambda: rig.backend.put(task(1, S.SUCCESS, **other)))
    waiting = TaskWaiter(rig.session, ["1"], wanted, ended.append)
    assert await rig.clock.wait_for(waiting.run(None)) == [code]
    assert (ended[0].gone, ended[0].task) == (True, task(1))


async def test_a_lost_connection_is_waited_out(capsys) -> None:
    rig = FakeSession(task(1))
    rig.backend.faults["look"] = [None, *[Unreachable("It is away.")] * 4]
    rig.backend.later(60, lambda: rig.backend.set(1, S.SUCCESS))
    assert await rig.clock.wait_for(TaskWaiter(rig.session, ["1"], "success", lambda _: None).run(None)) == [
        0
    ]
    err = capsys.readouterr().err
    assert err.count("It is away.") == err.count("Retrying.") == 1
    assert err.count("Connected again") == 1


@pytest.mark.parametrize("looks", [[], [None]])
@pytest.mark.parametrize("error", [NotLoggedIn("No."), Unreachable("Away.")])
async def test_waiting_is_given_up_when_it_makes_no_sense(error, looks) -> None:
    rig = FakeSession(task(1))
    rig.backend.faults["look"] = list(looks)
    rig.backend.always["look"] = error
    began = rig.clock.time
    with pytest.raises(type(error)):
        await rig.clock.wait_for(TaskWaiter(rig.session, ["1"], "success", lambda _: None).run(None))
    assert (rig.clock.time - began > LOST_FOR) is (error.retryable or looks == [None])


@pytest.mark.parametrize("error", [NotLoggedIn("No.", hint=""), NotAllowed("No.", hint="")])
async def test_a_refusal_between_two_good_looks_does_not_end_the_waiting(capsys, error) -> None:
    rig = FakeSession(task(1))
    rig.backend.faults["look"] = [None, error, error]
    rig.backend.later(20, lambda: rig.backend.set(1, S.SUCCESS, updated=START + 20_000))
    began = rig.clock.time
    assert await rig.clock.wait_for(wait._wait_for_tasks(rig.session, waited("1"))) == exit_codes.OK
    assert (rig.clock.time - began, len(rig.asked("look"))) == (pytest.approx(60.2), 4)
    where = "graphtop: fake · g: "
    assert capsys.readouterr().err == f"{where}No. Retrying.\n{where}Connected again.\n"


REFUSED = Unreachable("It refused the connection.", hint="")
BUSY = Busy("It is too busy.", hint="", code=503)
HTML = BadAnswer("It answered with a web page.", hint="")


@pytest.mark.parametrize("error", [REFUSED, BUSY, HTML])
@pytest.mark.parametrize("call", ["connect", "look"])
async def test_a_server_that_is_away_from_the_first_look_on_is_waited_out_and_told_of_once(
    capsys, error, call
) -> None:
    rig = FakeSession(task(1))
    rig.backend.faults[call] = [error] * 5
    rig.backend.later(60, lambda: rig.backend.set(1, S.SUCCESS, updated=START + 60_000))
    code = await rig.clock.wait_for(wait._wait_for_tasks(rig.session, waited("1")))
    out, err = capsys.readouterr()
    assert (code, out) == (exit_codes.OK, "1 ✓ success after 1m  job 1\n")
    where = "graphtop: fake · g: "
    assert err == f"{where}{error} Retrying.\n{where}Connected again.\n"


async def test_a_server_that_never_answers_in_time_is_not_called_one_without_the_task(capsys) -> None:
    rig = FakeSession(task(1))
    rig.backend.always["connect"] = REFUSED
    for format, told in (("table", "1 timed out after 20.0s; not seen\n"), ("tsv", "1\tnot seen\tfalse\t\n")):
        chosen = waited("1", timeout=20_000, format=format)
        assert await rig.clock.wait_for(wait._wait_for_tasks(rig.session, chosen)) == exit_codes.NOT_CONFIRMED
        assert capsys.readouterr().out == told


@pytest.mark.parametrize(("ids", "ended"), [(("1", "2"), ["2"]), (("1",), [])])
async def test_json_is_whole_also_where_the_server_fails_in_between(capsys, ids, ended) -> None:
    rig = FakeSession(task(1), task(2, S.SUCCESS))
    rig.backend.faults["look"], rig.backend.always["look"] = [None], NotLoggedIn("No.")
    with pytest.raises(NotLoggedIn):
        await rig.clock.wait_for(wait._wait_for_tasks(rig.session, waited(*ids, format="json")))
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ended


async def test_looks_come_seldomer_up_to_the_interval() -> None:
    rig = FakeSession(task(1), interval=2.0)
    rig.backend.later(12, lambda: rig.backend.set(1, S.SUCCESS))
    looks: list[float] = []
    look = rig.session.refresh_tasks

    async def timed(ids):
        looks.append(rig.clock.time - 1000)
        return await look(ids)

    rig.session.refresh_tasks = timed
    await rig.clock.wait_for(TaskWaiter(rig.session, ["1"], "success", lambda _: None).run(None))
    pauses = [round(later - before, 4) for before, later in itertools.pairwise(looks)]
    assert looks[0] == 0
    assert pauses[:8] == [0.2, 0.3, 0.45, 0.675, 1.0125, pytest.approx(1.51875, abs=0.0001), 2.0, 2.0]


async def test_a_lost_server_is_asked_ever_more_seldom() -> None:
    rig = FakeSession(task(1), interval=0.2)
    rig.backend.faults["look"] = [None, *[Unreachable("Away.")] * 8]
    rig.backend.later(150, lambda: rig.backend.set(1, S.SUCCESS))
    looks: list[float] = []
    look = rig.session.refresh_tasks

    async def timed(ids):
        looks.append(rig.clock.time - 1000)
        return await look(ids)

    rig.session.refresh_tasks = timed
    await rig.clock.wait_for(TaskWaiter(rig.session, ["1"], "success", lambda _: None).run(None))
    pauses = [round(later - before, 4) for before, later in itertools.pairwise(looks)]
    assert pauses[:9] == [0.2, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert set(pauses[9:]) == {0.2}, "as often as before once it is there again"


async def test_a_record_that_can_not_be_read_is_waited_for(capsys) -> None:
    rig = FakeSession(task(1, S.SUCCESS))
    rig.backend.unreadable = {"1"}
    rig.backend.later(5, rig.backend.unreadable.clear)
    ended: list[WaitResult] = []
    assert await rig.clock.wait_for(TaskWaiter(rig.session, ["1"], "success", ended.append).run(None)) == [0]
    assert ended[0].after == pytest.approx(5, abs=2)
    assert capsys.readouterr().err == "graphtop: fake · g: 1 records could not be read. Retrying.\n"


async def test_what_is_gone_is_told_as_it_was_last_seen() -> None:
    rig = FakeSession(task(1), task(2))
    rig.backend.later(3, lambda: rig.backend.drop(1))
    ended: list[WaitResult] = []
    waiting = TaskWaiter(rig.session, ["1", "9"], "gone", ended.append)
    assert await rig.clock.wait_for(waiting.run(None)) == [0, 0]
    assert [(one.id, one.gone, one.task and one.task.status) for one in ended] == [
        ("9", True, None),
        ("1", True, S.RUNNING),
    ]
    assert 3 <= ended[1].after < 5


async def test_all_that_are_late_are_told(capsys) -> None:
    rig = FakeSession(task(1), task(2))
    ended: list[WaitResult] = []
    assert await rig.clock.wait_for(TaskWaiter(rig.session, ["1", "2"], "success", ended.append).run(0)) == [
        6,
        6,
    ]
    assert [(one.id, one.code, one.gone, one.after) for one in ended] == [
        ("1", 6, False, 0.0),
        ("2", 6, False, 0.0),
    ]


async def test_what_is_waited_for_is_shown_on_a_terminal(capsys, stderr_terminal) -> None:
    rig = FakeSession(*(task(number) for number in (1, 2, 3, 4)), interval=60.0)
    waiting = TaskWaiter(rig.session, ["1", "2", "3", "4"], "success", lambda _: None)
    await rig.clock.wait_for(waiting.run(62.5))
    shown = capsys.readouterr().err.split("\r\x1b[K")
    assert shown[1] == "waiting 0s for 4 tasks: 1 running, 2 running, 3 running"
    assert shown[-2] == "waiting 51s for 4 tasks: 1 running, 2 running, 3 running"
    assert shown[-1] == "", "the line is taken away"


def script_in(tmp_path: Path, script: str = "g.V()", **given) -> submit.Options:
    """The options of a submit of this script."""
    path = tmp_path / "job.groovy"
    path.write_text(script)
    return options_of(submit.Options, script=str(path), **given)


def waited(*ids: str, **given) -> wait.Options:
    """The options of a wait for these tasks."""
    return options_of(wait.Options, ids=list(ids), **given)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadAnswer("It accepted the job but didn't return its id.", code=201), exit_codes.NOT_CONFIRMED),
        (ServerFault("It broke.", code=500), exit_codes.NOT_CONFIRMED),
        (BUSY, exit_codes.NOT_CONFIRMED),
        (Busy("It throttles.", code=429), exit_codes.UNREACHABLE),
        (BadAnswer("It redirects.", code=302), exit_codes.UNREACHABLE),
        (Refused("It said no.", code=400), exit_codes.NOT_ALLOWED),
        (NotLoggedIn("Who are you?", code=401), exit_codes.NOT_ALLOWED),
    ],
)
async def test_only_a_submit_that_started_nothing_may_be_tried_again(capsys, tmp_path, error, code) -> None:
    rig = FakeSession()
    rig.backend.always["submit"] = error

    async def submitted(opened: Session) -> int:
        return await submit._submit_script(opened, script_in(tmp_path))

    with pytest.raises((CommandError, BackendError)) as ended:
        await rig.clock.wait_for(submitted(rig.session))
    found = ended.value.code if isinstance(ended.value, CommandError) else exit_code_of(ended.value)
    assert found == code
    assert ("may be running anyway" in str(ended.value)) is (code == exit_codes.NOT_CONFIRMED)
    assert rig.backend.count("submit") == 1


@pytest.mark.parametrize("error", [REFUSED, BUSY, HTML])
async def test_a_first_look_that_fails_after_a_submit_is_not_the_end(capsys, tmp_path, error) -> None:
    rig = FakeSession()
    rig.backend.faults["look"] = [error]
    rig.backend.later(3, lambda: rig.backend.set(1, S.SUCCESS, updated=START + 3_000))
    chosen = script_in(tmp_path, wait=True)
    assert await rig.clock.wait_for(submit._submit_script(rig.session, chosen)) == exit_codes.OK
    assert capsys.readouterr().out == "1\n"


@pytest.mark.parametrize("error", [REFUSED, NotLoggedIn("Who are you?", hint="")])
async def test_a_job_that_was_started_and_is_lost_sight_of_is_not_confirmed(capsys, tmp_path, error) -> None:
    rig = FakeSession()
    rig.backend.always["look"] = error
    chosen = script_in(tmp_path, wait=True)
    with pytest.raises(CommandError) as ended:
        await rig.clock.wait_for(submit._submit_script(rig.session, chosen))
    words = f"fake · g: {error} Task 1 was started, but its outcome is unknown."
    assert (str(ended.value), ended.value.code) == (words, exit_codes.NOT_CONFIRMED)
    assert capsys.readouterr().out == "1\n"


@pytest.mark.parametrize("wait", [True, False])
async def test_the_first_ctrl_c_waits_for_the_id_of_the_job_that_was_sent(capsys, tmp_path, wait) -> None:
    rig = FakeSession()
    rig.backend.delays["submit"] = 20
    chosen = script_in(tmp_path, wait=wait)
    starting = asyncio.ensure_future(submit._submit_script(rig.session, chosen))
    await rig.clock.advance(1)
    assert rig.session.stop_sending()
    assert not rig.session.stop_sending(), "the second one leaves"
    assert await rig.clock.wait_for(starting) == exit_codes.INTERRUPTED
    out, err = capsys.readouterr()
    assert out == "1\n"
    assert err == ("graphtop: The job was sent: waiting for its id. Press Ctrl+C again to leave now.\n")
    assert not rig.session.stop_sending(), "nothing is under way any more"


async def test_who_leaves_before_the_id_came_is_told_that_the_job_may_run(capsys, tmp_path) -> None:
    rig = FakeSession()
    rig.backend.delays["submit"] = 20
    starting = asyncio.ensure_future(submit._submit_script(rig.session, script_in(tmp_path)))
    await rig.clock.advance(1)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert capsys.readouterr().err == (
        "graphtop: fake · g: Stopped waiting for the answer."
        " The job may be running anyway: check before you start it again.\n"
    )


TASK_INPUT = {
    "gremlin": "g.V(id).next()\n",
    "aliases": {"hugegraph": "graph"},
    "bindings": {"id": 7},
    "language": "gremlin-groovy",
}


async def test_the_input_of_a_task_starts_its_script_again(tmp_path) -> None:
    rig = FakeSession()
    await rig.clock.wait_for(submit._submit_script(rig.session, script_in(tmp_path, json.dumps(TASK_INPUT))))
    assert rig.asked("submit") == [("g.V(id).next()\n", {"id": 7})]


@pytest.mark.parametrize("script", ["{ -> 1 }", '{"open', "[1, 2]", '"text"', "null", "1", "{" * 100_000])
def test_what_only_looks_like_json_is_a_script(script: str) -> None:
    assert submit.parse_script(script, "it") == submit.Script(script)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"algorithm": "page-rank", "worker": 5}, "it is JSON, but not the input of a gremlin task"),
        ({}, "it is JSON, but not the input of a gremlin task"),
        (TASK_INPUT | {"gremlin": None}, "it is JSON, but not the input of a gremlin task"),
        (TASK_INPUT | {"bindings": [1]}, "it is JSON, but not the input of a gremlin task"),
        (TASK_INPUT | {"language": "gremlin-python"}, "it holds a script in another language"),
    ],
)
def test_the_input_of_another_kind_of_task_is_refused(found: dict, words: str) -> None:
    with pytest.raises(CommandError, match=rf"^{words}\. ") as refused:
        submit.parse_script(json.dumps(found), "it")
    assert refused.value.code == exit_codes.USAGE


@pytest.mark.parametrize("kind", [Unreachable, TimedOut])
@pytest.mark.parametrize("sent", [True, False])
async def test_a_submit_of_which_nobody_knows_is_not_cant_reach(kind, sent: bool, tmp_path) -> None:
    rig = FakeSession()
    lost = kind("It was cut.", hint="Look.")
    lost.sent = sent
    rig.backend.faults["submit"] = [lost]
    with pytest.raises((CommandError, kind)) as ended:
        await rig.clock.wait_for(submit._submit_script(rig.session, script_in(tmp_path)))
    if sent:
        words = "fake · g: It was cut. Look. The job may be running anyway: check before you start it again."
        assert (str(ended.value), ended.value.code) == (words, exit_codes.NOT_CONFIRMED)
    else:
        assert (ended.value, exit_code_of(ended.value)) == (lost, exit_codes.UNREACHABLE)


def no_room() -> TextIO:
    """A file on a disk without any room."""
    return Path("/dev/full").open("w", encoding="utf-8")


async def test_the_id_of_a_job_that_can_not_be_written_is_told(monkeypatch, capsys, tmp_path) -> None:
    rig = FakeSession(task(1))
    with no_room() as full, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", full)
        with pytest.raises(CommandError) as ended:
            await rig.clock.wait_for(submit._submit_script(rig.session, script_in(tmp_path)))
    assert str(ended.value) == "fake · g: Task 2 was started, but its id could not be written."
    assert ended.value.code == exit_codes.NOT_CONFIRMED, "whoever tries again would start it twice"
    assert capsys.readouterr().err == "graphtop: Can't write the output: No space left on device.\n"


async def test_a_job_is_started_and_waited_for(capsys, tmp_path) -> None:
    rig = FakeSession(task(1))
    chosen = script_in(tmp_path, "\n  g.V()\nx")
    assert await rig.clock.wait_for(submit._submit_script(rig.session, chosen)) == exit_codes.OK
    assert (capsys.readouterr().out, rig.asked("submit")) == ("2\n", ["\n  g.V()\nx"])
    chosen = replace(chosen, wait=True, timeout=30_000)
    rig.backend.later(5, lambda: rig.backend.set(3, S.FAILED, updated=START + 6_000))
    assert await rig.clock.wait_for(submit._submit_script(rig.session, chosen)) == exit_codes.FAILED
    out, err = capsys.readouterr()
    assert out == "3\n"
    assert err.startswith("3 ✗ failed after ")
    chosen = replace(chosen, timeout=1_000)
    assert await rig.clock.wait_for(submit._submit_script(rig.session, chosen)) == exit_codes.NOT_CONFIRMED
    assert capsys.readouterr().err == "4 timed out after 1.0s; still · new  job 4\n"


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_job_leaves_a_line_in_the_journal_where_one_is_wanted(
    monkeypatch, tmp_path, wanted: bool
) -> None:
    journal = tmp_path / "journal.jsonl"
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(journal))
    # As `--no-journal` gives it.
    rig = FakeSession(journal=not wanted)
    await rig.clock.wait_for(submit._submit_script(rig.session, script_in(tmp_path, "\n token='x'\n2")))
    lines = list(reader.read_journal(journal))
    assert [(line.action, line.type, line.name, line.outcome, line.id) for line in lines] == (
        [("submit", "gremlin", "token='••••••'", "accepted", "1")] if wanted else []
    )


async def test_a_server_without_jobs_is_told_and_nothing_is_sent(monkeypatch, tmp_path) -> None:
    can = replace(fakes.INFO.capabilities, submit=Ability(False, "It takes no jobs."))
    monkeypatch.setattr(fakes, "INFO", replace(fakes.INFO, capabilities=can))
    rig = FakeSession()
    with pytest.raises(Unsupported, match=r"^It takes no jobs\.$"):
        await rig.clock.wait_for(submit._submit_script(rig.session, script_in(tmp_path)))
    assert not rig.asked("submit")


@pytest.mark.parametrize(
    ("yes", "asked"), [(False, ["PRODUCTION: Start a gremlin job on fake · g 1"]), (True, [])]
)
async def test_a_job_in_production_wants_its_number(monkeypatch, tmp_path, yes, asked) -> None:
    questions: list[str] = []

    async def agree(what: str, *, number: int) -> None:
        questions.append(f"{what} {number}")

    monkeypatch.setattr(submit, "ask_to_agree", agree)
    monkeypatch.setattr(submit, "check_allowed", lambda place, chosen, always: None)
    rig = FakeSession(production=True)
    chosen = script_in(tmp_path, yes=yes)
    await rig.clock.wait_for(submit._submit_script(rig.session, chosen))
    assert questions == asked


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "Can't read {path}: No such file or directory."),
        (b"\xff", "{path} is not UTF-8 text."),
        (b" \n\t", "{path} is empty."),
    ],
)
async def test_a_file_that_is_no_script_is_told(tmp_path, data: bytes | None, words: str) -> None:
    path = tmp_path / "script"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(CommandError) as refused:
        await submit.read_script(str(path))
    assert (str(refused.value), refused.value.code) == (words.format(path=path), exit_codes.USAGE)


@pytest.mark.parametrize(("data", "words"), [
    (None, "Can't read standard input: Bad file descriptor."),
    (b"\xff", "standard input is not UTF-8 text."),
    (b" \n\t", "standard input is empty."),
])  # fmt: skip
async def test_a_standard_input_that_is_no_script_is_called_so(monkeypatch, data, words: str) -> None:
    with standard_input(data or b"") as stream:
        monkeypatch.setattr("sys.stdin", None if data is None else stream)
        with pytest.raises(CommandError) as refused:
            await submit.read_script("-")
    assert (str(refused.value), refused.value.code) == (words, exit_codes.USAGE)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            NotLoggedIn("db answered 401: Authentication failed", hint="Give --user."),
            "fake · g: db answered 401: Authentication failed. Give --user.",
        ),
        (Refused("fake/g answered 400: Really?"), "fake/g answered 400: Really?"),
        (TimedOut("db sent nothing.", hint="It is busy"), "fake · g: db sent nothing. It is busy."),
    ],
)
def test_an_error_is_told_in_whole_sentences(error: BackendError, said: str) -> None:
    assert FakeSession().session.describe_error(error) == said
