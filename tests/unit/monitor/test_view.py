"""The view: always the same as filtering and sorting the whole store, whatever happened in between."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backend_adapters.model import TaskStatus
from tests.unit.fakes import START, FakeClock, S, run_until_idle, task, unreadable_task
from tui.fields import SORTS
from tui.monitor import cooperative
from tui.monitor import sorted_chunks as ordered
from tui.monitor import view as view_module
from tui.monitor.filters import FilterError, compile_filter
from tui.monitor.id_order import natural_key
from tui.monitor.patterns import SEARCH_LIMIT, Pattern
from tui.monitor.store import Store
from tui.monitor.unreadable import tab_status
from tui.monitor.view import TAB_GROUPS, Order, Shape, View


def naive(store: Store, shape: Shape, at: int) -> list:
    rows = [row for row in store.tasks.values() if shape.shows_task(row, at)]
    rows.sort(key=lambda row: (SORTS[shape.order.column].key(row, at), natural_key(row.id)))
    if not shape.unfinished_first:
        return rows[::-1] if shape.order.descending else rows
    running = [row for row in rows if is_going(row) and not row.status.is_waiting]
    waiting = [row for row in rows if row.status.is_waiting]
    return running + waiting + [row for row in rows[::-1] if not is_going(row)]


def is_going(row) -> bool:
    return not tab_status(row).is_finished


class Watched:
    """A store with a view of it, and a check that they agree."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = Store()
        self.view = View(self.store, self.clock.now)
        self.at = self.clock.now()
        self.shape = self.view.shape

    def put(self, *tasks, missing=()) -> None:
        self.view.follow_changes(self.store.apply_answer(tasks, missing, asked=self.store.take_ticket()))

    async def show(self, shape: Shape) -> None:
        at = self.clock.now()
        await self.view.rebuild(shape)
        self.shape, self.at = shape, at

    def tick(self) -> bool:
        moved = self.view.advance_time()
        if self.shape.order.column == "took":
            self.at = self.clock.now()
        return moved

    def check(self) -> None:
        rows = [self.view[row] for row in range(len(self.view))]
        assert [row.id for row in rows] == [row.id for row in naive(self.store, self.shape, self.at)]
        assert all(row is self.store.tasks.get(row.id) for row in rows)
        assert [self.view.position(row.id) for row in rows] == list(range(len(rows)))
        has_block = self.shape.unfinished_first and self.shape.group is TAB_GROUPS[0]
        waiting = sum(row.status.is_waiting for row in rows) if has_block else 0
        running = sum(map(is_going, rows)) - waiting if has_block else 0
        assert (self.view.running_rows, self.view.waiting_rows) == (running, waiting)
        hidden = self.store.tasks.keys() - {row.id for row in rows}
        assert all(self.view.position(task_id) is None for task_id in hidden)
        examples = {(row.status, row.status_before): row for row in self.store.tasks.values()}
        alike = Counter((row.status, row.status_before) for row in self.store.tasks.values())
        for group in TAB_GROUPS[1:]:
            number = sum(
                alike[kind] for kind, row in examples.items() if Shape(group=group).shows_task(row, 0)
            )
            assert sum(self.store.counts[status] for status in group.statuses) == number, group.label


def ids(view: View) -> str:
    return " ".join(view[row].id for row in range(len(view)))


async def test_the_newest_is_first_to_begin_with_and_ids_break_ties_as_numbers():
    w = Watched()
    w.put(task(9), task(10), task(2), task(3, created=START + 5), task(4, created=None))
    assert ids(w.view) == "2 9 10 3 4"
    w.put(*(replace(row, status=S.SUCCESS) for row in list(w.store.tasks.values())))
    assert ids(w.view) == "3 10 9 2 4"


