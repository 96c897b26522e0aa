"""The vocabulary: what follows from a task's fields, and from what a source can do."""

from __future__ import annotations

import pytest

from backend_adapters.model import Ability, Action, Capabilities, Scope, Source, Task, TaskStatus

ENDED = {"success", "partial", "failed", "cancelled"}
WAITING = {"new", "scheduling", "scheduled", "queued", "restoring", "hanging"}


def task(status: TaskStatus, created: int | None = 1000, updated: int | None = 3500) -> Task:
    return Task(
        id="1", type="gremlin", name="n", status=status, word=status.value, created=created, updated=updated
    )


@pytest.mark.parametrize("status", TaskStatus)
def test_a_status_is_an_end_or_a_wait_or_neither(status: TaskStatus) -> None:
    assert status.finished == (status.value in ENDED)
    assert status.waiting == (status.value in WAITING)


@pytest.mark.parametrize("status", TaskStatus)
def test_only_a_finished_task_took_some_time(status: TaskStatus) -> None:
    assert task(status).took == (2500 if status.value in ENDED else None)


@pytest.mark.parametrize(("created", "updated", "took"), [
    (1000, 1000, 0), (1000, 900, 0), (0, 7, 7), (None, 3500, None), (1000, None, None), (None, None, None),
])  # fmt: skip
def test_what_a_task_took_needs_both_times_and_is_never_negative(
    created: int | None, updated: int | None, took: int | None
) -> None:
    assert task(TaskStatus.SUCCESS, created, updated).took == took


def test_each_action_has_an_ability_of_its_own() -> None:
    can = Capabilities(
        cancel=Ability(False, "no cancel"),
        delete=Ability(True),
        force_delete=Ability(False, "no force"),
        submit=Ability(True),
    )
    assert [bool(can.of(action)) for action in Action] == [False, True, False]
    assert [can.of(action).reason for action in Action] == ["no cancel", "", "no force"]
    assert not can.create
    assert can.create.reason == "This kind of server has no jobs to create from a form."
    assert (can.noun, can.graphs, can.texts) == ("tasks", False, True)


def test_both_deletes_end_with_the_task_gone() -> None:
    assert [action.deletes for action in (Action.CANCEL, Action.DELETE, Action.FORCE_DELETE)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(("graphspace", "place"), [("team", "team/g"), (None, "g"), ("", "g")])
def test_a_place_is_the_graph_with_its_graphspace(graphspace: str | None, place: str) -> None:
    source = Source(profile="p", url="http://h", dialect="hugegraph", graph="g", graphspace=graphspace)
    assert source.place == Scope(graph="g", graphspace=graphspace).place == place
