"""The stores of several places as one: sums of what each says, and each task by its key."""

from __future__ import annotations

from backend_adapters.model import Action, Place, Task, change_task
from tests.unit.fakes import START, FakeClock, S, task, unreadable_task
from tui.monitor.store import ActionOverlay, Store
from tui.monitor.task_source import JointStore

MINUTE = 60_000


def fill(joint: JointStore, number: int, *rows: Task) -> Store:
    """Add the store of a place with these tasks."""
    place = Place(number=number, profile=f"p{number}", dialect="hugegraph", graph="g")
    store = Store(FakeClock().now)
    joint.add_store(place, store)
    store.apply_answer([change_task(row, place=place) for row in rows], asked=store.take_ticket())
    return store


def make_joint() -> JointStore:
    return JointStore(FakeClock().now)


def test_without_places_there_is_nothing() -> None:
    joint = make_joint()
    assert (len(joint), joint.list_tasks(), joint.find_last_end()) == (0, [], None)
    assert joint.count_ends(START, 3) == (0, 0, 0)
    assert not joint.counts
    assert joint.find_task("1/1") is None
    assert joint.find_overlay("1/1") is None


def test_counts_are_those_of_all_places() -> None:
    joint = make_joint()
    fill(joint, 1, task(1), task(2, S.FAILED), unreadable_task(3))
    fill(joint, 2, task(1), task(2, S.SUCCESS, updated=START + 5))
    assert len(joint) == 5
    assert joint.counts[S.RUNNING] == 2
    assert (joint.unfinished_count, joint.unreadable_count, joint.unread_reason_count) == (2, 1, 1)
    assert [one.key for one in joint.iter_unfinished()] == ["1/1", "2/1"]
    assert [one.key for one in joint.iter_unreadable()] == ["1/3"]


def test_a_task_is_found_by_the_key_of_its_place_alone() -> None:
    joint = make_joint()
    fill(joint, 1, task(1))
    fill(joint, 11, task("a/b", name="odd"), task(1, name="other"))
    assert {one.key for one in joint.list_tasks()} == {"1/1", "11/a/b", "11/1"}
    assert all(joint.find_task(one.key) is one for one in joint.list_tasks())
    assert [joint.find_task(key) for key in ("1", "2/1", "1/2", "", "/1")] == [None] * 5


def test_an_action_is_on_the_task_of_one_place() -> None:
    joint = make_joint()
    fill(joint, 1, task(1))
    store = fill(joint, 2, task(1))
    store.overlays["1"] = overlay = ActionOverlay(Action.CANCEL, START)
    assert joint.find_overlay("2/1") is overlay
    assert joint.find_overlay("1/1") is None
    assert joint.action_count == 1


def test_the_last_end_and_the_ends_of_each_minute_are_those_of_all() -> None:
    joint = make_joint()
    early, late = START - 2 * MINUTE, START - MINUTE
    fill(joint, 1, task(1, S.SUCCESS, created=early - 9, updated=early), task(2))
    fill(joint, 2, task(1, S.FAILED, created=late - 9, updated=late))
    last = joint.find_last_end()
    assert last is not None
    assert last.key == "2/1"
    assert sum(joint.count_ends(START, 5)) == 2


def test_a_place_that_is_left_takes_its_tasks_with_it() -> None:
    joint = make_joint()
    store = fill(joint, 1, task(1))
    fill(joint, 2, task(1))
    joint.remove_store(Place(number=1, profile="p1", dialect="hugegraph"))
    assert [one.key for one in joint.list_tasks()] == ["2/1"]
    assert joint.find_task("1/1") is None
    assert len(store) == 1, "the store itself is as it was"
    joint.remove_store(Place(number=1, profile="p1", dialect="hugegraph"))
