"""Every key of the tasks screen, in one list: bindings, help and command palette are made from it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from textual.binding import Binding


class Key(Struct, frozen=True, kw_only=True):
    """One thing a person can do."""

    group: str
    keys: str
    """As written in the help: `^D, Delete`."""
    text: str
    """What it does, for the help and the palette."""
    binding: str = ""
    """The keys in Textual's words; empty where a widget of its own has the binding."""
    action: str = ""
    footer: str = ""
    """The word in the footer; empty where it is not shown there."""
    changes: bool = False
    """It changes something on a server."""


MOVE, SHOW, SIFT, MARK, ACT, SESSION = "Move", "Show", "Filter and sort", "Mark", "Act", "Session"

KEYS = (
    Key(group=MOVE, keys="↑ ↓ j k", text="row up, row down"),
    Key(group=MOVE, keys="PgUp PgDn", text="page up, page down"),
    Key(group=MOVE, keys="g G Home End", text="first, last"),
    Key(group=MOVE, keys="tab", text="next pane", binding="tab", action="next_pane"),
    Key(group=SHOW, keys="enter", text="open the task's detail"),
    Key(
        group=SHOW,
        keys="esc",
        text="one step back: search, detail, filter, marks",
        binding="escape",
        action="back",
    ),
    Key(group=SHOW, keys="v", text="overview", binding="v", action="tab(0)"),
    Key(group=SHOW, keys="i", text="input", binding="i", action="tab(1)"),
    Key(group=SHOW, keys="o", text="output: result or error", binding="o", action="tab(2)"),
    Key(group=SHOW, keys="y", text="raw JSON", binding="y", action="tab(3)"),
    Key(group=SHOW, keys="f", text="full screen detail, or both panes", binding="f", action="full"),
    Key(group=SHOW, keys="/ n N", text="in a text: search, next, previous"),
    Key(group=SHOW, keys="W", text="in a text: wrap long lines, or not"),
    Key(group=SHOW, keys="[ ]", text="in the detail: previous, next tab"),
    Key(group=SHOW, keys="w", text="more columns, or fewer", binding="w", action="wide"),
    Key(group=SHOW, keys="t", text="age, local time, UTC", binding="t", action="times"),
    Key(group=SIFT, keys="/", text="filter the tasks", binding="slash", action="filter", footer="Filter"),
    Key(group=SIFT, keys="0", text="all tasks", binding="0", action="group('0')"),
    Key(group=SIFT, keys="1", text="active tasks: all that have not ended", binding="1", action="group('1')"),
    Key(group=SIFT, keys="2", text="waiting tasks", binding="2", action="group('2')"),
    Key(group=SIFT, keys="3", text="successful tasks", binding="3", action="group('3')"),
    Key(group=SIFT, keys="4", text="failed tasks", binding="4", action="group('4')"),
    Key(group=SIFT, keys="5", text="cancelled tasks", binding="5", action="group('5')"),
    Key(group=SIFT, keys="S", text="sort by…", binding="S", action="sort"),
    Key(group=SIFT, keys="I", text="invert the order", binding="I", action="invert"),
    Key(group=MARK, keys="space", text="mark, and go on"),
    Key(group=MARK, keys="V", text="mark from the last mark to here"),
    Key(group=MARK, keys="*", text="mark all shown"),
    Key(group=MARK, keys="U", text="unmark all"),
    Key(
        group=ACT,
        keys="C",
        text="cancel this task, or all marked",
        binding="C",
        action="act('cancel')",
        footer="Cancel",
        changes=True,
    ),
    Key(
        group=ACT,
        keys="^D Delete",
        text="delete this task, or all marked",
        binding="ctrl+d,delete",
        action="act('delete')",
        footer="Delete",
        changes=True,
    ),
    Key(
        group=ACT,
        keys="F",
        text="force delete: remove the record whatever runs",
        binding="F",
        action="act('force delete')",
        changes=True,
    ),
    Key(group=ACT, keys="X", text="stop an action on many: send nothing more", binding="X", action="stop"),
    Key(group=ACT, keys="", text="create a job…", action="create", changes=True),
    Key(group=ACT, keys="c", text="copy the id", binding="c", action="copy_id"),
    Key(group=ACT, keys="Y", text="copy a field…", binding="Y", action="copy_field"),
    Key(group=ACT, keys="^S", text="save this text, or all of a cut one", binding="ctrl+s", action="save"),
    Key(group=SESSION, keys="r", text="refresh now, and read all again", binding="r", action="refresh"),
    Key(group=SESSION, keys="p", text="pause, go on", binding="p", action="pause"),
    Key(group=SESSION, keys="+", text="poll faster", binding="plus,equals_sign", action="interval(-1)"),
    Key(group=SESSION, keys="-", text="poll slower", binding="minus", action="interval(1)"),
    Key(group=SESSION, keys="?", text="this help", binding="question_mark", action="help", footer="Help"),
    Key(
        group=SESSION,
        keys="b",
        text="switch to another graph or graphspace",
        binding="b",
        action="switch",
        footer="Graph",
    ),
    Key(group=SESSION, keys="P", text="switch to another profile", binding="P", action="profile"),
    Key(group=SESSION, keys="", text="this place as a profile to paste", action="toml"),
    Key(
        group=SESSION,
        keys="L",
        text="the other list of this graph: tasks, computer jobs",
        binding="L",
        action="sibling",
        footer="Other list",
    ),
    Key(
        group=SESSION,
        keys=": ^P",
        text="all commands",
        binding="colon",
        action="app.command_palette",
        footer="Commands",
    ),
    Key(
        group=SESSION,
        keys="q ^Q",
        text="back, and at last quit; ^Q quits at once",
        binding="q",
        action="quit_or_back",
    ),
)


def bindings() -> Iterable[Binding]:
    """The keys as Textual's bindings."""
    for key in KEYS:
        if key.action and key.binding:
            display = key.keys.split()[0] if key.keys else None
            yield Binding(key.binding, key.action, key.footer, show=bool(key.footer), key_display=display)


def commands() -> Iterable[Key]:
    """What the command palette offers."""
    return (key for key in KEYS if key.action and not key.action.startswith("app."))
