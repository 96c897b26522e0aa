"""`graphtop graphs`: lists the graphs of a server."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from copy import copy
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from backend_adapters.errors import NoSuchGraph
from backend_adapters.model import Scope
from backend_adapters.sentences import end_sentence
from tui import text
from tui.cli.arguments import build_command_parser
from tui.cli.exit_codes import NOT_FOUND, OK, PARTLY, combine_codes
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.records import PlacedRecord, is_place_name
from tui.cli.output.standard_error import report_error
from tui.cli.output.table import Column, Layout
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import connect_by_flags
from tui.cli.work.session import Session, run_session

if TYPE_CHECKING:
    from tui.cli.work.session_set import SessionSet

_ABOUT = "List the graphs of a server that have tasks."
_EXAMPLES = (
    ("graphtop graphs -p prod", "those of a profile's server"),
    ("graphtop graphs --url http://host:8080 -o id", "only names, for other commands"),
    ("graphtop graphs --all", "those of every profile's server"),
)
_NOTES = "A star marks the graph that commands with the same options use."

_NAME = re.compile(r"\w[\w.:-]*(?:/\w[\w.:-]*)?")
"""What no shell and no xargs takes apart, and no command takes for a flag: `g`, `DEFAULT/g`."""


class GraphRecord(PlacedRecord, frozen=True, kw_only=True):
    """A graph, or all graphs together, as `graphs` prints it."""

    graph: str
    """Empty: all graphs together."""
    graphspace: str | None
    current: bool
    """Commands with the same flags work on this one."""


GRAPH_LAYOUT = Layout[GraphRecord](
    columns=(
        Column("", lambda graph: "*" if graph.current else " ", plain=lambda graph: graph.current),
        Column(
            "GRAPHSPACE",
            lambda graph: text.sanitize(graph.graphspace or "–"),
            plain=lambda graph: graph.graphspace,
        ),
        Column("GRAPH", lambda graph: text.sanitize(graph.graph or "(all)"), plain=lambda graph: graph.graph),
    ),
    # Empty: all graphs together.
    is_id=lambda name: not name or _NAME.fullmatch(name) is not None,
    id=lambda graph: f"{graph.graphspace}/{graph.graph}" if graph.graphspace else graph.graph,
)


PLACED_GRAPH_LAYOUT = Layout[GraphRecord](
    columns=(
        GRAPH_LAYOUT.columns[0],
        Column("PROFILE", lambda graph: text.sanitize_label(graph.place.profile if graph.place else "")),
        *GRAPH_LAYOUT.columns[1:],
    ),
    is_id=lambda name: not name or is_place_name(name),
    id=lambda graph: graph.place.name if graph.place else "",
)
"""Where they are of several servers."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop graphs` was given."""

    output: OutputOptions = LIST_OUTPUT
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop graphs`."""
    parser = build_command_parser(
        "graphs",
        _ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        codes={PARTLY: "one of several servers is missing, or has not the graph that its profile names"},
        several=True,
    )
    add_output_flags(parser, "graphs")
    return parser


def run(options: Options) -> int:
    """List graphs; returns the exit code."""
    if options.settings.names_several:
        from tui.cli.work.session_set import run_with_places

        return run_with_places(options.settings, lambda places: _list_in_places(places, options.output))
    connection = connect_by_flags(options.settings)
    return run_session(connection, lambda session: _list_graphs(session, options.output))


class GraphList(Struct, frozen=True, kw_only=True):
    """The graphs of one server."""

    records: tuple[GraphRecord, ...]
    problem: str = ""
    """Why commands with the same flags would find none, as a sentence."""


async def _list_graphs(session: Session, output: OutputOptions) -> int:
    return _print_graphs([await _read_graphs(session)], GRAPH_LAYOUT, output)


async def _list_in_places(places: SessionSet, output: OutputOptions) -> int:
    lists = await places.run_each(_read_graphs)
    return places.judge_list(_print_graphs(list(lists.values()), PLACED_GRAPH_LAYOUT, output))


async def _read_graphs(session: Session) -> GraphList:
    problem = ""
    try:
        await session.connect()
    except NoSuchGraph as error:
        # Who asks for the graphs of a server may well have named one that is none.
        problem = end_sentence(str(error))
    current = None if problem else session.backend.source.qualified_graph
    return GraphList(
        records=tuple(
            _make_record(session, scope, current=scope.qualified_graph == current)
            for scope in await session.backend.scopes()
        ),
        problem=session.describe_in_place(problem),
    )


def _print_graphs(lists: Sequence[GraphList], layout: Layout[GraphRecord], output: OutputOptions) -> int:
    """Print the graphs of all servers; returns the exit code."""
    printer = Printer(layout, output)
    for graph in chain.from_iterable(one.records for one in lists):
        printer.print_record(graph)
    printer.finish()
    for one in lists:
        report_error(one.problem)
    return combine_codes(NOT_FOUND if one.problem else OK for one in lists)


def _make_record(session: Session, scope: Scope, *, current: bool) -> GraphRecord:
    place = copy(session.place)
    place.graph, place.graphspace = scope.graph, scope.graphspace
    return GraphRecord(graph=scope.graph, graphspace=scope.graphspace, current=current, place=place)
