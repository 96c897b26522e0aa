"""Tasks that will not go on by themselves: what says so, on both sides of each threshold."""

from __future__ import annotations

import pytest

from backend_adapters.model import Ability, Capabilities
from tests.unit.fakes import START, S, task
from tests.unit.monitor.findings_facts import MINUTE, make_facts, tell
from tui.config.finding_settings import FindingLimits
from tui.monitor.findings.outages import Outage
from tui.monitor.findings.stuck_tasks import (
    find_lost_server,
    find_restarted_server,
    find_restored_task,
    find_silent_task,
    find_stuck_task,
    find_unscheduled_task,
)

NO, YES = Ability(False, "Not on this version."), Ability(True)


@pytest.mark.parametrize("status", [S.CANCELLING, S.DELETING, S.SCHEDULING, S.SCHEDULED])
def test_a_status_of_seconds_is_left_within_a_minute(status) -> None:
    row = task(7, status, updated=START)
    assert find_stuck_task(row, make_facts(row, now=START + MINUTE)) is None
    found = find_stuck_task(row, make_facts(row, now=START + MINUTE + 1))
    assert (found.title, found.since) == (f"{status.value.capitalize()} for 1m", START)
    assert tell(found).startswith(f"Servers leave the status {status.value} within seconds")
    assert (found.step.key, found.step.command) == ("F", "graphtop delete --force 7")


def test_the_minute_can_be_set_and_no_force_is_advised_where_there_is_none() -> None:
    row = task(7, S.CANCELLING, updated=START)
    limits = FindingLimits(stuck_after=600)
    assert find_stuck_task(row, make_facts(row, now=START + 10 * MINUTE, limits=limits)) is None
    can = Capabilities(cancel=YES, delete=YES, force_delete=NO, submit=YES)
    facts = make_facts(row, now=START + 11 * MINUTE, limits=limits, capabilities=can)
    assert find_stuck_task(row, facts).step.command == "graphtop get 7"
    assert find_stuck_task(task(8, S.RUNNING), facts) is None


def test_a_scheduled_task_is_never_begun_where_later_ones_are() -> None:
    row = task(7, S.SCHEDULED, created=START, updated=START)
    sooner, same = task(6, S.SUCCESS, created=START - 1), task(8, S.SUCCESS, created=START)
    late = START + 2 * MINUTE
    assert find_unscheduled_task(row, make_facts(row, sooner, same, now=late)) is None
    waiting = task(9, S.QUEUED, created=START + 1)
    assert find_unscheduled_task(row, make_facts(row, waiting, now=late)) is None
    later = task(9, S.SUCCESS, created=START + 1000)
    assert find_unscheduled_task(row, make_facts(row, later, now=START + MINUTE)) is None
    found = find_unscheduled_task(row, make_facts(row, later, now=START + MINUTE + 1))
    assert found.title == "Never begun: scheduled while later tasks run"
    assert "a task created at 1s has begun" in tell(found)
    assert found.step.command == "graphtop cancel 7"


OLD = task(7, S.RUNNING, created=START, updated=START + 1000, server="server-1")


def test_a_task_is_lost_once_another_server_has_all_later_tasks() -> None:
    late = START + 30 * MINUTE
    before = task(6, S.SUCCESS, created=START - MINUTE, updated=START, server="server-1")
    after = task(8, S.RUNNING, created=START + MINUTE, server="server-2")
    assert find_lost_server(OLD, make_facts(OLD, before, now=late)) is None, "no other server"
    found = find_lost_server(OLD, make_facts(OLD, before, after, now=late))
    assert (found.title, found.since) == (
        "Running on a server that is probably gone: server-1", START + 1000
    )  # fmt: skip
    assert tell(found) == (
        "Its last sign of life was at 1s. Nothing else has come from its server server-1 since 0s;"
        " server-2 has run tasks since 60s."
    )


def test_a_server_that_ended_or_was_given_a_task_since_is_alive() -> None:
    late, after = START + 30 * MINUTE, task(8, S.RUNNING, created=START + MINUTE, server="server-2")
    ended = task(6, S.SUCCESS, created=START, updated=START + MINUTE + 1, server="server-1")
    given = task(9, S.RUNNING, created=START + MINUTE + 1, server="server-1")
    assert find_lost_server(OLD, make_facts(OLD, after, ended, now=late)) is None
    assert find_lost_server(OLD, make_facts(OLD, after, given, now=late)) is None
    # Cancelled by the new server: no sign of the old one.
    cancelled = task(6, S.CANCELLED, created=START, updated=START + MINUTE + 1, server="server-1")
    assert find_lost_server(OLD, make_facts(OLD, after, cancelled, now=late)) is not None


