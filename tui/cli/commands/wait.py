"""`graphtop wait`: waits until tasks have ended, and says by its exit code how."""

from __future__ import annotations

import argparse

from msgspec import Struct

from backend_adapters.model import Millis, TaskStatus
from tui import text
from tui.cli.arguments import add_ids_argument, build_command_parser, parse_duration, read_ids
from tui.cli.exit_codes import NOT_CONFIRMED, OK, combine_codes
from tui.cli.output.printer import OutputOptions, Printer, add_output_flags
from tui.cli.output.records import status_colour, status_words
from tui.cli.output.table import Column, Layout, Style
from tui.cli.output.values import Record
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.session import Session, run_with_session
from tui.cli.work.waiter import TaskWaiter, WaitGoal, WaitResult

_ABOUT = """\
Wait until tasks have ended; one line for each, as it ends. 0: all as wanted; 1: failed or
cancelled; 3: there is no such task; 6: the time was up; 7: some of several. A server that can't be
asked is asked again for five minutes, which standard error says when it begins and ends; then 5.

  graphtop wait 42 --timeout 30m              a success, or exit code 1
  graphtop wait 42 43 --for finished          any end
  graphtop ls status=active -o id | graphtop wait -"""


class WaitRecord(Record, frozen=True, kw_only=True):
    """The result of waiting for one task."""

    id: str
    ok: bool
    """It is as wanted."""
    status: str | None
    """As last seen; null where the server never had it, or never answered."""
    gone: bool
    """The server has it no more."""
    timed_out: bool
    waited_ms: int
    took_ms: int | None
    """How long the task took; null while it is not finished."""
    type: str | None
    name: str | None


def make_wait_record(ended: WaitResult) -> WaitRecord:
    """Return the record of the result of waiting."""
    task = ended.task
    return WaitRecord(
        id=ended.id,
        ok=ended.code == OK,
        status=task.status.value if task else None,
        gone=ended.gone,
        timed_out=ended.code == NOT_CONFIRMED,
        waited_ms=round(ended.after * 1000),
        took_ms=task.duration if task else None,
        type=task.type if task else None,
        name=task.name if task else None,
    )


def format_wait_line(record: WaitRecord, style: Style) -> str:
    """Return the line for a task that has ended, or has not in time."""
    if record.status is None and not record.ok:
        late = f"not seen in {text.format_exact_duration(record.waited_ms)}"
        return style.paint(f"{text.sanitize(record.id)} {late if record.timed_out else 'not found'}", "31")
    state = "gone" if record.status is None or record.gone else status_words(TaskStatus(record.status), style)
    colour = "" if record.status is None or record.gone else status_colour(TaskStatus(record.status))
    late = f", not ended after {text.format_exact_duration(record.waited_ms)}" if record.timed_out else ""
    took = (
        f" after {text.format_exact_duration(record.took_ms)}"
        if record.took_ms is not None and not record.gone
        else ""
    )
    head, end = f"{text.sanitize(record.id)} ", f"{took}{late}  "
    name = style.fit_rest(head + state + end, text.sanitize_label(record.name or "")[:100])
    return f"{head}{style.paint(state, colour)}{end}{name}".rstrip()


def _describe_unseen(record: WaitRecord) -> str:
    return "not seen" if record.timed_out else "not found"


WAIT_LAYOUT = Layout[WaitRecord](
    columns=(
        Column("ID", lambda record: record.id),
        Column("STATUS", lambda record: "gone" if record.gone else record.status or _describe_unseen(record)),
        Column("OK", lambda record: "", plain=lambda record: record.ok),
        Column("TOOK", lambda record: "", plain=lambda record: record.took_ms),
    ),
    id=lambda record: record.id,
    line=format_wait_line,
)


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop wait` was given."""

    ids: tuple[str, ...]
    """Ids, and `-` for those on standard input."""
    wanted: WaitGoal = "success"
    timeout: Millis | None = None
    output: OutputOptions = OutputOptions()
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop wait`."""
    parser = build_command_parser("wait", _ABOUT, takes="ID…")
    add_ids_argument(parser)
    parser.add_argument(
        "--for",
        dest="wanted",
        choices=("success", "finished", "gone"),
        default="success",
        help="a success, any end, or that the server has it no more (success)",
    )
    add_timeout(parser)
    add_output_flags(parser, "wait")
    return parser


def run(options: Options) -> int:
    """Wait for tasks; returns the exit code."""
    return run_with_session(options.settings, lambda session: _wait_for_tasks(session, options))


def add_timeout(parser: argparse.ArgumentParser) -> None:
    """Add `--timeout`."""
    parser.add_argument(
        "--timeout", type=parse_duration, metavar="TIME", help="30s, 10m, 2h; without it: for ever"
    )


def to_seconds(timeout: Millis | None) -> float | None:
    """Return a timeout in seconds; None if there is none."""
    return None if timeout is None else timeout / 1000


async def _wait_for_tasks(session: Session, options: Options) -> int:
    ids = await read_ids(options.ids)
    printer = Printer(WAIT_LAYOUT, options.output)
    waiting = TaskWaiter(
        session, ids, options.wanted, lambda ended: printer.print_record(make_wait_record(ended))
    )
    try:
        codes = await waiting.run(to_seconds(options.timeout))
    finally:
        printer.finish()
    return combine_codes(codes)
