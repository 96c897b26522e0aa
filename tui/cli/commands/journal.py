"""`graphtop journal`: lists the actions that were sent from this machine, the newest last."""

from __future__ import annotations

import argparse
import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from backend_adapters.model import Action
from tui import text
from tui.cli.argument_parser import Parser
from tui.cli.arguments import describe_limit, parse_count, parse_moment
from tui.cli.errors import CommandError
from tui.cli.exit_codes import FAILED, LOCAL_MEANINGS, OK, describe_exit_codes
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.table import Column, Layout
from tui.cli.output.values import Record
from tui.monitor.journal.file import default_journal_path
from tui.monitor.journal.line import ACCEPTED, UNDER_WAY, JournalLine, format_moment
from tui.monitor.journal.reader import read_journal
from tui.monitor.outcomes import Outcome

LISTED_ACTIONS = 50
ACTIONS = (*(action.value.replace(" ", "-") for action in Action), "submit", "create")
OUTCOMES = {outcome.name.lower().replace("_", "-"): outcome.value for outcome in Outcome}
OUTCOMES |= {"under-way": UNDER_WAY, "accepted": ACCEPTED}
_ABOUT = "Show the actions that were sent to servers from this machine, by the screen and the command line."
_EXAMPLES = (
    ("graphtop journal", "the last 50"),
    ("graphtop journal --since 1d --outcome refused", "refused in the last day"),
    ("graphtop journal --id 42 -o json", "everything done to task 42"),
)
_NOTES = """\
Prints one line for each action on a task, newest last. A line is written before anything is sent,
and completed when the outcome is seen; `under way` means that graphtop ended before it saw the
outcome."""


class JournalRecord(Record, frozen=True, kw_only=True):
    """One action, as `journal` prints it."""

    when: str
    by: str
    """`user@host`."""
    profile: str
    url: str
    graph: str
    id: str
    """Empty for a job that was never given one."""
    action: str
    """`cancel`, `delete`, `force delete`, `submit` or `create`."""
    outcome: str
    """As in the reports of `cancel` and `delete`; `accepted` for a job; `under way`: its end was not seen."""
    status: str | None
    """The status that the person saw, in the server's word."""
    code: int | None
    """The HTTP status of the answer."""
    words: str
    elapsed_ms: int | None
    type: str | None
    name: str | None
    task: object
    """For a delete: the task as the server told it, JSON; in csv its text. A text where it was cut."""


def make_journal_record(line: JournalLine, *, as_text: bool = False) -> JournalRecord:
    """Return the record of a line of the journal."""
    return JournalRecord(
        when=line.when,
        by=line.by,
        profile=line.profile,
        url=line.url,
        graph=line.graph,
        id=line.id,
        action=line.action,
        outcome=line.outcome,
        status=line.shown or None,
        code=line.code,
        words=line.words,
        elapsed_ms=None if line.elapsed is None else round(line.elapsed * 1000),
        type=line.type or None,
        name=line.name or None,
        task=_decode_task(bytes(line.task), as_text=as_text),
    )


def _decode_task(data: bytes, *, as_text: bool) -> object:
    if not data:
        return None
    if as_text:
        return data.decode()
    try:
        task: object = msgspec.json.decode(data)
    except msgspec.DecodeError:
        # A number that no float holds: JSON allows it, Python does not.
        return data.decode()
    return task


_GOOD_OUTCOMES = {ACCEPTED, *(outcome.value for outcome in Outcome if outcome.is_success)}


def _format_value(value: object) -> str:
    return text.NO_VALUE if value in (None, "") else text.sanitize_label(str(value))


def _format_name_and_words(record: JournalRecord) -> str:
    """Return the task's name and the message of its outcome."""
    return ": ".join(text.sanitize_label(words) for words in (record.name, record.words) if words)