def test_a_task_is_not_lost_that_was_updated_since_or_a_moment_ago() -> None:
    after = task(8, S.RUNNING, created=START + 2000, server="server-2")
    alive = task(7, S.RUNNING, created=START, updated=START + 3000, server="server-1")
    assert find_lost_server(alive, make_facts(alive, after, now=START + 30 * MINUTE)) is None
    assert find_lost_server(OLD, make_facts(OLD, after, now=START + MINUTE + 1000)) is None
    assert find_lost_server(OLD, make_facts(OLD, after, now=START + MINUTE + 1001)) is not None
    nameless = task(7, S.RUNNING, created=START)
    assert find_lost_server(nameless, make_facts(nameless, after, now=START + 30 * MINUTE)) is None


def test_a_stuck_cancel_tells_of_its_lost_server() -> None:
    row = task(7, S.CANCELLING, created=START, updated=START + 3 * MINUTE, server="server-1")
    after = task(8, S.RUNNING, created=START + MINUTE, server="server-2")
    found = find_stuck_task(row, make_facts(row, after, now=START + 9 * MINUTE))
    assert "server-2 has run tasks since 60s" in tell(found)


def restarted(row, *, minutes: float = 10, **more):
    outage = Outage(START + 2 * MINUTE, START + 3 * MINUTE)
    return find_restarted_server(
        row, make_facts(row, now=START + round(minutes * MINUTE), outage=outage, **more)
    )


def test_a_task_without_a_sign_of_life_since_a_restart() -> None:
    assert restarted(OLD, minutes=4) is None, "it may still be begun again"
    found = restarted(OLD, minutes=4 + 1 / 60_000)
    assert found.since == START + 2 * MINUTE
    assert tell(found).startswith(
        "Nothing answered at the server's address from 120s to 180s; the last sign of the task was at 1s."
    )
    assert find_restarted_server(OLD, make_facts(OLD, now=START + 10 * MINUTE)) is None, "no outage was seen"


def test_what_moved_since_or_is_of_no_server_was_not_lost_with_one() -> None:
    row = task(7, S.RUNNING, updated=START + 2 * MINUTE, server="server-1")
    assert restarted(row) is None
    assert restarted(task(7, S.RUNNING, updated=START + 2 * MINUTE - 1, server="server-1")) is not None
    assert restarted(task(7, S.RUNNING, updated=START)) is None
    assert restarted(task(7, S.QUEUED, updated=START, server="server-1")) is None


def test_the_outage_is_by_the_own_clock_and_the_tasks_by_the_servers() -> None:
    hour = 60 * MINUTE
    row = task(7, S.RUNNING, created=START + hour, updated=START + hour, server="server-1")
    assert restarted(row, minutes=70) is None
    assert restarted(row, minutes=70, ahead=hour) is not None


def test_a_task_that_is_begun_again_and_again() -> None:
    assert find_restored_task(task(7, S.RUNNING, retries=2), make_facts()) is None
    found = find_restored_task(task(7, S.RESTORING, retries=3), make_facts())
    assert (found.title, found.since, found.numbers) == ("Begun again 3 times", None, {"retries": 3})
    assert found.fingerprint != find_restored_task(task(7, retries=4), make_facts()).fingerprint
    assert find_restored_task(task(7, S.FAILED, retries=9), make_facts()) is None
    assert find_restored_task(task(7, retries=2), make_facts(limits=FindingLimits(restored_times=2)))


def test_a_silent_task_is_told_of_where_something_says_that_it_is_lost() -> None:
    hour = 60 * MINUTE
    row = task(7, S.RUNNING, created=START, updated=START)
    refused = {"was_delete_refused": lambda task: True}
    assert find_silent_task(row, make_facts(row, now=START + hour)) is None
    assert find_silent_task(row, make_facts(row, now=START + hour - 1, **refused)) is None
    found = find_silent_task(row, make_facts(row, now=START + hour, **refused))
    assert tell(found) == "Delete was refused; the server may have lost it."
    other = {"find_out_of_memory": lambda task: "9"}
    assert tell(find_silent_task(row, make_facts(row, now=START + hour, **other))) == (
        "Task 9 ran out of memory; the server may have lost it."
    )
