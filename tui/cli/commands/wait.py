"""`graphtop wait`: waits until tasks have ended, and says by its exit code how."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Millis, TaskId, TaskStatus
from tui import text
from tui.cli.arguments import add_ids_argument, build_command_parser, parse_duration, read_ids
from tui.cli.exit_codes import FAILED, NOT_CONFIRMED, NOT_FOUND, OK, PARTLY, combine_codes
from tui.cli.output.printed_ids import choose_ids
from tui.cli.output.printer import OutputOptions, Printer, add_output_flags
from tui.cli.output.records import PlacedRecord, status_colour, status_words
from tui.cli.output.table import Column, Layout, Style
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.notify_flag import add_notify_flag, make_notifier
from tui.cli.work.placed_ids import run_on_ids
from tui.cli.work.session import Session
from tui.cli.work.session_set import SessionSet
from tui.cli.work.waiter import TaskWaiter, WaitGoal, WaitResult
from tui.task_name import shorten_name

_ABOUT = "Wait until tasks have finished, and print a line for each as it does."
_EXAMPLES = (
    ("graphtop wait 42 --timeout 30m", "success, or exit code 1"),
    ("graphtop wait 42 43 --for finished", "any outcome"),
    ("graphtop ls status=active -o id | graphtop wait -", ""),
)
_NOTES = """\
If the server can't be reached, a message on standard error says so, and graphtop keeps trying for
five minutes."""

_CODES = {
    OK: "all tasks ended as wanted",
    FAILED: "a task failed or was cancelled, or internal error",
    NOT_FOUND: "no such task",
    NOT_CONFIRMED: "timed out",
    PARTLY: "tasks with different outcomes",
}


class WaitRecord(PlacedRecord, frozen=True, kw_only=True):
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
    """How long the task took; null until it has finished and the server has written when."""
    type: str | None
    name: str | None
    running_ms: int | None = None
    """How long the task had been running when the time was over, for the line only."""

    def values(self) -> dict[str, object]:
        """The fields of JSON and csv."""
        return {name: value for name, value in PlacedRecord.values(self).items() if name != "running_ms"}


def make_wait_record(ended: WaitResult, session: Session | None = None) -> WaitRecord:
    """Return the record of the result of waiting, in the place of a session."""
    task = ended.task
    return WaitRecord(
        place=session.place if session else None,
        id=session.name_id(ended.id) if session else ended.id,
        ok=ended.code == OK,
        status=task.status.value if task else None,
        gone=ended.gone,
        timed_out=ended.code == NOT_CONFIRMED,
        waited_ms=round(ended.after * 1000),
        took_ms=task.duration if task and not ended.end_unknown else None,
        type=task.type if task else None,
        name=task.name if task else None,
        running_ms=ended.running,
    )


def format_wait_line(record: WaitRecord, style: Style) -> str:
    """Return the line for a task that has ended, or has not in time."""
    task_id, waited = text.sanitize(record.id), text.format_exact_duration(record.waited_ms)
    if record.status is None and not record.ok:
        unseen = (
            f"timed out after {waited}; not seen"
            if record.timed_out
            else "not found; it may have been deleted"
        )
        return style.paint(f"{task_id} {unseen}", "31")
    status = None if record.status is None or record.gone else TaskStatus(record.status)
    state = "gone" if status is None else status_words(status, style)
    head, end = f"{task_id} ", ""
    if record.timed_out:
        head = f"{task_id} timed out after {waited}; still "
        end = "" if record.running_ms is None else f" ({text.format_duration(record.running_ms)})"
    elif record.took_ms is not None and not record.gone:
        end = f" after {text.format_exact_duration(record.took_ms)}"
    shown = text.sanitize_label(shorten_name(record.type or "", record.name or ""))
    name = style.fit_rest(f"{head}{state}{end}  ", shown[:100])
    return f"{head}{style.paint(state, status_colour(status) if status else '')}{end}  {name}".rstrip()


WAIT_LAYOUT = Layout[WaitRecord](
    columns=(
        Column("ID", lambda record: record.id),
        Column(
            "STATUS",
            lambda record: (
                "gone" if record.gone else record.status or ("not seen" if record.timed_out else "not found")
            ),
        ),
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
    with_notices: bool = False
    output: OutputOptions = OutputOptions()
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop wait`."""
    parser = build_command_parser("wait", _ABOUT, examples=_EXAMPLES, notes=_NOTES, codes=_CODES)
    add_ids_argument(parser)
    parser.add_argument(
        "--for",
        dest="wanted",
        choices=("success", "finished", "gone"),
        default="success",
        help="until it succeeds, has finished in any way, or is gone from the server (default success)",
    )
    add_timeout(parser)
    add_notify_flag(parser, "notify when all of them have ended, or the time is over")
    add_output_flags(parser, "wait")
    return parser


