"""The rows of several places in one view: none is lost, doubled or mixed up, whatever happens."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_adapters.model import Place, Task, change_task
from tests.unit.fakes import START, S, task
from tui.fields import SORTS
from tui.monitor.filters import compile_filter
from tui.monitor.place_labels import label_places
from tui.monitor.store import Change, Store
from tui.monitor.task_source import JointStore
from tui.monitor.view import TAB_GROUPS, Order, Shape, View

FILTERS = (
    "",
    "place=social",
    "place=prod",
    "profile=dev",
    "graph=social",
    "!place=dev",
    "job",
    "status=failed",
)
NAMES = (("prod", "social"), ("dev", "social"), ("prod", "movies"), ("test", "social"), ("dev", "g"))
STATUSES = (S.RUNNING, S.QUEUED, S.SUCCESS, S.FAILED, S.CANCELLED)


class Places:
    """Stores of places with a view of all of them, and a check that the rows are those of the stores."""

    def __init__(self) -> None:
        self.now = START
        self.joint = JointStore(lambda: self.now)
        self.view = View(self.joint, self.joint.now)
        self.stores: dict[Place, Store] = {}
        self.number = 0

    async def add(self, profile: str, graph: str) -> None:
        self.number += 1
        place = Place(number=self.number, profile=profile, dialect="hugegraph", graph=graph)
        store = self.stores[place] = Store(lambda: self.now)
        self.joint.add_store(place, store)
        await self._name()

    async def remove(self, place: Place) -> None:
        store = self.stores.pop(place)
        self.view.follow_changes([Change(one, None) for one in store.list_tasks()])
        self.joint.remove_store(place)
        await self._name()

    async def _name(self) -> None:
        """As the monitor does it: names that were sought or grouped by are sought anew."""
        shape = self.view.shape
        if label_places(list(self.stores)) and (shape.filter.text or shape.grouped_by == "place"):
            self.view.mark_outdated()
            await self.view.rebuild(shape)

    def put(self, place: Place, *rows: Task, missing: tuple[str, ...] = ()) -> None:
        store = self.stores[place]
        placed = [change_task(row, place=place) for row in rows]
        self.view.follow_changes(store.apply_answer(placed, missing, asked=store.take_ticket()))

    def check(self) -> None:
        rows, shape = list(self.view), self.view.shape
        known = self.joint.list_tasks()
        wanted = {one.key for one in known if shape.shows_task(one, self.now)}
        counted = Counter(row.key for row in rows)
        assert counted.keys() == wanted, "lost, or too much"
        assert set(counted.values()) <= {1}, "doubled"
        for at, row in enumerate(rows):
            assert row.place is not None
            assert row is self.stores[row.place].tasks[row.id], "of another place, or old"
            assert self.view.position(row.key) == at
        assert all(self.view.position(one.key) is None for one in known if one.key not in wanted)
        if shape.grouped_by is None and not shape.unfinished_first:
            keys = [SORTS[shape.order.column].key(row, self.now) for row in rows]
            assert keys == sorted(keys, reverse=shape.order.descending)
        if shape.grouped_by is not None:
            assert sum(group.count for group in self.view.groups) == len(rows)
        if shape.grouped_by == "place":
            assert {group.label for group in self.view.groups} == {
                row.place.label for row in rows if row.place
            }


def make_shape(rng: random.Random) -> Shape:
    order = Order(rng.choice(("age", "id", "place", "status", "took", "name")), rng.random() < 0.5)
    grouped = rng.choice((None, None, "place", "status", "type", "cause"))
    group = rng.choice((TAB_GROUPS[0], *TAB_GROUPS))
    return Shape(order=order, filter=compile_filter(rng.choice(FILTERS)), group=group, grouped_by=grouped)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
async def test_rows_of_places_with_equal_ids_and_times(seed: int) -> None:
    rng, places = random.Random(seed), Places()
    await places.add(*NAMES[0])
    for _ in range(60):
        step = rng.random()
        watched = list(places.stores)
        if step < 0.08 and len(watched) < 5:
            await places.add(*rng.choice(NAMES))
        elif step < 0.13 and watched:
            await places.remove(rng.choice(watched))
        elif step < 0.25:
            await places.view.rebuild(make_shape(rng))
        elif watched:
            place = rng.choice(watched)
            ids = rng.sample(range(1, 7), 3)
            rows = [
                task(number, rng.choice(STATUSES), created=START - number // 3, updated=START)
                for number in ids[: rng.randint(0, 3)]
            ]
            places.put(place, *rows, missing=tuple(str(number) for number in ids[len(rows) :]))
        places.check()
