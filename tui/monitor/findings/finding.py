"""A finding: something that needs a person, with its evidence and the next step."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from backend_adapters.model import Millis, Place, Task, TaskId, TaskKey

RULES = (
    "no_answer",
    "too_heavy",
    "queue",
    "lost_server",
    "restarted",
    "stuck",
    "unscheduled",
    "restored",
    "silent",
    "slow",
    "waiting",
    "failures",
    "unreadable",
    "no_result",
    "empty_result",
    "clock",
    "finished",
)
"""All rules by the names of their settings, the most urgent first."""

TASKS_NAMED = 100
"""So many tasks are named by a finding that is about more."""


class Moment(Struct, frozen=True):
    """A moment within an evidence, by the server's clock; who shows it knows in which zone."""

    at: Millis


EvidencePart: TypeAlias = str | Moment


class NextStep(Struct, frozen=True, kw_only=True):
    """What a person can do about a finding."""

    text: str
    """A sentence."""
    key: str = ""
    """The key on the screen that does it, as the help writes it; empty where no single one does."""
    command: str = ""
    """The command that does it, for a shell; empty where there is none.

    Where one place alone is watched it lacks the flags that name the place: see `write_command`.
    """

    def write_command(self, flags: Sequence[str]) -> str:
        """The command with the flags that lead to the only place."""
        if not self.command or not flags:
            return self.command
        program, word, *rest = self.command.split(" ", 2)
        return " ".join([program, word, shlex.join(flags), *rest])


class Finding(Struct, frozen=True, kw_only=True):
    """Something that needs a person."""

    rule: str
    """One of `RULES`."""
    title: str
    """What it is, as a sentence without its full stop; harmless text."""
    evidence: tuple[EvidencePart, ...]
    """Why it is said, in parts of one text; harmless."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The numbers of the evidence by their names; durations end in `_ms`."""
    since: Millis | None = None
    """Since when it is so, by the server's clock; None where nobody knows."""
    step: NextStep
    subject: str
    """What it is about, so that one rule finds it once: a task, a place, the text of a failure."""
    state: str = ""
    """What of it changes when there is something new to look at."""
    task: Task | None = None
    """The task that it is about, or the one of several that says the most."""
    keys: tuple[TaskKey, ...] = ()
    """The keys of the tasks that it is about, the first ones where there are many."""
    place: Place | None = None
    """Where that is; None where one place alone is watched, or where it is in several."""

    @property
    def identity(self) -> str:
        """What stays the same as long as it is the same problem."""
        return f"{self.rule} {self.subject}"

    @property
    def fingerprint(self) -> str:
        """What stays the same until there is something new to look at."""
        return f"{self.identity} {self.state}".rstrip()

    def write_evidence(self, format_moment: Callable[[Millis], str]) -> str:
        """The evidence as one text."""
        return "".join(part if isinstance(part, str) else format_moment(part.at) for part in self.evidence)

    @property
    def task_id(self) -> TaskId | None:
        """The id of the task; None where it is about no single one."""
        return None if self.task is None else self.task.id


def name_task_subject(task: Task) -> str:
    """A task as the subject of a finding: ids are given again after a graph was cleared."""
    return f"{task.key} {task.created if task.created is not None else '-'}"


def write_task_command(words: str, task: Task) -> str:
    """A command for one task: `graphtop delete --force 283`."""
    task_id = task.id if task.place is None else task.place.qualify_id(task.id)
    return f"graphtop {words} {shlex.quote(task_id)}"


def write_place_command(words: str, place: Place | None, arguments: str = "") -> str:
    """A command for a place: `graphtop doctor -p prod`; without one its flags are left to the person."""
    named = "" if place is None else f" -p {shlex.quote(place.profile)}"
    if place is not None and place.graph:
        named += f" --graph {shlex.quote(place.graph)}"
    if place is not None and place.graphspace:
        named += f" --graphspace {shlex.quote(place.graphspace)}"
    return f"graphtop {words}{named}{f' {arguments}' if arguments else ''}"


def look_at_task(text: str, task: Task) -> NextStep:
    """To open the task."""
    return NextStep(text=text, key="enter", command=write_task_command("get", task))
