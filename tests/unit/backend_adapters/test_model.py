"""The vocabulary: what follows from a task's fields, and from what a source can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import Struct

from backend_adapters.hugegraph.computer.adapter import ComputerBackend
from backend_adapters.model import (
    NO_EXTRAS,
    ODD_ID,
    Ability,
    Action,
    Capabilities,
    Scope,
    Source,
    Task,
    TaskExtras,
    TaskStatus,
    build_task,
    change_task,
    combined_decode_error,
    is_task_id,
)

ENDED = {"success", "partial", "failed", "cancelled"}
WAITING = {"new", "scheduling", "scheduled", "queued", "restoring", "hanging"}


def task(status: TaskStatus, created: int | None = 1000, updated: int | None = 3500) -> Task:
    return Task(
        id="1",
        type="gremlin",
        name="n",
        status=status,
        raw_status=status.value,
        created=created,
        updated=updated,
    )


@pytest.mark.parametrize("words", ["7", "0", "ff80", "_", "a.b:c-d", "9" * 19, "A..B"])
def test_letters_digits_and_four_signs_are_an_id(words: str) -> None:
    assert is_task_id(words)
    assert (combined_decode_error(words, None), combined_decode_error(words, "odd")) == (None, "odd")


@pytest.mark.parametrize(
    "words", ["", ".", "..", "-1", "-", ":a", "a/b", "a b", "7\n", "é", "٣", "a=b", "%41"]
)
def test_anything_else_is_none_and_its_record_says_so(words: str) -> None:
    assert not is_task_id(words)
    assert (combined_decode_error(words, None), combined_decode_error(words, "odd")) == (
        ODD_ID,
        f"{ODD_ID} odd",
    )


@pytest.mark.parametrize("status", TaskStatus)
def test_a_status_is_an_end_or_a_wait_or_neither(status: TaskStatus) -> None:
    assert status.is_finished == (status.value in ENDED)
    assert status.is_waiting == (status.value in WAITING)


@pytest.mark.parametrize("status", TaskStatus)
def test_only_a_finished_task_took_some_time(status: TaskStatus) -> None:
    assert task(status).duration == (2500 if status.value in ENDED else None)


@pytest.mark.parametrize(("created", "updated", "took"), [
    (1000, 1000, 0), (1000, 900, 0), (0, 7, 7), (None, 3500, None), (1000, None, None), (None, None, None),
])  # fmt: skip
def test_what_a_task_took_needs_both_times_and_is_never_negative(
    created: int | None, updated: int | None, took: int | None
) -> None:
    assert task(TaskStatus.SUCCESS, created, updated).duration == took


def test_each_action_has_an_ability_of_its_own() -> None:
    can = Capabilities(
        cancel=Ability(False, "no cancel"),
        delete=Ability(True),
        force_delete=Ability(False, "no force"),
        submit=Ability(True),
    )
    assert [bool(can.ability_for(action)) for action in Action] == [False, True, False]
    assert [can.ability_for(action).reason for action in Action] == ["no cancel", "", "no force"]
    assert not can.create
    assert can.create.reason == "This kind of server can't create jobs from a form."
    assert (can.noun, can.has_graphs, can.has_texts) == ("tasks", False, True)


def test_both_deletes_end_with_the_task_gone() -> None:
    assert [action.is_deletion for action in (Action.CANCEL, Action.DELETE, Action.FORCE_DELETE)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(("graphspace", "place"), [("team", "team/g"), (None, "g"), ("", "g")])
def test_a_place_is_the_graph_with_its_graphspace(graphspace: str | None, place: str) -> None:
    source = Source(profile="p", url="http://h", dialect="hugegraph", graph="g", graphspace=graphspace)
    assert source.qualified_graph == Scope(graph="g", graphspace=graphspace).qualified_graph == place


def records_of(kind: type[Struct] = Struct) -> Iterator[type[Struct]]:
    """The records that the engine, the adapters of HugeGraph and the transport hand to each other."""
    packages = ("backend_adapters.model", "backend_adapters.backend", "backend_adapters.hugegraph",
                "backend_adapters.transport")  # fmt: skip
    for one in kind.__subclasses__():
        if one.__module__.startswith(packages):
            yield one
        yield from records_of(one)


def test_every_record_is_immutable() -> None:
    assert ComputerBackend, "its modules are imported, so that their records are there"
    assert [one.__name__ for one in records_of() if not one.__struct_config__.frozen] == []


def test_the_common_records_are_made_by_the_names_of_their_fields() -> None:
    common = [one for one in records_of() if one.__module__ == Task.__module__ and one is not Ability]
    assert Task in common
    for one in common:
        with pytest.raises(TypeError, match="positional"):
            one(*one.__struct_fields__)


def test_a_task_with_nothing_rare_shares_its_extras_with_all_others() -> None:
    plain = task(TaskStatus.FAILED)
    assert plain.extras is NO_EXTRAS
    assert build_task(**{name: getattr(plain, name) for name in Task.__struct_fields__}) == plain
    failed = change_task(plain, reason="no memory", name="m")
    assert (failed.reason, failed.name, failed.extras.reason) == ("no memory", "m", "no memory")
    assert change_task(failed, description="d").reason == "no memory"
    assert change_task(failed, reason=None, name="n") == plain
    assert change_task(failed, reason=None).extras is NO_EXTRAS


@pytest.mark.parametrize("name", TaskExtras.__struct_fields__)
def test_each_extra_is_read_from_the_task(name: str) -> None:
    value = object()
    made = build_task(id="1", type="t", name="n", status=TaskStatus.NEW, raw_status="new", **{name: value})
    assert getattr(made, name) is value
    assert getattr(task(TaskStatus.NEW), name) == getattr(NO_EXTRAS, name)
