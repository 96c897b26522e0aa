"""Rules for tasks that a server can't read: those that it fails over, and those that stop it."""

from __future__ import annotations

from collections.abc import Sequence

from backend_adapters.model import Task
from tui import text
from tui.monitor.findings.finding import (
    TASKS_NAMED,
    Finding,
    NextStep,
    write_place_command,
    write_task_command,
)
from tui.monitor.findings.place_facts import PlaceFacts
from tui.monitor.id_order import natural_key
from tui.monitor.unreadable import describe_unreadable


def find_unreadable_tasks(facts: PlaceFacts) -> Finding | None:
    """The tasks of a place whose records its server fails over."""
    return _make_finding(
        "unreadable",
        [task for task in facts.store.iter_unreadable() if not task.stops_server],
        facts,
        title="the server can't read",
        advice="Delete what nobody needs; the server's log says what is wrong with the others.",
    )


def find_heavy_tasks(facts: PlaceFacts) -> Finding | None:
    """The tasks that stop their server when it is asked for them."""
    return _make_finding(
        "too_heavy",
        [task for task in facts.store.iter_unreadable() if task.stops_server],
        facts,
        title="too heavy for the server to list",
        advice="Delete it: every program that lists all tasks stops the server.",
    )


def _make_finding(
    rule: str, tasks: Sequence[Task], facts: PlaceFacts, *, title: str, advice: str
) -> Finding | None:
    if not tasks:
        return None
    found = sorted(tasks, key=lambda task: natural_key(task.id))
    number = len(found)
    first = found[0] if number == 1 else None
    named = "1 task" if number == 1 else f"{text.format_count(number)} tasks"
    command = (
        write_place_command("ls", facts.place, "status=unreadable")
        if first is None
        else write_task_command("delete", first)
    )
    return Finding(
        rule=rule,
        title=f"{named} {title}" if rule == "too_heavy" else f"{named} that {title}",
        evidence=(text.sanitize_label(describe_unreadable(found)),),
        numbers={"tasks": number},
        step=NextStep(text=advice, key="^D" if first is not None else "", command=command),
        subject=facts.subject,
        state=" ".join(task.id for task in found[:TASKS_NAMED]),
        task=found[0],
        keys=tuple(task.key for task in found[:TASKS_NAMED]),
        place=facts.place,
    )