async def test_ids_below_zero_are_in_the_order_of_numbers():
    w = Watched()
    w.put(*[task(n) for n in (5, -3, -20, 10, -1, 4)])
    await w.show(Shape(order=Order("id", descending=False)))
    assert ids(w.view) == "-20 -3 -1 4 5 10"
    w.put(task(-21), task(-2))
    assert ids(w.view) == "-21 -20 -3 -2 -1 4 5 10"
    w.check()


async def test_positions_of_what_is_not_there():
    w = Watched()
    w.put(task(1), task(2, S.SUCCESS))
    await w.show(Shape(group=TAB_GROUPS[1]))
    assert (w.view.position("1"), w.view.position("2"), w.view.position("3")) == (0, None, None)
    with pytest.raises(IndexError):
        w.view[1]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("0", "2 7 8 1 9 6 5 4 3 10"),
        ("1", "2 7 8 1"),
        ("2", "1"),
        ("3", "3"),
        ("4", "9 5 4 10"),
        ("5", "6"),
    ],
)
async def test_the_groups(key, shown):
    w = Watched()
    w.put(
        task(1, S.QUEUED),
        task(2, S.RUNNING),
        task(3, S.SUCCESS),
        task(4, S.PARTIAL),
        task(5, S.FAILED),
        task(6, S.CANCELLED),
        task(7, S.UNKNOWN),
        task(8, S.QUEUED),
        task(9, S.SUCCESS),
    )
    w.put(unreadable_task(8), unreadable_task(9), unreadable_task(10))
    await w.show(Shape(group=next(group for group in TAB_GROUPS if group.key == key)))
    assert ids(w.view) == shown
    w.check()
    w.put(task(8, S.RUNNING), task(9, S.FAILED), task(10, S.SUCCESS))
    w.check()


async def test_every_status_is_in_one_of_the_groups_of_statuses():
    together = (
        TAB_GROUPS[1].statuses | TAB_GROUPS[3].statuses | TAB_GROUPS[4].statuses | TAB_GROUPS[5].statuses
    )
    assert together == frozenset(TaskStatus) - {S.UNREADABLE}, "that stands where `tab_status` says"


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ("id", "1 2 3"),
        ("status", "3 2 1"),
        ("type", "2 1 3"),
        ("name", "3 1 2"),
        ("age", "2 1 3"),
        ("took", "3 1 2"),
        ("progress", "1 3 2"),
        ("retries", "2 3 1"),
        ("server", "3 2 1"),
        ("graph", "1 2 3"),
        ("created", "2 1 3"),
        ("updated", "2 3 1"),
    ],
)
async def test_every_column_sorts_by_what_it_shows(column, shown):
    w = Watched()
    w.put(
        task(1, S.SUCCESS, type="b", name="b", created=START - 10, updated=START + 9, retries=2, server="y"),
        task(2, S.RUNNING, type="A", name="C", created=START - 20, progress=9, server="x"),
        task(3, S.NEW, type="c", name="A", created=START - 1, updated=START - 1, progress=1, retries=1),
    )
    await w.show(Shape(order=Order(column, descending=False)))
    assert ids(w.view) == shown
    if column == "age":
        # Newest first is what a table begins with: it has the unfinished tasks on top.
        w.put(*(replace(row, status=S.SUCCESS) for row in list(w.store.tasks.values())))
    await w.show(Shape(order=Order(column)))
    assert ids(w.view) == " ".join(reversed(shown.split()))


@pytest.mark.parametrize(
    ("column", "rows", "shown"),
    [
        ("took", [task(2, S.QUEUED), task(1, S.SUCCESS, updated=START)], "2 1"),
        ("took", [task(2, S.SUCCESS, updated=None), task(1, S.SUCCESS, updated=START)], "2 1"),
        ("progress", [task(1), task(3, progress=0), task(2, progress=1)], "1 3 2"),
        ("updated", [task(1), task(2, updated=1)], "1 2"),
        ("server", [task(2, server=""), task(1), task(3, server="0")], "1 2 3"),
        ("graph", [task(2, graph=""), task(1), task(3, graph="0")], "1 2 3"),
        (
            "age",
            [task(3, S.SUCCESS, created=None), task(2, created=1), task(1, S.QUEUED, created=None)],
            "3 2 1",
        ),
        ("created", [task(1, S.QUEUED, created=None), task(2, created=START - 1)], "2 1"),
        ("retries", [task(3), task(2, retries=1), task(1, retries=2)], "3 2 1"),
    ],
)
async def test_what_is_not_known_sorts_before_all_that_is_but_what_waits_is_the_newest(column, rows, shown):
    w = Watched()
    w.put(*rows)
    await w.show(Shape(order=Order(column, descending=False)))
    assert ids(w.view) == shown
    w.check()


