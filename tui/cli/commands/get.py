"""`graphtop get`: shows tasks in detail, with the beginnings of their texts."""

from __future__ import annotations

import argparse
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.model import TaskId, TaskStatus
from tui import text
from tui.cli.arguments import add_ids_argument, build_command_parser, read_ids
from tui.cli.exit_codes import OK, PARTLY, combine_codes, exit_code_of
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.records import DetailRecord, detail_record, status_colour, status_words, task_layout
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.table import Column, Layout, Style
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.placed_ids import run_on_ids
from tui.cli.work.session import Session
from tui.cli.work.session_set import SessionSet
from tui.fields import PRINTED, name_dependencies, name_task_id
from tui.progress_text import describe_progress

DETAIL_MOST = 1 << 20
"""Bytes of one task that are read: longer texts are left to `input` and `result`."""
TEXT_LINES = 12
"""Lines of a text that are shown to a person."""
_ABOUT = "Show tasks in detail, with the first lines of their texts and with secrets hidden."
_EXAMPLES = (
    ("graphtop get 42 43", ""),
    ("graphtop get 42 -o json", "all fields, with the full texts"),
)
_NOTES = """\
JSON has all fields, and the full texts up to 1 MB; use `graphtop input` and `graphtop result` for
longer ones. A pipe receives the columns of `graphtop ls`; use -o table for what a terminal shows."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop get` was given."""

    ids: tuple[str, ...]
    """Ids, and `-` for those on standard input."""
    output: OutputOptions = LIST_OUTPUT
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop get`."""
    parser = build_command_parser(
        "get",
        _ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        codes={PARTLY: "not all of the tasks could be shown"},
    )
    add_ids_argument(parser)
    add_output_flags(parser, "get")
    return parser


def run(options: Options) -> int:
    """Show tasks; returns the exit code."""
    return run_on_ids(
        options.ids,
        options.settings,
        lambda session, ids: _show_tasks(session, replace(options, ids=ids)),
        lambda places: _show_in_places(places, options.output),
    )


async def _show_tasks(session: Session, options: Options) -> int:
    ids = await read_ids(options.ids)
    info = await session.connect()
    printer = Printer(_make_layout(graphs=info.capabilities.has_graphs), options.output)
    try:
        return combine_codes([await _show_task(session, task_id, printer) for task_id in ids])
    finally:
        printer.finish()


async def _show_in_places(places: SessionSet, output: OutputOptions) -> int:
    infos = await places.run_each(lambda session: session.connect())
    graphs = any(info.capabilities.has_graphs for info in infos.values())
    printer = Printer(_make_layout(graphs=graphs, places=True), output)
    codes = []
    try:
        for session in infos:
            codes += [await _show_task(session, task_id, printer) for task_id in places.ids[session]]
    finally:
        printer.finish()
    return combine_codes([*codes, *places.codes])


def _make_layout(*, graphs: bool, places: bool = False) -> Layout[DetailRecord]:
    listed = task_layout(ascii=StandardOutput().ascii, graphs=graphs, places=places)
    columns = cast("tuple[Column[DetailRecord], ...]", listed.columns)
    return Layout[DetailRecord](
        columns=columns, id=lambda task: name_task_id(task.task), is_id=listed.is_id, line=format_detail
    )


async def _show_task(session: Session, task_id: TaskId, printer: Printer[DetailRecord]) -> int:
    """Print one task, or why it can't be shown; returns its exit code."""
    try:
        detail = await session.backend.detail(task_id, cap=DETAIL_MOST)
    except BackendError as error:
        report_error(session.describe_task_error(task_id, error))
        return exit_code_of(error)
    printer.print_record(detail_record(detail, session.store.now(), session.place))
    return OK


def format_detail(task: DetailRecord, style: Style) -> str:
    """Return a task for a person: one line per field, then its tables and the beginnings of its texts."""
    row, values = task.task, task.values()
    status = style.paint(status_words(row.status, style, row.raw_status), status_colour(row.status))
    rows = [("id", text.sanitize(name_task_id(row))), ("status", status)]
    took, running = values["took_ms"], values["running_ms"]
    plain: dict[str, object] = {
        "type": row.type,
        "name": row.name,
        "created": values["created"],
        "updated": values["updated"],
        "took": text.format_exact_duration(took) if isinstance(took, int) else None,
        "running for": text.format_duration(running) if isinstance(running, int) else None,
        "progress": describe_progress(row),
        "retries": row.retries or None,
        "server": row.server,
        "graph": row.graph,
        "description": row.description,
    }
    plain |= {
        key: rule.text(row, task.now) for key, rule in PRINTED.items() if rule.in_sheet and key not in plain
    }
    plain |= {
        "depends on": " ".join(name_dependencies(row)),
        "callable": task.callable,
        "problem": row.decode_error,
        **{field.label: field.text for field in task.fields},
    }
    rows += [
        (label, text.sanitize_label(str(value))) for label, value in plain.items() if value not in (None, "")
    ]
    width = max(len(label) for label, _ in rows)
    lines = [_format_field(text.sanitize_label(label).ljust(width), value, style) for label, value in rows]
    for block in (*_format_sheets(task), *_format_texts(task)):
        lines += ["", *block]
    return "\n".join([*lines, ""])


def _format_field(label: str, value: str, style: Style) -> str:
    """Return the line of a field; a long value is wrapped between words."""
    margin = " " * (text.cell_width(label) + 2)
    value_lines = text.wrap_words(value, style.width - len(margin))
    return f"{style.paint(label, '2')}  " + f"\n{margin}".join(value_lines)


def _format_sheets(task: DetailRecord) -> list[list[str]]:
    blocks = []
    for one in task.sheets:
        cells = [[text.sanitize_label(cell) for cell in row] for row in (one.heads, *one.rows)]
        widths = [max(text.cell_width(row[at]) for row in cells) for at in range(len(one.heads))]
        lines = [
            "  ".join(text.fit_cells(cell, widths[at]) for at, cell in enumerate(row)).rstrip()
            for row in cells
        ]
        blocks.append([f"{text.sanitize_label(one.title)}:", *(f"  {line}" for line in lines)])
    return blocks


def _format_texts(task: DetailRecord) -> list[list[str]]:
    if task.truncated:
        return [["The texts are longer than 1 MB. Use `graphtop input` and `graphtop result` to get them."]]
    failed = task.task.status is TaskStatus.FAILED
    named = (("input", task.input), ("error" if failed else "result", task.result))
    return [_format_beginning(name, words) for name, words in named if words]


def _format_beginning(name: str, words: str) -> list[str]:
    lines = text.sanitize_lines(words)
    shown = [f"  {line[:500]}{'…' if len(line) > 500 else ''}" for line in lines[:TEXT_LINES]]
    more = [f"  … {len(lines) - TEXT_LINES} more lines"] if len(lines) > TEXT_LINES else []
    return [f"{name} ({text.format_size(len(words.encode(errors='replace')))}):", *shown, *more]
