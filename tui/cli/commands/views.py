"""`graphtop views`: lists the saved views, or removes some."""

from __future__ import annotations

import argparse

from msgspec import Struct

from tui import text
from tui.cli.argument_parser import Parser
from tui.cli.errors import CommandError
from tui.cli.exit_codes import FAILED, LOCAL_MEANINGS, NOT_FOUND, OK, PARTLY, describe_exit_codes
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.standard_error import report_error
from tui.cli.output.table import Column, Layout
from tui.cli.output.values import Record
from tui.fields import describe_order, format_iso_millis
from tui.monitor.saved_views import NoSuchView, SavedView, ViewError, ViewPlace, ViewsFile

_ABOUT = "List the saved views, by their names, or remove some of them."
_EXAMPLES = (
    ("graphtop views", ""),
    ("graphtop views --remove 'night shift'", ""),
    ("graphtop views -o id", "only the names"),
)
_NOTES = """\
A view is saved on the screen. It holds places, the filter, the order, the status tab, the groups and
the columns, and never a login. Nothing is sent to a server."""


class ViewPlaceRecord(Record, frozen=True, kw_only=True):
    """A place of a view, as `views` prints it in JSON."""

    profile: str | None
    url: str | None
    """Null where a profile has it."""
    dialect: str
    graphspace: str | None
    graph: str | None
    graphs: tuple[str, ...]
    """Names and patterns of several graphs, in place of `graph`."""
    project: str | None


class ViewRecord(Record, frozen=True, kw_only=True):
    """A view, as `views` prints it."""

    name: str
    places: tuple[ViewPlaceRecord | str, ...]
    """In csv their short names."""
    filter: str
    sort: str
    descending: bool
    tab: str
    """The key of the status tab: 0 for all."""
    grouped_by: str | None
    wide: bool
    saved: str | None
    hidden: tuple[ViewPlaceRecord | str, ...] = ()
    """The places whose rows are hidden; in csv their short names."""


def make_view_record(view: SavedView, *, as_text: bool = False) -> ViewRecord:
    """Return the record of a view; `as_text` has its places as words."""
    places, hidden = (
        tuple(place.label if as_text else _make_place_record(place) for place in some)
        for some in (view.places, view.hidden)
    )
    return ViewRecord(
        name=view.name,
        places=places,
        filter=view.filter,
        sort=view.sort,
        descending=view.descending,
        tab=view.tab,
        grouped_by=view.grouped_by,
        wide=view.wide,
        saved=format_iso_millis(view.saved) if view.saved else None,
        hidden=hidden,
    )


def _make_place_record(place: ViewPlace) -> ViewPlaceRecord:
    return ViewPlaceRecord(
        profile=place.profile or None,
        url=place.url or None,
        dialect=place.dialect,
        graphspace=place.graphspace,
        graph=place.graph or None,
        graphs=place.graphs,
        project=place.project,
    )


def _join_places(record: ViewRecord) -> str:
    return ", ".join(place for place in record.places if isinstance(place, str))


def _describe_order(record: ViewRecord) -> str:
    return text.sanitize_label(describe_order(record.sort, descending=record.descending))


VIEW_LAYOUT = Layout[ViewRecord](
    columns=(
        Column("NAME", lambda view: text.sanitize_label(view.name)),
        Column(
            "PLACES",
            lambda view: text.sanitize_label(_join_places(view)),
            plain=_join_places,
            takes_rest=True,
        ),
        Column(
            "FILTER",
            lambda view: text.sanitize_label(view.filter) or text.NO_VALUE,
            plain=lambda view: view.filter,
        ),
    ),
    more=(
        Column("SORT", _describe_order),
        Column("TAB", lambda view: text.sanitize_label(view.tab)),
        Column("GROUPS", lambda view: text.sanitize_label(view.grouped_by or text.NO_VALUE)),
        Column("SAVED", lambda view: view.saved or text.NO_VALUE),
    ),
    # Names are checked before they are saved.
    is_id=lambda name: bool(name) and not name.startswith("-"),
    id=lambda view: view.name,
)


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop views` was given."""

    removed_views: tuple[str, ...] | None = None
    """The names of the views to remove; None: all are listed."""
    output: OutputOptions = LIST_OUTPUT


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop views`."""
    parser = Parser(
        prog="graphtop views",
        description=_ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        epilog=describe_exit_codes(
            LOCAL_MEANINGS
            | {
                FAILED: "the views can't be read or written, or internal error",
                NOT_FOUND: "no such view",
                PARTLY: "only some of several were removed",
            }
        ),
    )
    parser.add_argument(
        "--remove",
        dest="removed_views",
        action="append",
        metavar="NAME",
        help="remove the view of this name; can be repeated",
    )
    add_output_flags(parser, "views")
    return parser


def run(options: Options) -> int:
    """List or remove views; returns the exit code."""
    file = ViewsFile(tell=report_error)
    try:
        if options.removed_views is not None:
            return _remove_views(file, options.removed_views)
        return _list_views(file, options.output)
    except ViewError as error:
        raise CommandError(str(error), FAILED) from None


def _list_views(file: ViewsFile, output: OutputOptions) -> int:
    printer = Printer(VIEW_LAYOUT, output)
    views = file.list_views()
    for view in views:
        printer.print_record(make_view_record(view, as_text=printer.format not in ("json", "jsonl")))
    printer.finish()
    if not views:
        report_error("No view has been saved yet.")
    return OK


def _remove_views(file: ViewsFile, names: tuple[str, ...]) -> int:
    missing = 0
    names = tuple(dict.fromkeys(names))
    for name in names:
        try:
            file.remove_view(name)
        except NoSuchView as error:
            missing += 1
            report_error(str(error))
        else:
            report_error(f'Removed the view "{name}".')
    if not missing:
        return OK
    return NOT_FOUND if missing == len(names) else PARTLY