JOURNAL_LAYOUT = Layout[JournalRecord](
    columns=(
        Column(
            "WHEN",
            lambda record: text.sanitize_label(record.when[:19].replace("T", " ")),
            plain=lambda record: record.when,
        ),
        Column("PROFILE", lambda record: text.sanitize_label(record.profile)),
        Column("ACTION", lambda record: text.sanitize_label(record.action)),
        Column("ID", lambda record: text.sanitize_label(record.id), right=True),
        Column(
            "OUTCOME",
            lambda record: text.sanitize_label(record.outcome),
            style=lambda record: "32" if record.outcome in _GOOD_OUTCOMES else "31",
        ),
        Column("NAME AND MESSAGE", _format_name_and_words, takes_rest=True),
    ),
    more=(
        Column("GRAPH", lambda record: _format_value(record.graph)),
        Column("BY", lambda record: _format_value(record.by)),
        Column("SHOWN", lambda record: _format_value(record.status)),
        Column("CODE", lambda record: _format_value(record.code), right=True),
        Column("TOOK", lambda record: text.format_duration(record.elapsed_ms), right=True),
    ),
    id=lambda record: record.id,
)


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop journal` was given; only the actions that all of it fits are shown."""

    since: str | None = None
    """A moment as a line of the journal writes it."""
    id: tuple[str, ...] | None = None
    profile: str | None = None
    action: str | None = None
    outcome: str | None = None
    limit: int = LISTED_ACTIONS
    """How many are shown, the last ones; 0: all."""
    path: bool = False
    """Whether only the path of the journal is printed."""
    output: OutputOptions = LIST_OUTPUT


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop journal`."""
    parser = Parser(
        prog="graphtop journal",
        description=_ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        epilog=describe_exit_codes(
            LOCAL_MEANINGS
            | {FAILED: "the journal can't be read, the output can't be written, or internal error"}
        ),
    )
    parser.add_argument(
        "--since",
        type=parse_since,
        metavar="TIME",
        help="only the actions since then: 1d, 12h (ago), or 2026-11-23, 2026-11-23T12:00 (UTC)",
    )
    parser.add_argument(
        "--id", action="append", metavar="ID", help="only actions on this task; can be repeated"
    )
    parser.add_argument("-p", "--profile", metavar="NAME", help="only actions sent with this profile")
    parser.add_argument(
        "--action", choices=ACTIONS, help=f"only this action: {', '.join(ACTIONS)}", metavar="ACTION"
    )
    parser.add_argument(
        "--outcome",
        choices=tuple(OUTCOMES),
        help=f"only this outcome: {', '.join(OUTCOMES)}",
        metavar="OUTCOME",
    )
    parser.add_argument(
        "--limit",
        type=parse_count,
        default=LISTED_ACTIONS,
        metavar="N",
        help=f"show at most the last N actions (default {LISTED_ACTIONS}, 0 for all)",
    )
    parser.add_argument("--path", action="store_true", help="only print the path of the journal")
    add_output_flags(parser, "journal")
    return parser


def parse_since(words: str) -> str:
    """Return the moment of `1d` or `2026-11-23T12:00` as the journal has it. Raises ArgumentTypeError."""
    return format_moment(parse_moment(words))


def run(options: Options) -> int:
    """Show the journal; returns the exit code."""
    path = default_journal_path(os.environ)
    if options.path:
        StandardOutput().write(f"{path}\n")
        return OK
    return _show_journal(path, options)


def _show_journal(path: Path, options: Options) -> int:
    shows = _build_filter(options)
    found = 0
    last: deque[JournalLine] = deque(maxlen=options.limit or None)
    try:
        for line in _read_lines(path):
            if shows(line):
                found += 1
                last.append(line)
    except OSError as error:
        raise CommandError(f"Can't read the journal {path}: {error.strerror}.", FAILED) from None
    printer = Printer(JOURNAL_LAYOUT, options.output)
    for line in last:
        printer.print_record(make_journal_record(line, as_text=printer.format == "csv"))
    printer.finish()
    if found > len(last):
        report_error(describe_limit("last", len(last), found))
    elif not found:
        report_error("No matching actions." if path.exists() else f"There is no journal yet: {path}")
    return OK


def _read_lines(path: Path) -> Iterator[JournalLine]:
    """Yield the lines that can be read; print a note on standard error for each of the others."""
    for line in read_journal(path, report_error):
        if isinstance(line, JournalLine):
            yield line
        else:
            shown = f"{line[:60]}…" if len(line) > 60 else line
            report_error(f"Skipped a line of the journal that can't be read: {shown}")


def _build_filter(options: Options) -> Callable[[JournalLine], bool]:
    action = options.action and options.action.replace("-", " ")
    outcome = options.outcome and OUTCOMES[options.outcome]

    def shows(line: JournalLine) -> bool:
        return (
            (options.since is None or line.when >= options.since)
            and (options.id is None or line.id in options.id)
            and (options.profile is None or line.profile == options.profile)
            and (action is None or line.action == action)
            and (outcome is None or line.outcome == outcome)
        )

    return shows
