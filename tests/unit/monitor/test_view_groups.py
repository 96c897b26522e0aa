"""Grouped rows: always what grouping the whole store says, whatever happened in between."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backend_adapters.model import Place
from tests.unit.fakes import START, S, task, unreadable_task
from tests.unit.monitor.test_view import Watched, ids, shrink
from tui.fields import SORTS
from tui.monitor import cooperative, group_index
from tui.monitor.filters import compile_filter
from tui.monitor.id_order import natural_key
from tui.monitor.view import TAB_GROUPS, Order, Shape, View

FAILED_TAB = TAB_GROUPS[4]


def heads(view: View) -> list[tuple[str, int]]:
    return [(group.label, group.count) for group in view.groups]


def check(w: Watched) -> None:
    """The rows are those of one group after the other, each in the order of the shape."""
    view, shape = w.view, w.shape
    rows = [view[row] for row in range(len(view))]
    assert {row.id for row in rows} == {
        row.id for row in w.store.tasks.values() if shape.shows_task(row, w.at)
    }
    assert list(view) == rows
    assert [view.position(row.id) for row in rows] == list(range(len(rows)))
    assert sum(group.count for group in view.groups) == len(rows)
    first = 0
    for group in view.groups:
        inside = rows[first : first + group.count]
        first += group.count
        key = SORTS[shape.order.column].key
        ordered = sorted(
            inside,
            key=lambda row: (key(row, w.at), natural_key(row.id)),
            reverse=shape.order.descending,
        )
        assert inside == ordered
        made = [row.created for row in inside if row.created is not None]
        assert (group.first, group.last) == (min(made, default=None), max(made, default=None))
        assert group.newest in inside


async def test_by_status_what_runs_comes_first_and_what_has_ended_last():
    w = Watched()
    w.put(task(1, S.SUCCESS), task(2, S.QUEUED), task(3), task(4, S.FAILED), task(5, S.SUCCESS))
    w.put(task(6, S.UNKNOWN, raw_status="paused"), task(7, S.UNKNOWN, raw_status="odd"))
    await w.show(Shape(grouped_by="status"))
    assert heads(w.view) == [
        ("running", 1),
        ("queued", 1),
        ("odd", 1),
        ("paused", 1),
        ("success", 2),
        ("failed", 1),
    ]
    assert ids(w.view) == "3 2 7 6 5 1 4"
    assert (w.view.running_rows, w.view.waiting_rows) == (0, 0), "there is no block above the groups"
    check(w)


@pytest.mark.parametrize("column", ["progress", "retries", "updated"])
@pytest.mark.parametrize("number", [1 << 200, -(1 << 200), 1 << 149, -(1 << 149)])
async def test_a_number_beyond_all_reason_leads_into_no_other_group(column: str, number: int):
    w = Watched()
    w.put(task(1, S.SUCCESS, **{column: number}), task(2, S.SUCCESS), task(3), task(4, S.FAILED))
    await w.show(Shape(grouped_by="status", order=Order(column)))
    assert sorted(ids(w.view).split()) == ["1", "2", "3", "4"]
    assert {w.view[row].id for row in (1, 2)} == {"1", "2"}
    check(w)


async def test_by_type_the_largest_group_comes_first():
    w = Watched()
    w.put(task(1, type="rebuild"), task(2, type="gremlin"), task(3, type="gremlin"), task(4, type=""))
    await w.show(Shape(grouped_by="type"))
    assert heads(w.view) == [("gremlin", 2), ("", 1), ("rebuild", 1)]
    w.put(task(5, type="rebuild"), task(6, type="rebuild"))
    assert heads(w.view) == [("rebuild", 3), ("gremlin", 2), ("", 1)]
    check(w)


async def test_by_cause_only_failures_are_shown_and_the_newest_cause_comes_first():
    w = Watched()
    w.put(
        task(1, S.FAILED, reason="NotFound: Vertex '1:marko-1' does not exist", created=START - 90),
        task(2, S.FAILED, reason="OutOfMemoryError: Java heap space", created=START - 50),
        task(3, S.FAILED, reason="NotFound: Vertex '1:josh' does not exist", created=START - 10),
        task(4, S.SUCCESS),
        task(5, S.FAILED),
        task(6, S.PARTIAL, reason=""),
        task(7),
        unreadable_task(8),
    )
    await w.show(Shape(grouped_by="cause"))
    assert heads(w.view) == [
        ("NotFound: Vertex '1:josh' does not exist", 2),
        ("OutOfMemoryError: Java heap space", 1),
        ("no reason given", 2),
        ("reason not read yet", 1),
    ]
    assert next((group.first, group.last) for group in w.view.groups) == (START - 90, START - 10)
    check(w)


async def test_a_reason_that_gets_known_moves_its_task_into_the_group_of_its_kind():
    w = Watched()
    w.put(task(1, S.FAILED, reason="boom 1"), task(2, S.FAILED), task(3, S.FAILED))
    await w.show(Shape(grouped_by="cause", group=FAILED_TAB))
    assert heads(w.view) == [("boom 1", 1), ("reason not read yet", 2)]
    w.view.follow_changes([w.store.set_reason(w.store.tasks["3"], "boom 22")])
    assert heads(w.view) == [("boom 22", 2), ("reason not read yet", 1)]
    w.view.follow_changes([w.store.set_reason(w.store.tasks["2"], "bang")])
    assert heads(w.view) == [("boom 22", 2), ("bang", 1)]
    check(w)


async def test_what_did_not_change_is_the_same_group():
    w = Watched()
    w.put(task(1, type="a"), task(2, type="b"))
    await w.show(Shape(grouped_by="type"))
    before = w.view.groups
    assert w.view.groups is before
    w.put(task(3, type="a"))
    assert [after is was for after, was in zip(w.view.groups, before, strict=True)] == [False, True]


async def test_groups_follow_the_filter_and_the_tab_and_keep_their_keys():
    w = Watched()
    w.put(task(1, type="a", name="x"), task(2, S.FAILED, type="a", name="y"), task(3, type="b", name="y"))
    await w.show(Shape(grouped_by="type"))
    keys = {group.label: group.key for group in w.view.groups}
    await w.show(Shape(grouped_by="type", filter=compile_filter("y")))
    assert heads(w.view) == [("a", 1), ("b", 1)]
    assert {group.label: group.key for group in w.view.groups} == keys
    await w.show(Shape(grouped_by="type", group=FAILED_TAB))
    assert heads(w.view) == [("a", 1)]
    await w.show(Shape(grouped_by="cause", group=TAB_GROUPS[3]))
    assert heads(w.view) == []


async def test_turning_the_order_round_keeps_the_groups_in_their_places():
    w = Watched()
    w.put(*(task(number, type="ab"[number % 2]) for number in range(1, 6)))
    await w.show(Shape(grouped_by="type", order=Order("id")))
    assert ids(w.view) == "5 3 1 4 2"
    await w.show(Shape(grouped_by="type", order=Order("id", descending=False)))
    assert ids(w.view) == "1 3 5 2 4"
    check(w)


@pytest.mark.parametrize("column", ["age", "name"])
async def test_groups_that_begin_empty_follow_what_comes(column):
    w = Watched()
    await w.show(Shape(grouped_by="type", order=Order(column)))
    w.put(task(1, S.SUCCESS, type="a"), task(2, S.SUCCESS, type="a", created=START + 9))
    assert [(group.first, group.last) for group in w.view.groups] == [(START, START + 9)]
    w.put(missing=["2"])
    assert [(group.first, group.last) for group in w.view.groups] == [(START, START)]
    check(w)


async def test_too_many_kinds_share_a_group_at_the_end(monkeypatch):
    monkeypatch.setattr(group_index, "MAX_GROUPS", 3)
    w = Watched()
    w.put(*(task(number, type=f"type {number}") for number in range(9)))
    await w.show(Shape(grouped_by="type"))
    assert heads(w.view) == [("type 0", 1), ("type 1", 1), ("type 2", 1), ("all others", 6)]
    w.put(task(9, type="unread"), task(10, type="others"), missing=["1", "8"])
    assert heads(w.view)[-1] == ("all others", 7)
    check(w)


async def test_groups_that_are_gone_leave_their_places_to_new_ones(monkeypatch):
    monkeypatch.setattr(group_index, "MAX_GROUPS", 3)
    w = Watched()
    w.put(*(task(number, type=f"type {number}") for number in range(3)))
    await w.show(Shape(grouped_by="type"))
    for number in range(3, 30):
        w.put(missing=[str(number - 3), str(number + 97)])
        w.put(task(number, type=f"type {number}"), task(number + 100, type=f"type {number}"))
        check(w)
    w.put(task(200, type="type 28"))
    assert heads(w.view) == [("type 28", 3), ("type 27", 2), ("type 29", 2)]


async def test_durations_move_rows_within_their_group():
    w = Watched()
    w.put(task(1, S.SUCCESS, updated=START + 5_000), task(2), task(3, type="x"))
    await w.show(Shape(grouped_by="type", order=Order("took")))
    assert ids(w.view) == "1 2 3"
    await w.clock.advance(6)
    assert w.tick()
    assert ids(w.view) == "2 1 3"
    check(w)


REASONS = st.sampled_from([None, "", "boom 1", "boom 2", "bang", "Vertex 'x' is gone"])
TASKS = st.builds(
    lambda number, status, kind, reason, created: task(
        number,
        status,
        type=kind,
        reason=reason if status in (S.FAILED, S.PARTIAL) else None,
        created=created,
        updated=None if created is None else created + number,
    ),
    st.integers(1, 12),
    st.sampled_from([S.RUNNING, S.QUEUED, S.SUCCESS, S.FAILED, S.PARTIAL, S.CANCELLED, S.UNREADABLE]),
    st.sampled_from(["gremlin", "rebuild", ""]),
    REASONS,
    st.sampled_from([None, START - 5, START, START + 7]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(TASKS, max_size=4)),
        st.tuples(st.just("drop"), st.integers(1, 12).map(str)),
        st.tuples(st.just("reason"), st.tuples(st.integers(1, 12).map(str), REASONS)),
        st.tuples(
            st.just("show"),
            st.builds(
                Shape,
                order=st.builds(Order, st.sampled_from(sorted(SORTS)), st.booleans()),
                group=st.sampled_from(TAB_GROUPS),
                grouped_by=st.sampled_from(["cause", "status", "type"]),
            ),
        ),
        st.tuples(st.just("wait"), st.just(None)),
    ),
    max_size=12,
)


@given(STEPS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_groups_are_those_of_the_store(steps):
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        patch.setattr(cooperative, "SLICE_SECONDS", 0)
        asyncio.run(run_steps(steps))


async def run_steps(steps) -> None:
    w = Watched()
    await w.show(Shape(grouped_by="type"))
    rebuild = None
    for name, what in steps:
        if name == "put":
            w.put(*{row.id: row for row in what}.values())
        elif name == "drop":
            w.put(missing=[what])
        elif name == "reason" and what[0] in w.store.tasks:
            change = w.store.set_reason(w.store.tasks[what[0]], what[1])
            w.view.follow_changes([change] if change is not None else [])
        elif name == "show":
            if rebuild is not None:
                await rebuild
            rebuild = asyncio.create_task(w.show(what))
            await asyncio.sleep(0)
        elif name == "wait" and rebuild is not None:
            await rebuild
        if rebuild is None or rebuild.done():
            check(w)
    if rebuild is not None:
        await rebuild
    check(w)


async def test_a_task_that_comes_while_the_groups_are_built_is_in_its_group(monkeypatch):
    shrink(monkeypatch)
    monkeypatch.setattr(cooperative, "SLICE_SECONDS", 0)
    w = Watched()
    w.put(*(task(number, type="ab"[number % 2]) for number in range(1, 30)))
    rebuild = asyncio.create_task(w.show(Shape(grouped_by="type")))
    await asyncio.sleep(0)
    w.put(task(99, type="a"), replace(w.store.tasks["3"], type="c", name="other"), missing=["5"])
    await rebuild
    assert heads(w.view) == [("a", 15), ("b", 13), ("c", 1)]
    check(w)


async def test_by_place_the_groups_are_in_the_order_of_their_labels_and_equal_ids_are_apart():
    index = group_index.GroupIndex("place", has_times=True)
    dev, prod = (
        Place(number=number, profile=label, dialect="hugegraph", label=label)
        for number, label in ((2, "dev:social"), (1, "prod:DEFAULT/social"))
    )
    rows = [task(number, place=place, created=START + number) for place in (prod, dev) for number in (1, 2)]
    index.add_tasks(rows)
    assert [(group.label, group.count, group.newest.key) for group in index.groups] == [
        ("dev:social", 2, "2/2"),
        ("prod:DEFAULT/social", 2, "1/2"),
    ]
    assert [index.find_number(key) for key in ("1/1", "2/1", "1")] == [0, 1, None]
    index.remove_task(rows[3])
    assert [(group.label, group.count, group.newest.key) for group in index.groups] == [
        ("dev:social", 1, "2/1"),
        ("prod:DEFAULT/social", 2, "1/2"),
    ]
    index.remove_task(rows[2])
    assert [group.label for group in index.groups] == ["prod:DEFAULT/social"]


def test_by_place_the_tasks_are_sorted_by_its_label_and_the_newest_comes_first():
    places = [Place(number=n, profile=p, dialect="ges", label=p) for n, p in ((1, "prod"), (2, "Dev"))]
    rows = [task(n, place=place, created=START + n) for place in places for n in (1, 2)]
    ordered = sorted(rows, key=lambda row: SORTS["place"].key(row, 0))
    assert [row.key for row in ordered] == ["2/2", "2/1", "1/2", "1/1"]
