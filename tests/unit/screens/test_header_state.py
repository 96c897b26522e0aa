"""What the header, the status tabs, the table's edges and an empty table say of the engine's state."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend_adapters.errors import Busy, NoSuchGraph, NotAllowed, NotLoggedIn, Unreachable
from backend_adapters.model import Action, Source, change_task
from tests.support.one_place import watch_one
from tests.unit.fake_monitor import RecordingListener
from tests.unit.fakes import INFO, START, FakeBackend, FakeClock, S, task
from tui.config.options import ScreenOptions
from tui.monitor.filters import compile_filter
from tui.monitor.health import Health, Phase
from tui.monitor.monitor import Monitor
from tui.monitor.store import ActionOverlay as UnderWay
from tui.monitor.view import TAB_GROUPS, Order, Shape
from tui.screens.tasks.empty_table import describe_empty_table, explain_error
from tui.screens.tasks.header_state import (
    MAX_MARKS_CHECKED,
    STALE_AFTER,
    explain_error_in_line,
    get_shown_time,
    read_header_state,
    read_tabs_state,
    table_subtitle,
    table_title,
)
from tui.screens.tasks.row_overlays import build_overlays, describe_pending_action
from tui.text import format_time_of_day
from tui.widgets.columns import RowOverlay
from tui.widgets.header_bar import ConnectionState, HeaderState

ALL = Shape()
LIVE = Health(phase=Phase.LIVE, info=INFO, last_ok=START, latency=0.0314, scanned=True)


class Place(FakeBackend):
    """A server of which nothing is asked, at a place that a test names."""

    place = Source(profile="prod", url="http://h:1", dialect="fake", graph="g", graphspace="DEFAULT")

    @property
    def source(self) -> Source:
        return self.place


async def watching(health: Health = LIVE, *rows, shape: Shape = ALL, interval: float = 2.0) -> Monitor:
    """An engine at a moment: nothing in it moves."""
    clock = FakeClock()
    made = watch_one(Place(clock), listener=RecordingListener(), clock=clock, interval=interval)
    made.only.poller.health_state.health, made.wanted = health, shape
    made.only.store.apply_answer(rows, asked=made.only.store.take_ticket())
    await made.view.rebuild(shape)
    return made


def where(monitor: Monitor, **options) -> HeaderState:
    return read_header_state(monitor, ScreenOptions(**options), utc=True)


# --- the header --------------------------------------------------------------------------------------


async def test_the_header_has_all_that_is_known() -> None:
    assert where(await watching(), production=True, insecure=True, read_only=True) == HeaderState(
        profile="prod",
        place="DEFAULT/g",
        product="HugeGraph 1.7.0",
        production=True,
        insecure=True,
        read_only=True,
        connection=ConnectionState.LIVE,
        since=START,
        interval=2_000,
        latency=31,
        now=START,
        utc=True,
    )
    assert where(await watching(Health())) == HeaderState(
        profile="prod", place="DEFAULT/g", interval=2_000, now=START, utc=True
    )


async def test_what_is_refused_but_tried_again_is_not_called_stopped() -> None:
    refused = replace(LIVE, phase=Phase.BLOCKED, error=NotLoggedIn("Log in.", hint=""), retry_at=1_030.0)
    monitor = await watching(refused)
    state = where(monitor)
    assert (state.connection, state.retry_in) == (ConnectionState.OFFLINE, 30_000)
    assert describe_empty_table(monitor) == ["Log in.", "Retrying automatically. Press r to try now."]


async def test_a_product_without_a_version_has_no_blank_behind_it() -> None:
    info = replace(INFO, version=None)
    assert where(await watching(replace(LIVE, info=info))).product == "HugeGraph"


@pytest.mark.parametrize(("graphs", "place"), [(True, "all graphs"), (False, "…")])
async def test_a_place_without_a_graph_is_all_of_them_where_a_server_lists_those(
    graphs: bool, place: str
) -> None:
    info = replace(INFO, capabilities=replace(INFO.capabilities, has_graphs=graphs))
    monitor = await watching(replace(LIVE, info=info))
    monitor.only.backend.place = Source(profile="prod", url="http://h:1", dialect="fake", graph="")
    assert where(monitor).place == place
    monitor.only.poller.health_state.health = Health()
    assert where(monitor).place == "…", "nothing is known of the server yet"


@pytest.mark.parametrize(
    ("phase", "last_ok", "link"),
    [
        (Phase.CONNECTING, None, ConnectionState.CONNECTING),
        (Phase.LIVE, None, ConnectionState.CONNECTING),
        (Phase.LIVE, START, ConnectionState.LIVE),
        (Phase.LIVE, START - 2_000 - STALE_AFTER, ConnectionState.LIVE),
        (Phase.LIVE, START - 2_000 - STALE_AFTER - 1, ConnectionState.STALE),
        (Phase.CONNECTING, START - 60_000, ConnectionState.STALE),
        (Phase.PAUSED, START - 60_000, ConnectionState.PAUSED),
        (Phase.OFFLINE, START - 60_000, ConnectionState.OFFLINE),
        (Phase.OFFLINE, None, ConnectionState.OFFLINE),
        (Phase.BLOCKED, START - 60_000, ConnectionState.STOPPED),
        (Phase.BLOCKED, None, ConnectionState.STOPPED),
    ],
)
async def test_how_alive_it_is_follows_from_the_phase_and_the_last_answer(
    phase: Phase, last_ok: int | None, link: ConnectionState
) -> None:
    state = where(await watching(Health(phase=phase, last_ok=last_ok)))
    assert (state.connection, state.since) == (link, last_ok)


@pytest.mark.parametrize(("retry_at", "retry_in"), [(None, None), (1008.4, 8_400), (1000.0, 0), (999.0, 0)])
async def test_the_next_try_is_counted_down_to_zero(retry_at: float | None, retry_in: int | None) -> None:
    state = where(await watching(Health(phase=Phase.OFFLINE, retry_at=retry_at)))
    assert state.retry_in == retry_in


@pytest.mark.parametrize(
    ("scanning", "scanned", "reading"),
    [(True, False, 2), (True, True, None), (False, False, None), (False, True, None)],
)
async def test_how_many_have_come_is_told_in_the_first_scan_only(
    scanning: bool, scanned: bool, reading: int | None
) -> None:
    health = replace(LIVE, scanning=scanning, scanned=scanned)
    assert where(await watching(health, task(1), task(2))).reading == reading


async def test_the_slower_pace_without_the_focus_is_told() -> None:
    monitor = await watching(interval=1.0)
    monitor.only.poller.set_focused(False)
    state = where(monitor)
    assert (state.interval, state.unfocused) == (5_000, True)
    monitor.only.store.overlays["1"] = UnderWay(Action.CANCEL, START)
    state = where(monitor)
    assert (state.interval, state.unfocused) == (1_000, False)


# --- the tabs ----------------------------------------------------------------------------------------

MIXED = (
    task(1, S.RUNNING),
    task(2, S.QUEUED),
    task(3, S.SUCCESS),
    task(4, S.PARTIAL),
    task(5, S.FAILED),
    task(6, S.CANCELLED),
    task(7, S.CANCELLING, updated=START - 60_001),
    task(8, S.CANCELLING, updated=START - 60_000),
)


async def test_the_tabs_count_what_is_known_and_what_is_stuck() -> None:
    state = read_tabs_state(await watching(LIVE, *MIXED, shape=Shape(group=TAB_GROUPS[4])))
    assert [(tab.key, tab.label, tab.count) for tab in state.tabs] == [
        ("0", "All", 8),
        ("1", "Active", 4),
        ("2", "Waiting", 1),
        ("3", "Success", 1),
        ("4", "Failed", 2),
        ("5", "Cancelled", 1),
    ]
    assert [tab.label for tab in state.tabs if tab.alarm] == ["Failed"]
    assert (state.current, state.stuck, state.unreadable) == ("4", 1, 0)
    assert len(state.per_minute) <= 12


@pytest.mark.parametrize(
    ("health", "rows", "number"),
    [(Health(), (), None), (Health(last_ok=START), (), 0), (Health(), (task(1),), 1)],
)
async def test_a_count_is_left_out_while_nothing_is_known(health: Health, rows, number: int | None) -> None:
    assert read_tabs_state(await watching(health, *rows)).tabs[0].count == number


PARTIAL = replace(LIVE, partial="The server fails over page 7.")
INCOMPLETE_LIST = "Not all tasks could be read. The server fails over page 7."


async def test_where_not_all_tasks_came_no_count_claims_to_be_whole() -> None:
    monitor = await watching(PARTIAL, *MIXED, shape=FAILED)
    assert all(tab.more for tab in read_tabs_state(monitor).tabs)
    assert table_title(monitor) == "tasks · failed · 2 of 8+"
    assert str(table_subtitle(monitor, (), 80, utc=True)) == INCOMPLETE_LIST
    assert str(table_subtitle(monitor, ("5",), 80, utc=True)) == f"1 marked · {INCOMPLETE_LIST}"
    assert str(table_subtitle(monitor, ("5",), 44, utc=True, ascii=True)) == (
        "1 marked - Not all tasks could be read.~"[:39] + "~"
    )
    monitor.only.poller.health_state.health = LIVE
    assert not any(tab.more for tab in read_tabs_state(monitor).tabs)
    # While the history is read, `3 Success 0` would say that there is none.
    monitor.only.poller.health_state.health = replace(LIVE, scanned=False)
    assert all(tab.more for tab in read_tabs_state(monitor).tabs)
    monitor.only.poller.health_state.health = LIVE
    assert str(table_subtitle(monitor, (), 80, utc=True)) == ""


async def test_an_empty_table_of_a_partial_scan_does_not_say_that_there_are_no_tasks() -> None:
    assert describe_empty_table(await watching(PARTIAL)) == [INCOMPLETE_LIST, "Press r to try again."]
    assert describe_empty_table(await watching(PARTIAL, *MIXED, shape=HIDES)) == [
        "No matches. 8 tasks are hidden by the filter.",
        "Press esc to clear it, / to change it.",
        INCOMPLETE_LIST,
        "Press r to try again.",
    ]


# --- the table's edges -------------------------------------------------------------------------------

FAILED = Shape(group=TAB_GROUPS[4])
JOBS = replace(INFO, capabilities=replace(INFO.capabilities, noun="jobs"))


@pytest.mark.parametrize(
    ("health", "shape", "rows", "title"),
    [
        (Health(), ALL, (), "tasks"),
        (Health(), FAILED, (), "tasks · failed"),
        (LIVE, ALL, (), "tasks · 0"),
        (LIVE, ALL, MIXED, "tasks · 8 · 4 unfinished"),
        (LIVE, Shape(order=Order("id")), MIXED, "tasks · 8"),
        (LIVE, FAILED, MIXED, "tasks · failed · 2 of 8"),
        (Health(), FAILED, MIXED, "tasks · failed · 2 of 8+"),
        (replace(LIVE, scanned=False), ALL, MIXED, "tasks · 8+ · 4 unfinished"),
        (LIVE, FAILED, MIXED[4:5], "tasks · failed · 1"),
        (replace(LIVE, info=JOBS), ALL, MIXED, "jobs · 8 · 4 unfinished"),
    ],
)
async def test_the_title_says_which_and_how_many(health: Health, shape: Shape, rows, title: str) -> None:
    monitor = await watching(health, *rows, shape=shape)
    assert table_title(monitor) == title
    assert table_title(monitor, ascii=True) == title.replace("·", "-")


@pytest.mark.parametrize(
    ("shape", "marks", "words"),
    [
        (ALL, (), ""),
        (ALL, ("1", "2"), "2 marked"),
        (FAILED, ("5",), "1 marked"),
        (FAILED, ("5", "1", "2"), "3 marked (2 hidden)"),
        (FAILED, [str(n) for n in range(MAX_MARKS_CHECKED)], "1000 marked (998 hidden)"),
        (FAILED, [str(n) for n in range(MAX_MARKS_CHECKED + 1)], "1001 marked"),
    ],
)
async def test_marks_are_counted_with_those_that_a_filter_hides(shape: Shape, marks, words: str) -> None:
    monitor = await watching(LIVE, *MIXED, shape=shape)
    assert str(table_subtitle(monitor, marks, 80, utc=True)) == words


async def test_what_is_wrong_comes_before_the_marks_and_is_cut_to_the_edge() -> None:
    offline = replace(LIVE, phase=Phase.OFFLINE, error=Busy("It is too busy."))
    monitor = await watching(offline, *MIXED)
    line = "as of 08:00:00 · r to try now · It is too busy."
    assert explain_error_in_line(monitor, monitor.health.error, utc=True) == line
    assert str(table_subtitle(monitor, ("1",), 80, utc=True)) == line
    assert str(table_subtitle(monitor, ("1",), len(line) + 4, utc=True)) == line
    assert str(table_subtitle(monitor, ("1",), len(line) + 3, utc=True)) == line[:-2] + "…"
    plain = "as of 08:00:00 - r to try now - It is too busy."
    assert str(table_subtitle(monitor, (), 80, utc=True, ascii=True)) == plain
    empty = await watching(offline)
    assert str(table_subtitle(empty, ("1",), 80, utc=True)) == "1 marked", (
        "the table itself says what is wrong"
    )


async def test_a_missing_graph_is_mended_by_another_key() -> None:
    monitor = await watching(Health(phase=Phase.BLOCKED, error=NoSuchGraph("There is no graph 'x'.")))
    assert (
        explain_error_in_line(monitor, monitor.health.error, utc=True)
        == "b to choose a graph · There is no graph 'x'."
    )


@pytest.mark.parametrize(
    ("phase", "last_ok", "then"),
    [
        (Phase.OFFLINE, START - 9, START - 9),
        (Phase.BLOCKED, START - 9, START - 9),
        (Phase.OFFLINE, None, START),
        (Phase.LIVE, START - 9, START),
        (Phase.PAUSED, START - 9, START),
    ],
)
async def test_ages_stand_still_while_nobody_answers(phase: Phase, last_ok: int | None, then: int) -> None:
    assert get_shown_time(await watching(Health(phase=phase, last_ok=last_ok))) == then


# --- an empty table ----------------------------------------------------------------------------------

HIDES = Shape(filter=compile_filter("nothing-like-it"))


@pytest.mark.parametrize(
    ("health", "shape", "rows", "lines"),
    [
        (Health(), ALL, (), ["Connecting…", "http://h:1"]),
        (replace(LIVE, scanned=False), ALL, (), ["Reading the tasks…"]),
        (
            LIVE,
            ALL,
            (),
            [
                "No tasks, or none this user is allowed to see.",
                "New ones appear here automatically.",
                "Press b to choose another graph.",
            ],
        ),
        (
            LIVE,
            HIDES,
            (),
            [
                "No tasks, or none this user is allowed to see.",
                "New ones appear here automatically.",
                "Press b to choose another graph.",
            ],
        ),
        (
            LIVE,
            HIDES,
            MIXED,
            ["No matches. 8 tasks are hidden by the filter.", "Press esc to clear it, / to change it."],
        ),
        (
            LIVE,
            replace(HIDES, group=TAB_GROUPS[5]),
            MIXED,
            [
                "No cancelled tasks match (8 hidden).",
                "Press esc to clear the filter, 0 to show every status.",
            ],
        ),
        (LIVE, FAILED, MIXED[:3], ["No failed tasks.", "Press 0 to show all 3."]),
        (
            Health(phase=Phase.OFFLINE, error=Unreachable("No connection.", hint="")),
            ALL,
            (),
            ["No connection.", "Retrying automatically. Press r to try now."],
        ),
        (
            Health(phase=Phase.BLOCKED, error=NotLoggedIn("Log in.", hint="")),
            ALL,
            (),
            ["Log in.", "Press r to sign in again."],
        ),
        (
            Health(phase=Phase.OFFLINE, error=Unreachable("No connection.", hint="")),
            FAILED,
            MIXED[:3],
            ["No failed tasks.", "Press 0 to show all 3."],
        ),
    ],
)
async def test_an_empty_table_says_why_and_what_to_do(health: Health, shape: Shape, rows, lines) -> None:
    assert describe_empty_table(await watching(health, *rows, shape=shape)) == lines


@pytest.mark.parametrize(
    ("error", "retrying", "lines"),
    [
        (
            Busy("Busy\x1b", hint="Wait.\x07"),
            True,
            ["Busy␛.", "Wait.␇", "Retrying automatically. Press r to try now."],
        ),
        (Busy("Busy.", hint=""), False, ["Busy.", "Press r to try again."]),
        (NotAllowed("No.", hint=""), True, ["No.", "Press r to try again."]),
        (NoSuchGraph("No graph.", hint=""), True, ["No graph.", "Press b to choose a graph."]),
        (NoSuchGraph("No graph: a, b."), True, ["No graph: a, b.", "Press b to choose a graph."]),
        (NoSuchGraph("No graph.", hint="Look."), True, ["No graph.", "Look.", "Press b to choose a graph."]),
        (NoSuchGraph("No graph.", hint=""), False, ["No graph.", "Press b to choose a graph."]),
    ],
)
def test_an_error_says_what_to_do(error, retrying: bool, lines: list[str]) -> None:
    assert explain_error(error, retrying=retrying) == lines


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action.CANCEL, "cancelling 12s"),
        (Action.DELETE, "deleting 12s"),
        (Action.FORCE_DELETE, "deleting 12s"),
    ],
)
async def test_an_action_under_way_is_shown_with_its_time(action: Action, words: str) -> None:
    monitor = await watching(LIVE, *MIXED)
    monitor.only.store.overlays["1"] = UnderWay(action, START - 12_000)
    assert describe_pending_action(monitor, "1", START) == words
    assert describe_pending_action(monitor, "1", START - 60_000) == words.replace("12s", "0s")
    assert describe_pending_action(monitor, "2", START) == ""


async def test_beside_a_task_stands_what_is_done_to_it_or_that_it_is_stuck() -> None:
    monitor = await watching(LIVE, *MIXED)
    monitor.only.store.overlays["1"] = UnderWay(Action.CANCEL, START)
    assert build_overlays(monitor, MIXED, START) == {
        "1": RowOverlay(label="cancelling 0s", style="transient"),
        "7": RowOverlay(label="cancelling 1m", style="stuck", note="its server may be lost"),
    }
    assert list(build_overlays(monitor, MIXED[6:7], START)) == ["7"], "only what is on the screen"


DAY = 86_400_000
DONE = task(7, S.SUCCESS, name="// nightly reconciliation", updated=START - DAY)
LOST = change_task(
    task(8, S.FAILED, name="louvain", updated=START - 3 * DAY), reason="OutOfMemory: Java heap space"
)


@pytest.mark.parametrize(
    ("rows", "group", "lines"),
    [
        (
            (DONE, LOST, task(9, S.RUNNING)),
            5,
            [
                "No cancelled tasks.",
                "Task 7 was the last to end (success, 1d ago): nightly reconciliation.",
                "Press 0 to show all 3.",
            ],
        ),
        (
            (LOST,),
            1,
            [
                "No active tasks.",
                "Task 8 was the last to end (failed, 3d ago): OutOfMemory: Java heap space.",
                "Press 0 to show all 1.",
            ],
        ),
        ((task(9, S.RUNNING),), 4, ["No failed tasks.", "Press 0 to show all 1."]),
    ],
)
async def test_an_empty_tab_says_what_ended_last(rows, group: int, lines: list[str]) -> None:
    assert describe_empty_table(await watching(LIVE, *rows, shape=Shape(group=TAB_GROUPS[group]))) == lines


async def test_an_empty_tab_says_of_which_moment_it_is_and_what_is_still_to_come() -> None:
    health = Health(phase=Phase.OFFLINE, last_ok=START, error=Unreachable("No connection", hint=""))
    said = describe_empty_table(await watching(health, *MIXED[:3], shape=FAILED), utc=True)
    assert said == [
        "No failed tasks.",
        "Press 0 to show all 3.",
        f"As of {format_time_of_day(START, utc=True)}. No connection.",
    ]
    reading = describe_empty_table(await watching(replace(LIVE, scanned=False), *MIXED[:3], shape=FAILED))
    assert reading == ["No failed tasks.", "Press 0 to show all 3.", "Still reading the tasks…"]