def test_the_groups_are_named_and_hold_these_statuses():
    assert [(group.key, group.label) for group in TAB_GROUPS] == [
        ("0", "All"),
        ("1", "Active"),
        ("2", "Waiting"),
        ("3", "Success"),
        ("4", "Failed"),
        ("5", "Cancelled"),
    ]


async def test_a_filter_and_a_change_that_moves_a_task_out_of_it():
    w = Watched()
    w.put(task(1), task(2), task(3, S.FAILED))
    await w.show(Shape(filter=compile_filter("status=running")))
    assert ids(w.view) == "1 2"
    w.put(task(2, S.SUCCESS), task(3, S.RUNNING))
    assert ids(w.view) == "1 3"


async def test_durations_move_rows_only_when_ticked():
    w = Watched()
    w.put(task(1, S.SUCCESS, updated=START + 5_000), task(2, S.RUNNING))
    await w.show(Shape(order=Order("took")))
    assert ids(w.view) == "1 2"
    await w.clock.advance(6)
    assert ids(w.view) == "1 2"
    assert w.tick()
    assert ids(w.view) == "2 1"
    w.check()


async def test_a_tick_is_nothing_where_time_moves_nothing():
    w = Watched()
    w.put(task(1))
    assert not w.tick()
    await w.show(Shape(order=Order("took")))
    w.put(missing=["1"])
    assert not w.tick()


@pytest.fixture
def small_slices(monkeypatch):
    shrink(monkeypatch)


def shrink(patch, slice_: int = 2, chunk: int = 2) -> None:
    """The loop has its turn after each step, and a handful of tasks is as many as make slices and chunks."""
    patch.setattr(view_module, "VIEW_SLICE", slice_)
    patch.setattr(ordered, "RUN_LENGTH", 2 * slice_)
    patch.setattr(ordered, "CHUNK_LENGTH", chunk)
    patch.setattr(cooperative, "SLICE_SECONDS", 0)


