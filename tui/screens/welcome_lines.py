"""The sentences and rows of the welcome: what a server answered, and the places that can be opened."""

from __future__ import annotations

from typing import TypeAlias

from textual.content import Content

from backend_adapters.errors import BackendError, NotLoggedIn, TimedOut, Unreachable
from backend_adapters.model import Scope, ServerInfo
from tui import text
from tui.connection.profile_source import ProfileSummary
from tui.connection.profile_switcher import ProfileSwitcher

StyledLine: TypeAlias = tuple[str, str]
"""A line, and its colour."""

GRAPHS_SHOWN = 6

INVITATION: StyledLine = (
    "Type the address of a server's REST API; it is checked as you type.",
    "$text-muted",
)
OTHER_KIND: StyledLine = ("  Not a HugeGraph server? Press tab to choose its kind.", "$text-muted")

_LOGINS = {"token": "a token", "keys": "an access key", "password": "a login"}


def describe_found_server(
    info: ServerInfo, scopes: tuple[Scope, ...], dialect: str, *, ascii: bool
) -> list[StyledLine]:
    """What a server is that answered: its product, its dialect, its graphs."""
    sign = "*" if ascii else "✓"
    product = text.sanitize_label(f"{info.product} {info.version or ''}".strip())
    places = [text.sanitize_label(scope.qualified_graph) or "all graphs" for scope in scopes]
    word = "graph" if len(places) == 1 else "graphs"
    lines = [
        (f"{sign} {product}, dialect {text.sanitize(dialect)}", "$text-success"),
        (f"  {len(places)} {word}: {text.join_some(places, GRAPHS_SHOWN)}", "$text"),
    ]
    if info.note:
        lines.append((f"  {text.sanitize_label(info.note)}", "$text-muted"))
    return lines


def describe_failed_try(error: BackendError, *, kind_is_chosen: bool, ascii: bool) -> list[StyledLine]:
    """Why a server can't be shown as it is, and what to do."""
    is_other_kind = not kind_is_chosen and not isinstance(error, (Unreachable, TimedOut))
    other = [OTHER_KIND] if is_other_kind else []
    if isinstance(error, NotLoggedIn):
        return [
            (f"Connected. This server needs {_LOGINS[error.wants]}.", "$text-warning"),
            ("  Press enter to open it and sign in.", "$text-muted"),
            *other,
        ]
    sign = "x" if ascii else "✗"
    hint = [(f"  {text.sanitize(error.hint)}", "$text-muted")] if error.hint else []
    return [(f"{sign} {text.sanitize(str(error))}", "$text-error"), *hint, *other]


def describe_file(source: ProfileSwitcher, profiles: tuple[ProfileSummary, ...]) -> str:
    """Where the profiles are, or would be."""
    wrong, path = text.sanitize(source.file_problem), text.sanitize(source.path)
    if wrong:
        return f"{wrong}\nRun graphtop config check for details."
    if profiles:
        return f"From {path}"
    if source.file_exists:
        return f"There is no profile in {path}\nRun graphtop config example to see how to write one."
    return f"Profiles are read from {path}\nRun graphtop config init to create that file."


def draw_place(one: ProfileSummary, width: int, room: int, *, ascii: bool) -> Content:
    """A name in `width` cells, its marks, and in `room` cells where it leads."""
    marks = one.marks
    colour = "bold $text-error" if one.production or one.insecure else "$text-warning"
    wrong = text.sanitize(one.problem)
    if wrong:
        marks, colour = "", "$text-error"
    left = room - (text.cell_width(marks) + 2 if marks else 0)
    url = text.fit_cells(wrong or text.sanitize(one.url), max(8, left), ascii=ascii)
    name = text.fit_cells(text.sanitize(one.name), width, ascii=ascii)
    return Content.assemble(
        name, "  ", (url, colour if wrong else "$text-muted"), ("  " + marks if marks else "", colour)
    )


def list_keys(place: str, room: int, *, has_address: bool, ascii: bool) -> str:
    """The keys, as many as fit; enter opens `place`, or the address where that is empty."""
    name = text.fit_cells(text.sanitize(place), 14, ascii=ascii).rstrip()
    choose = f"{'up/down' if ascii else '↑↓'} choose"
    save = ["^S save as profile"] if has_address else []
    keys = [f"enter open {name}".rstrip(), choose, "tab kind", *save, "esc clear", "^Q quit"]
    dot = " - " if ascii else " · "
    # The first and the last one are needed most.
    for least in (choose, *save, "esc clear", "tab kind"):
        if text.cell_width(dot.join(keys)) > room > 0:
            keys.remove(least)
    return dot.join(keys)