def run(options: Options) -> int:
    """Wait for tasks; returns the exit code."""
    return run_on_ids(
        options.ids,
        options.settings,
        lambda session, ids: _wait_for_tasks(session, replace(options, ids=ids)),
        lambda places: _wait_in_places(places, options),
    )


def add_timeout(parser: argparse.ArgumentParser) -> None:
    """Add `--timeout`."""
    parser.add_argument(
        "--timeout",
        type=parse_duration,
        metavar="TIME",
        help="stop waiting after 30s, 10m, 2h (default: never)",
    )


def to_seconds(timeout: Millis | None) -> float | None:
    """Return a timeout in seconds; None if there is none."""
    return None if timeout is None else timeout / 1000


async def _wait_for_tasks(session: Session, options: Options) -> int:
    ids = await read_ids(options.ids)
    printer = Printer(choose_ids(WAIT_LAYOUT, places=False), options.output)
    found: list[WaitRecord] = []
    notifier = make_notifier(session.settings) if options.with_notices else None
    try:
        code = combine_codes(await _wait_in_place(session, ids, options, printer, found))
    finally:
        printer.finish()
    if notifier is not None and found:
        await notifier.tell(describe_waits(found))
    return code


async def _wait_in_places(places: SessionSet, options: Options) -> int:
    printer = Printer(choose_ids(WAIT_LAYOUT, places=True), options.output)
    found: list[WaitRecord] = []
    wanted = options.with_notices and bool(places.sessions)
    notifier = make_notifier(places.sessions[0].settings) if wanted else None
    try:
        codes = await places.run_each(
            lambda session: _wait_in_place(session, places.ids[session], options, printer, found),
            at_once=len(places.sessions),
        )
    finally:
        printer.finish()
    if notifier is not None and found:
        await notifier.tell(describe_waits(found))
    return combine_codes([*chain.from_iterable(codes.values()), *places.codes])


async def _wait_in_place(
    session: Session,
    ids: Sequence[TaskId],
    options: Options,
    printer: Printer[WaitRecord],
    found: list[WaitRecord],
) -> list[int]:
    """Wait for the tasks of one place, and print what came of each; returns their exit codes.

    What came of them is added to `found`.
    """

    def note_result(ended: WaitResult) -> None:
        record = make_wait_record(ended, session)
        found.append(record)
        printer.print_record(record)

    return await TaskWaiter(session, ids, options.wanted, note_result).run(to_seconds(options.timeout))


def describe_waits(records: Sequence[WaitRecord]) -> str:
    """Return what came of the tasks that were waited for, in one line for a notice."""
    if len(records) == 1:
        return format_wait_line(records[0], Style())
    counts = Counter(_name_result(record) for record in records)
    listed = ", ".join(f"{number:,} {word}" for word, number in counts.most_common())
    return f"{len(records):,} tasks: {listed}"


def _name_result(record: WaitRecord) -> str:
    if record.timed_out:
        return "timed out"
    return "gone" if record.gone else record.status or "not found"