async def test_the_rows_stay_whole_until_a_rebuild_is_ready(small_slices):
    w = Watched()
    w.put(*[task(n) for n in range(1, 10)])
    rebuild = asyncio.create_task(w.show(Shape(order=Order("id"))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    w.put(task(10), missing=["1", "9"])
    assert ids(w.view) == "2 3 4 5 6 7 8 10"
    w.check()
    await rebuild
    assert ids(w.view) == "10 8 7 6 5 4 3 2"
    w.check()


async def test_a_newer_wish_ends_an_older_one_and_loses_no_change(small_slices):
    w = Watched()
    w.put(*[task(n) for n in range(1, 10)])
    older = asyncio.create_task(w.view.rebuild(Shape(order=Order("name"))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    w.put(missing=["5"])
    older.cancel()
    newer = asyncio.create_task(w.show(Shape(order=Order("id"))))
    for number in range(6):
        await asyncio.sleep(0)
        w.put(task(20 + number))
    await newer
    assert older.cancelled()
    assert ids(w.view) == "25 24 23 22 21 20 9 8 7 6 4 3 2 1"
    w.check()


async def test_of_two_rebuilds_at_once_the_newer_one_counts(small_slices):
    w = Watched()
    w.put(*[task(n) for n in range(1, 5)])
    first = asyncio.create_task(w.view.rebuild(Shape(order=Order("name"))))
    await asyncio.sleep(0)
    w.put(*[task(n) for n in range(5, 9)])
    second = asyncio.create_task(w.show(Shape(order=Order("id"))))
    for number in range(20):
        await asyncio.sleep(0)
        w.put(task(8, progress=number), task(30 + number), missing=[str(number // 4)])
        w.check()
    await asyncio.gather(first, second)
    w.put(task(1, S.SUCCESS))
    w.check()


@pytest.fixture(scope="module")
def thousands():
    """Some 9,000 rows in any order, and 5,000 of which many replace others."""
    rng, statuses = random.Random(3), list(TaskStatus)

    def some(number: int):
        return task(
            number,
            rng.choice(statuses),
            name=f"n{rng.randrange(500)}",
            created=START + rng.randrange(9_000),
            updated=START + rng.randrange(9_000),
        )

    return [some(n) for n in rng.sample(range(20_000), 9_000)], [some(n) for n in range(5_000)]


@pytest.mark.parametrize("column", sorted(SORTS))
async def test_thousands_of_rows_are_merged_from_runs_and_split_as_they_grow(column, thousands):
    w, (first, later) = Watched(), thousands
    w.put(*first)
    await w.show(Shape(order=Order(column)))
    w.check()
    w.put(*later, missing=[str(number) for number in range(4_000, 9_000)])
    w.check()
    w.put(missing=[str(number) for number in range(20_000)])
    w.check()
    assert len(w.view) == 0


async def test_a_rebuild_gives_the_loop_a_turn_again_and_again(small_slices):
    w, turns_had = Watched(), 0
    w.put(*[task(n) for n in range(1, 101)])
    rebuild = asyncio.create_task(w.view.rebuild(Shape(order=Order("name"))))
    while not rebuild.done():
        turns_had += 1
        await asyncio.sleep(0)
    assert turns_had >= 50 + 25, "after each slice of 2, and after each chunk"


async def test_runs_are_merged_in_chunks_of_about_a_thousand_with_a_turn_after_each():
    turns_had = 0

    async def turn() -> None:
        nonlocal turns_had
        turns_had += 1

    rows = [task(n, created=n * 7_919 % 20_011) for n in range(20_000)]
    runs = [
        ordered.sort_tasks([row.created for row in part], part)
        for part in (rows[start : start + 4_000] for start in range(0, 20_000, 4_000))
    ]
    whole = await ordered.merge_runs(runs, turn)
    assert list(whole) == sorted(rows, key=lambda row: row.created)
    assert 5 + 15 <= turns_had <= 5 + 25, "after each run and each chunk"
    assert max(len(chunk.tasks) for chunk in whole._chunks) <= 2_000


async def test_all_rows_can_be_walked_through_in_order():
    w = Watched()
    w.put(task(1), task(2, created=START + 1), task(3, created=START - 1))
    assert [row.id for row in w.view] == ["3", "1", "2"]
    await w.show(Shape(order=Order("id", descending=False)))
    assert [row.id for row in w.view] == ["1", "2", "3"]


async def test_thousands_of_running_tasks_are_not_moved_every_second():
    w = Watched()
    w.put(*[task(n) for n in range(201)])
    await w.show(Shape(order=Order("took")))
    assert w.view.depends_on_time
    assert not w.tick()
    w.put(task(0, S.SUCCESS))
    assert len(w.store.unfinished) == 200
    assert not w.view.depends_on_time
    assert w.tick()


async def test_only_a_filter_or_an_order_by_time_needs_a_rebuild_as_time_goes_by():
    w = Watched()
    w.put(*[task(n) for n in range(201)])
    for text, column, timed in (("", "age", False), ("age>1h", "name", True), ("", "took", True)):
        await w.show(Shape(order=Order(column), filter=compile_filter(text)))
        assert w.view.depends_on_time is timed


async def test_nothing_moves_by_time_while_a_rebuild_is_under_way(small_slices):
    w = Watched()
    w.put(*[task(n) for n in range(1, 10)])
    await w.show(Shape(order=Order("took")))
    rebuild = asyncio.create_task(w.show(Shape(order=Order("name"))))
    await asyncio.sleep(0)
    assert not w.view.advance_time()
    await rebuild
    w.check()


# Regular expressions that take too long.

SLOW = "/(a|aa)+$/"
ENDLESS = "a" * 40 + "!"


async def test_an_endless_regular_expression_is_given_up_and_the_rows_stay():
    w = Watched()
    w.put(*[task(n) for n in range(50)], task(50, name=f"job {ENDLESS}"))
    with pytest.raises(FilterError, match="takes too long") as refused:
        await w.view.rebuild(Shape(filter=compile_filter(f"job {SLOW}")))
    assert (refused.value.position, refused.value.length) == (4, len(SLOW))
    w.check()
    assert len(w.view) == 51
    await w.show(Shape(filter=compile_filter("/^job 1$/")))
    assert ids(w.view) == "1"


async def test_a_task_that_comes_later_and_would_take_too_long_is_left_out():
    w = Watched()
    w.put(task(1, name="aaa"), task(2, name="b"))
    await w.show(Shape(filter=compile_filter(SLOW)))
    w.put(task(3, name=ENDLESS), task(4, name="aa"))
    assert ids(w.view) == "1 4"


async def test_expressions_that_take_a_while_leave_the_loop_free(monkeypatch):
    w = Watched()
    w.put(*[task(n) for n in range(9)])
    now, longest = 0.0, 0.0

    def search(pattern: Pattern, text: str) -> bool:
        nonlocal now
        now += SEARCH_LIMIT
        return "job 1" not in text

    async def take(turn: cooperative.LoopYielder) -> None:
        nonlocal longest
        longest = max(longest, now - turn._since)
        await real_take(turn)

    real_take = cooperative.LoopYielder.yield_if_due
    monkeypatch.setattr(cooperative.time, "perf_counter", lambda: now)
    monkeypatch.setattr(cooperative.LoopYielder, "yield_if_due", take)
    monkeypatch.setattr(Pattern, "is_found_in", search)
    await w.show(Shape(filter=compile_filter("/(job)+/")))
    assert ids(w.view) == "0 2 3 4 5 6 7 8"
    assert now == pytest.approx(9 * SEARCH_LIMIT)
    assert longest < 0.016


async def test_a_job_that_waits_without_a_begin_stays_the_newest_of_all_that_come():
    w = Watched()
    w.put(task(1), task(2, S.QUEUED, created=None))
    await w.show(Shape())
    w.put(task(3, created=START + 60_000), task(4, S.QUEUED, created=START + 60_000))
    assert ids(w.view) == "1 3 4 2"
    w.check()


async def test_a_task_that_changes_twice_in_one_answer():
    w = Watched()
    w.put(task(1, S.NEW), task(2), task(1, S.RUNNING, created=START + 9), missing=["2"])
    assert ids(w.view) == "1"
    w.check()


WORDS = ("", "status=active", "1", "retries>0", "!gremlin", "name=b", "status=unreadable,finished")
SHAPES = st.builds(
    Shape,
    st.builds(Order, st.sampled_from(sorted(SORTS)), st.booleans()),
    st.sampled_from([compile_filter(text) for text in WORDS]),
    st.sampled_from(TAB_GROUPS),
)
FIELDS = {
    "type": ["gremlin", "index"],
    "name": ["a", "B", "ab"],
    "created": [None, START, START - 2_000, START - 9_000],
    "updated": [None, START, START + 3_000],
    "retries": [0, 1],
    "progress": [None, 0, 3],
    "server": [None, "s1"],
}
# All values that go together, to be drawn at once: drawing each field takes longer than the test itself.
OTHERS = [dict(zip(FIELDS, values, strict=True)) for values in product(*FIELDS.values())]
ROW = st.builds(
    lambda number, status, others: task(number, status, **others),
    st.integers(1, 25),
    st.sampled_from(TaskStatus),
    st.sampled_from(OTHERS),
)
CHANGE = st.tuples(
    st.just("put"), st.lists(ROW, max_size=4), st.lists(st.integers(1, 25).map(str), max_size=3)
)
STEPS = st.one_of(
    CHANGE,
    st.tuples(st.just("show"), SHAPES, st.lists(CHANGE, max_size=4)),
    st.tuples(st.just("cancelled"), SHAPES, st.lists(CHANGE, max_size=3)),
    st.tuples(st.just("replaced"), SHAPES, SHAPES, st.lists(CHANGE, max_size=4)),
    st.tuples(st.just("tick"), st.integers(0, 4)),
)


async def follow(w: Watched, step) -> None:
    match step:
        case ("put", rows, missing):
            w.put(*rows, missing=missing)
        case ("tick", seconds):
            await w.clock.advance(seconds)
            w.tick()
        case ("show", shape, changes):
            work = asyncio.create_task(w.show(shape))
            await meanwhile(w, changes)
            await work
        case ("cancelled", shape, changes):
            work = asyncio.create_task(w.show(shape))
            await meanwhile(w, changes)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        case ("replaced", shape, newer, changes):
            work = asyncio.create_task(w.show(shape))
            await meanwhile(w, changes[:2])
            work.cancel()
            work = asyncio.create_task(w.show(newer))
            await meanwhile(w, changes[2:])
            await work


async def meanwhile(w: Watched, changes) -> None:
    """Changes land at each await point, and what is on the screen meanwhile is right too."""
    for change in changes:
        await asyncio.sleep(0)
        await follow(w, change)
        w.tick()
        w.check()


@pytest.mark.parametrize("chunk", [1, 2, 3, 1000])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=10))
def test_the_view_is_always_the_filtered_and_sorted_store(chunk, steps):
    async def all_steps() -> None:
        w = Watched()
        w.put(*[task(number) for number in range(1, 9)])
        for step in steps:
            await follow(w, step)
            w.check()
        await run_until_idle()

    with pytest.MonkeyPatch.context() as patch:
        shrink(patch, slice_=3, chunk=chunk)
        asyncio.run(all_steps())


async def test_a_long_random_life():
    w, rng = Watched(), random.Random(7)
    for _ in range(300):
        rows = [
            task(rng.randint(1, 400), rng.choice(list(TaskStatus)), created=START - rng.randint(0, 9))
            for _ in range(rng.choice([1, 3, 100]))
        ]
        w.put(*rows, missing=[str(rng.randint(1, 400))])
    w.check()


async def test_a_store_that_was_filled_beforehand_is_shown_by_the_first_rebuild():
    w = Watched()
    w.store.apply_answer([task(1), task(2)], asked=w.store.take_ticket())
    await w.show(Shape())
    assert ids(w.view) == "1 2"


async def test_turning_the_order_round_builds_nothing_anew():
    w = Watched()
    w.put(*(task(number) for number in range(1, 6)))
    await w.show(Shape(order=Order("id")))
    entries = w.view._rows
    assert await w.view.rebuild(Shape(order=Order("id", descending=False))), "it is shown all the same"
    w.shape = w.view.shape
    assert ids(w.view) == "1 2 3 4 5"
    assert w.view._rows is entries
    w.put(task(6))
    w.check()


async def test_names_are_sorted_as_they_are_shown() -> None:
    store = Store()
    names = ("// beta", "gamma", "INDEX_LABEL:4:alpha")
    store.apply_answer(
        [task(n, S.SUCCESS, type="rebuild_index", name=name) for n, name in enumerate(names)], asked=1
    )
    view = View(store, FakeClock().now)
    await view.rebuild(Shape(order=Order("name", descending=False)))
    assert [row.name for row in view] == ["INDEX_LABEL:4:alpha", "// beta", "gamma"]
