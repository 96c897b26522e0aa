"""Which columns say the same in every row, and when that is found out."""

from __future__ import annotations

from tests.unit.fakes import START, FakeClock, S, task
from tui.monitor.constant_columns import ConstantColumns
from tui.monitor.filters import compile_filter
from tui.monitor.store import Store
from tui.monitor.view import TAB_GROUPS, Order, Shape, View

WAITING = next(group for group in TAB_GROUPS if group.label == "Waiting")


def view_of(*tasks) -> tuple[View, Store]:
    store = Store()
    view = View(store, FakeClock().now)
    view.follow_changes(store.apply_answer(tasks, asked=store.take_ticket()))
    return view, store


MIXED = (
    *(task(n, S.SUCCESS, graph="a", updated=START) for n in range(600)),
    task(600, S.QUEUED, type="algorithm", graph="b"),
    task(601, S.QUEUED, type="algorithm", graph="b"),
)


async def test_only_what_every_row_says_gives_its_room_away() -> None:
    view, _ = view_of(*MIXED)
    await view.find_constant_columns()
    assert view.constant_columns == frozenset()
    await view.rebuild(Shape(filter=compile_filter("type=gremlin")))
    assert view.constant_columns == {"type", "graph"}
    await view.rebuild(Shape(filter=compile_filter("/job 1/")))
    assert view.constant_columns == {"type", "graph"}
    await view.rebuild(Shape())
    assert view.constant_columns == frozenset()


async def test_the_sorted_column_stays_and_a_single_row_hides_nothing() -> None:
    view, _ = view_of(*MIXED)
    await view.rebuild(Shape(order=Order("type"), filter=compile_filter("type=gremlin")))
    assert view.constant_columns == {"graph"}
    await view.rebuild(Shape(filter=compile_filter("id=601")))
    assert view.constant_columns == frozenset()


async def test_where_nothing_has_begun_nothing_has_taken_time() -> None:
    view, _ = view_of(*MIXED)
    await view.rebuild(Shape(group=WAITING))
    assert view.constant_columns == {"type", "graph", "took"}


async def test_a_change_alone_moves_no_column() -> None:
    view, store = view_of(*MIXED[:9])
    assert view.constant_columns == frozenset(), "not before everything was read"
    await view.find_constant_columns()
    assert view.constant_columns == {"type", "graph"}
    view.follow_changes(store.apply_answer([MIXED[600]], asked=store.take_ticket()))
    view.advance_time()
    assert view.constant_columns == {"type", "graph"}
    await view.find_constant_columns()
    assert view.constant_columns == frozenset()


def test_rows_are_compared_across_slices() -> None:
    found = ConstantColumns()
    found.note_rows([task(1, graph="a")])
    found.note_rows([])
    assert found.keys == frozenset()
    found.note_rows([task(2, graph="b")])
    assert found.keys == {"type"}
