"""What is told of a group: in place of a task's overview, and where a key acts on tasks only."""

from __future__ import annotations

from textual.content import Content

from backend_adapters.model import Millis
from tui import text
from tui.field_rules import CellContext
from tui.fields import OVERVIEW
from tui.task_group import NAMELESS_GROUPS, TaskGroup


def describe_group_choice(group: TaskGroup) -> str:
    """Why nothing is done with the tasks of a group by its head."""
    number = "1 task" if group.count == 1 else f"{text.format_count(group.count)} tasks"
    return f"This is a group of {number}: press enter to show {'it' if group.count == 1 else 'them'}."


def summarize_group(group: TaskGroup, now: Millis, *, utc: bool, ascii: bool) -> Content:
    """What the tasks of a group have in common, in full, and when the first and the last were created."""
    dot = "-" if ascii else "·"
    moments = {"last": group.last, "first": None if group.first == group.last else group.first}
    lines = [
        f"{name:<6} {text.format_timestamp(moment, utc=utc)} {dot} {age} ago"
        for name, moment in moments.items()
        if moment is not None and (age := text.format_age(moment, now, is_calm=True))
    ]
    whole = (
        OVERVIEW["place"].text(group.newest, CellContext(now=now)) if group.kind == "place" else group.label
    )
    label = text.sanitize_label(whole or "") or text.NO_VALUE
    is_cause = group.kind == "cause" and group.key not in NAMELESS_GROUPS
    newest = f"newest {text.sanitize(group.newest.id)}"
    return Content("\n").join(
        [
            Content.styled(label, "$status-failed" if is_cause else "bold"),
            Content("\n".join(["", *lines, newest, ""])),
            Content.styled(describe_group_choice(group), "$text-muted"),
        ]
    )


def _name_whole(group: TaskGroup, now: Millis) -> str:
    """What its tasks have in common, of a place its whole name."""
    if group.kind != "place":
        return group.label
    return OVERVIEW["place"].text(group.newest, CellContext(now=now)) or group.label
