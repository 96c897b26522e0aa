"""The ends that a person wants to be told of: each task is known by its place and its id."""

from __future__ import annotations

import pytest

from backend_adapters.model import Place, change_task
from tests.unit.fakes import START, S, task, unreadable_task
from tui.monitor.end_watch import EndKind, EndWatch
from tui.monitor.store import Change


def watch(*tasks) -> EndWatch:
    made = EndWatch()
    made.add_tasks(tasks)
    return made


@pytest.mark.parametrize("status", [S.SUCCESS, S.FAILED, S.PARTIAL, S.CANCELLED])
def test_an_end_is_told_once_with_how_long_it_took(status: S) -> None:
    going, ended = task(1), task(1, status, updated=START + 5_000)
    asked = watch(going)
    (end,) = asked.follow_changes([Change(going, ended)])
    assert (end.task, end.kind, end.took) == (ended, EndKind.ENDED, 5_000)
    assert asked.follow_changes([Change(ended, change_task(ended, reason="x"))]) == []
    assert len(asked) == 0


def test_how_long_it_took_is_not_told_before_the_server_has_written_it() -> None:
    going = task(1, updated=START + 1)
    (end,) = watch(going).follow_changes([Change(going, task(1, S.SUCCESS, updated=START + 1))])
    assert (end.kind, end.took) == (EndKind.ENDED, None)


def test_one_that_is_gone_and_one_that_another_takes_the_place_of_are_told_as_that() -> None:
    one, two = task(1), task(2)
    asked = watch(one, two)
    other = task(2, created=START + 60_000, name="another")
    ends = asked.follow_changes([Change(one, None), Change(two, other)])
    assert [(end.task, end.kind) for end in ends] == [(one, EndKind.GONE), (two, EndKind.REPLACED)]
    assert len(asked) == 0


def test_what_goes_on_what_can_not_be_read_and_what_nobody_asked_for_is_no_end() -> None:
    going = task(1)
    asked = watch(going)
    running = change_task(going, progress=3)
    lost = unreadable_task(1, status_before=S.RUNNING)
    changes = [Change(going, running), Change(running, lost), Change(task(2), task(2, S.SUCCESS))]
    assert asked.follow_changes(changes) == []
    assert asked.list_asked() == [running]


def test_the_same_id_in_another_place_is_another_task() -> None:
    prod, dev = (Place(number=number, profile="p", dialect="hugegraph") for number in (1, 2))
    asked = watch(task(1, place=prod))
    assert asked.follow_changes([Change(task(1, place=dev), task(1, S.SUCCESS, place=dev))]) == []
    (end,) = asked.follow_changes([Change(task(1, place=prod), task(1, S.SUCCESS, place=prod))])
    assert end.task.place is prod


def test_a_place_that_is_left_takes_its_tasks_along() -> None:
    prod, dev = (Place(number=number, profile="p", dialect="hugegraph") for number in (1, 2))
    asked = watch(task(1, place=prod), task(1, place=dev))
    (end,) = asked.drop_place(dev)
    assert (end.task.place, end.kind) == (dev, EndKind.LEFT)
    assert [one.place for one in asked.list_asked()] == [prod]


def test_it_counts_what_was_asked_for_since_nothing_was_left() -> None:
    asked = watch(task(1), task(2))
    asked.add_tasks([task(2), task(3)])
    asked.remove_tasks(["2", "9"])
    assert (asked.asked_count, len(asked), "2" in asked) == (2, 2, False)
    asked.follow_changes([Change(task(1), None), Change(task(3), None)])
    asked.add_tasks([task(4)])
    assert asked.asked_count == 1
