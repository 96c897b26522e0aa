"""The last known rows: shown at once, replaced by what the server tells, gone where it refuses."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend_adapters.errors import (
    BadAnswer,
    Busy,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Starting,
    TimedOut,
    Unreachable,
    Unsupported,
    Untrusted,
    WrongClock,
)
from backend_adapters.model import change_task
from tests.support.kept_rows import keep_tasks
from tests.unit.fake_monitor import run_fake_monitor
from tests.unit.fakes import START, FakeBackend, FakeClock, S, run_until_idle, task
from tui.monitor.filters import compile_filter
from tui.monitor.health import Health
from tui.monitor.last_rows import MIXED_MOST, LastRows
from tui.monitor.store import Change
from tui.monitor.view import TAB_GROUPS, Order, Shape

BEFORE = START - 3_600_000
"""An hour ago the last session ended."""


def ended(number: int, **more):
    """A task that has ended; those with higher numbers are newer."""
    created = START - 7_200_000 + number * 1000
    return task(number, S.SUCCESS, **{"created": created, "updated": created + 500, **more})


def old_rows(*tasks, **more):
    return keep_tasks(*tasks, as_of=BEFORE, **more)


def make_last_rows(*tasks) -> LastRows:
    return LastRows(old_rows(*tasks), FakeClock().now, Shape())


def ids(rows: LastRows) -> list[str]:
    return [one.id for one in rows.view]


async def test_they_are_shown_before_anything_is_asked_and_counted_nowhere():
    async with run_fake_monitor(kept=old_rows(ended(1), task(2))) as rig:
        assert rig.shown() == "(2) (1)"
        assert (len(rig.monitor.only.store), len(rig.monitor.view)) == (0, 0)
        assert rig.backend.calls == []


async def test_the_servers_rows_take_their_places_and_nothing_is_asked_about_them():
    async with run_fake_monitor(ended(1), ended(2), ended(3), kept=old_rows(ended(1), task(2))) as rig:
        rig.backend.delays["connect"] = 20.0
        await rig.start()
        await rig.clock.advance(19)
        assert rig.shown() == "(2) (1)"
        await rig.clock.advance(2)
        assert rig.shown() == "3 2 1"
        assert rig.monitor.session_rows.last is None
        assert rig.backend.count("look") == 0, "nothing is looked up because it was known"


async def test_rows_that_the_newest_tasks_do_not_reach_stay_until_all_is_read():
    rows = [ended(number) for number in range(1, 31)]
    async with run_fake_monitor(*rows, kept=old_rows(*rows[20:], rows[0])) as rig:
        rig.backend.delays["page"] = 10.0
        await rig.start()
        await rig.clock.advance(10)
        newest = " ".join(str(number) for number in range(30, 20, -1))
        assert rig.shown() == f"{newest} (1)"
        await rig.clock.advance(20)
        assert rig.monitor.session_rows.last is None
        assert rig.shown().endswith(" 2 1")


async def test_rows_that_are_gone_go_with_the_newest_tasks():
    rows = [ended(number) for number in range(1, 31)]
    kept = old_rows(task(40), ended(41), *rows[20:], ended(0))
    async with run_fake_monitor(*rows, kept=kept) as rig:
        rig.backend.delays["page"] = 10.0
        await rig.start()
        assert rig.shown().startswith("(40) (41)")
        await rig.clock.advance(10)
        assert "40" not in rig.shown()
        assert "41" not in rig.shown()
        assert rig.shown().endswith("21 (0)"), "an older one may still be there"


async def test_where_new_tasks_come_up_anywhere_the_rows_stay_until_all_is_read():
    rows = [ended(number) for number in range(1, 31)]
    async with run_fake_monitor(*rows, kept=old_rows(ended(41), rows[29])) as rig:
        rig.backend.scattered = True
        rig.backend.delays["page"] = 10.0
        await rig.start()
        await rig.clock.advance(10)
        assert rig.shown().startswith("(41) 30")
        await rig.clock.advance(20)
        assert rig.shown().startswith("30 29")


def test_a_task_that_took_over_an_id_is_told_as_another_one():
    rows = make_last_rows(ended(1), ended(2))
    other = ended(2, created=START, name="new")
    (seen,) = rows.follow_changes([Change(None, other)])
    assert seen.old is not None
    assert (seen.old.name, seen.new) == ("job 2", other)
    assert list(rows.unconfirmed) == ["1"]
    assert ids(rows) == ["2", "1"]


def test_a_name_that_was_kept_without_its_secret_or_cut_is_the_same_task():
    secret, long = ended(1, name="load password=hunter2"), ended(2, name="x" * 2000)
    rows = make_last_rows(secret, long)
    assert rows.unconfirmed["1"].name != secret.name
    seen = rows.follow_changes([Change(None, secret), Change(None, long)])
    assert [change.old for change in seen] == [None, None]
    assert rows.is_over


def test_they_end_where_the_servers_rows_are_many_screens():
    rows = make_last_rows(ended(1))
    rows.follow_changes([Change(None, ended(number)) for number in range(2, 2 + MIXED_MOST)])
    assert rows.is_over


KEEPING = [
    Unreachable("nobody is there"),
    TimedOut("no answer"),
    Starting("it starts"),
    Busy("overloaded"),
    ServerFault("Server error 500."),
    ServerFault("Bad gateway.", code=502),
]
CLEARING = [
    NotLoggedIn("The server wants a login."),
    WrongClock("Your clock is off."),
    NotAllowed("Forbidden."),
    NoSuchGraph("There is no graph g."),
    Refused("No."),
    BadAnswer("This is not JSON."),
    Unsupported("No such call."),
    Untrusted("The certificate is not trusted."),
]


@pytest.mark.parametrize("error", KEEPING, ids=str)
@pytest.mark.parametrize("call", ["connect", "snapshot", "page"])
async def test_a_server_that_is_ill_leaves_them(call: str, error):
    async with run_fake_monitor(ended(1), kept=old_rows(ended(1), task(2))) as rig:
        rig.backend.always[call] = error
        await rig.start()
        await rig.clock.advance(60)
        assert rig.shown() == "(2) (1)"
        assert rig.monitor.health.error is error
        del rig.backend.always[call]
        await rig.clock.advance(120)
        assert rig.shown() == "1"


@pytest.mark.parametrize("error", CLEARING, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("call", ["connect", "snapshot"])
async def test_a_refusal_takes_them_away_at_once_and_for_ever(call: str, error):
    async with run_fake_monitor(ended(1), kept=old_rows(ended(1), task(2))) as rig:
        rig.backend.always[call] = error
        await rig.start()
        assert rig.shown() == ""
        assert rig.monitor.session_rows.last is None
        assert rig.monitor.session_rows.find_task("2") is None
        rig.backend.always[call] = Unreachable("gone")
        rig.monitor.only.poller.refresh_all()
        await rig.clock.advance(60)
        assert rig.shown() == ""


@pytest.mark.parametrize("elsewhere", [{"graph": "other"}, {"dialect": "ges"}])
async def test_another_graph_or_kind_of_list_takes_them_away(elsewhere):
    async with run_fake_monitor(ended(1), kept=old_rows(ended(1), ended(2), **elsewhere)) as rig:
        rig.backend.delays["snapshot"] = 20.0
        await rig.start()
        assert rig.shown() == ""


async def test_filter_sort_and_tabs_work_on_them_and_hold_for_what_comes():
    rows = [ended(1, name="bird"), ended(2, name="ant"), ended(3, name="zebra")]
    async with run_fake_monitor(*rows, kept=old_rows(*rows)) as rig:
        rig.backend.delays["connect"] = 20.0
        await rig.start()
        rig.monitor.show_shape(Shape(order=Order("name", descending=False)))
        await run_until_idle()
        assert rig.shown() == "(2) (1) (3)"
        rig.monitor.show_shape(replace(rig.monitor.wanted, filter=compile_filter("!zebra")))
        await run_until_idle()
        assert rig.shown() == "(2) (1)"
        await rig.clock.advance(21)
        assert rig.shown() == "2 1"
        rig.monitor.show_shape(replace(rig.monitor.wanted, group=TAB_GROUPS[4]))
        await run_until_idle()
        assert rig.shown() == ""


def test_their_ages_move_on_once_a_minute():
    clock = FakeClock()
    rows = LastRows(old_rows(ended(1)), clock.now, Shape())
    began = rows.shown_time
    clock.time += 59
    assert rows.shown_time == began
    clock.time += 2
    assert rows.shown_time == began + 60_000


def test_only_rows_that_the_first_batch_would_have_brought_are_dropped():
    rows = make_last_rows(ended(1), ended(2), ended(3))
    rows.follow_changes([Change(None, ended(2))])
    source = FakeBackend(FakeClock()).source
    rows.follow_health(Health(begun=True, complete_after=ended(2).created), source)
    assert ids(rows) == ["2", "1"]
    assert list(rows.unconfirmed) == ["1"]


async def test_rows_wait_for_the_history_also_where_it_begins_with_the_oldest_tasks():
    """A slow server: the first batch has few tasks, and polls come while the list is read from its oldest."""
    rows = [ended(number) for number in range(1, 61)]
    async with run_fake_monitor(*rows, kept=old_rows(*rows[20:])) as rig:
        rig.backend.is_oldest_first = True
        rig.backend.delays["page"] = 5.0
        await rig.start()
        read = {}
        for _ in range(6):
            await rig.clock.advance(5)
            read[len(rig.monitor.only.store)] = rig.shown().split()
        assert list(read) == [10, 20, 30, 40, 50, 60]
        for known, shown in list(read.items())[:-1]:
            assert [one.strip("()") for one in shown[:40]] == [str(one) for one in range(60, 20, -1)], known
        assert rig.backend.count("changes") > 2
        assert rig.monitor.session_rows.last is None


@pytest.mark.parametrize("seen_again", ["poll", "look"])
async def test_a_task_that_ran_for_long_and_ends_takes_no_older_row_away(seen_again: str):
    rows = [task(1, created=START - 9_000_000), *(ended(number) for number in range(2, 61))]
    async with run_fake_monitor(*rows, kept=old_rows(*rows)) as rig:
        rig.backend.delays["page"] = 5.0
        rig.backend.put(ended(61), task(62, created=START - 9_000_000))
        rig.backend.later(6, lambda: rig.backend.set(62, S.SUCCESS))
        await rig.start()
        await rig.clock.advance(9)
        if seen_again == "look":
            await rig.monitor.only.poller.look_at(["62"])
        assert rig.monitor.only.store.tasks["62"].status is S.SUCCESS
        assert "(30)" in rig.shown()


async def test_what_had_not_ended_stays_until_the_history_tells_how_it_ended():
    rows = [ended(number) for number in range(1, 31)]
    kept = old_rows(change_task(rows[4], status=S.RUNNING), *rows[20:])
    async with run_fake_monitor(*rows, kept=kept) as rig:
        rig.backend.delays["page"] = 10.0
        await rig.start()
        await rig.clock.advance(10)
        assert rig.shown().startswith("(5) 30"), "it is not among the newest, so it may be there"
        await rig.clock.advance(20)
        assert "(5)" not in rig.shown()
        assert " 5 " in rig.shown()


async def test_a_first_batch_without_the_newest_takes_nothing_away_whatever_a_poll_says():
    rows = [ended(number) for number in range(1, 31)]
    async with run_fake_monitor(*rows, kept=old_rows(*rows[:8], ended(41))) as rig:
        rig.backend.has_newest = False
        rig.backend.delays["page"] = 5.0
        await rig.start()
        await rig.clock.advance(9)
        assert rig.backend.count("changes")
        assert not rig.monitor.health.scattered
        assert rig.shown().startswith("(41) 30")
        await rig.clock.advance(10)
        assert "41" not in rig.shown()


async def test_rows_created_in_the_same_millisecond_as_the_oldest_read_one_stay():
    rows = [ended(number, created=START) for number in range(1, 31)]
    async with run_fake_monitor(*rows, kept=old_rows(*rows)) as rig:
        rig.backend.delays["page"] = 10.0
        await rig.start()
        await rig.clock.advance(10)
        assert rig.shown().endswith("(2) (1)")
