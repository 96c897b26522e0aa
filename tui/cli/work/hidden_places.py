"""The places that a saved view hides: a command that lists tasks leaves them out, and says so once."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from tui.cli.errors import UsageError
from tui.cli.output.standard_error import report_error
from tui.cli.work.session import Session
from tui.cli.work.session_set import SessionSet
from tui.monitor.saved_shape import name_found_place
from tui.monitor.saved_views import SavedView, ViewPlace


async def leave_out_hidden(places: SessionSet, view: SavedView) -> None:
    """Go on without the places that the view hides. Raises UsageError where it hides all that are left.

    What a place is called may have to be asked. One that does not answer, and that the view may mean, is
    left out as well: whether it answers is not asked for either.
    """
    maybe = [session for session in places.sessions if _may_be_hidden(session, view.hidden)]
    await places.try_to_connect(one for one in maybe if not _is_hidden(one, view.hidden))
    hidden = [one for one in maybe if _is_hidden(one, view.hidden) or one.info is None]
    for session in hidden:
        places.sessions.remove(session)
    if hidden and not (places.sessions or places.codes):
        raise UsageError(f"All places of the view {view.name} are hidden. {_describe_way(view, len(hidden))}")
    if hidden:
        are = (
            "1 hidden place of the view is"
            if len(hidden) == 1
            else f"{len(hidden)} hidden places of the view are"
        )
        report_error(f"{are} left out. {_describe_way(view, len(hidden))}")


def _describe_way(view: SavedView, number: int) -> str:
    """What includes so many hidden places, as a sentence."""
    them = "it" if number == 1 else "them"
    return (
        f"To include {them}, run graphtop --view {shlex.quote(view.name)}, show {them} with A,"
        " and save the view again."
    )


def _is_hidden(session: Session, hidden: Sequence[ViewPlace]) -> bool:
    return name_found_place(session.backend.source) in hidden


def _may_be_hidden(session: Session, hidden: Sequence[ViewPlace]) -> bool:
    """Whether the place is a hidden one, or may turn out to be one once its server says what it is called."""
    name = name_found_place(session.backend.source)
    return any(_may_become(name, one) for one in hidden)


def _may_become(name: ViewPlace, hidden: ViewPlace) -> bool:
    server, other = (name.profile, name.url, name.dialect), (hidden.profile, hidden.url, hidden.dialect)
    return (
        server == other
        and name.project == hidden.project
        and name.graph in ("", hidden.graph)
        and name.graphspace in (None, hidden.graphspace)
    )
