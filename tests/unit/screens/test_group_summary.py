"""What is told of a group in place of a task's overview."""

from __future__ import annotations

from backend_adapters.model import Place
from tests.unit.fakes import START, task
from tui.screens.tasks.group_summary import summarize_group
from tui.task_group import TaskGroup


def test_of_a_place_the_whole_name_is_told() -> None:
    place = Place(
        number=1,
        profile="prod",
        dialect="hugegraph",
        graph="social",
        graphspace="DEFAULT",
        label="social",
        production=True,
    )
    group = TaskGroup(
        kind="place",
        key="=1",
        count=2,
        label=place.label,
        newest=task(7, place=place),
        first=START,
        last=START,
    )
    lines = summarize_group(group, START + 60_000, utc=True, ascii=False).plain.splitlines()
    assert lines[0] == "prod:DEFAULT/social, production"
    assert "newest 7" in lines
    assert lines[-1] == "This is a group of 2 tasks: press enter to show them."
