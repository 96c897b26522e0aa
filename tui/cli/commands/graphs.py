"""`graphtop graphs`: lists the graphs of a server."""

from __future__ import annotations

import argparse
import re

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import NoSuchGraph
from backend_adapters.model import Scope
from backend_adapters.sentences import end_sentence
from tui import text
from tui.cli.arguments import build_command_parser
from tui.cli.exit_codes import NOT_FOUND, OK
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.records import PlacedRecord
from tui.cli.output.standard_error import report_error
from tui.cli.output.table import Column, Layout
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.session import Session, run_with_session

_ABOUT = "List the graphs of a server that have tasks."
_EXAMPLES = (
    ("graphtop graphs -p prod", "those of a profile's server"),
    ("graphtop graphs --url http://host:8080 -o id", "only names, for other commands"),
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


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop graphs` was given."""

    output: OutputOptions = LIST_OUTPUT
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop graphs`."""
    parser = build_command_parser("graphs", _ABOUT, examples=_EXAMPLES, notes=_NOTES)
    add_output_flags(parser, "graphs")
    return parser


def run(options: Options) -> int:
    """List graphs; returns the exit code."""
    return run_with_session(options.settings, lambda session: _list_graphs(session, options.output))


async def _list_graphs(session: Session, output: OutputOptions) -> int:
    unknown = None
    try:
        await session.connect()
    except NoSuchGraph as error:
        # Who asks for the graphs of a server may well have named one that is none.
        unknown = error
    scopes = await session.backend.scopes()
    printer = Printer(GRAPH_LAYOUT, output)
    for scope in scopes:
        current = unknown is None and scope.qualified_graph == session.backend.source.qualified_graph
        printer.print_record(_make_record(session, scope, current=current))
    printer.finish()
    if unknown is not None:
        report_error(end_sentence(str(unknown)))
        return NOT_FOUND
    return OK


def _make_record(session: Session, scope: Scope, *, current: bool) -> GraphRecord:
    place = replace(session.place, graph=scope.graph, graphspace=scope.graphspace)
    return GraphRecord(graph=scope.graph, graphspace=scope.graphspace, current=current, place=place)
