"""`graphtop doctor`: checks the way to a server's tasks step by step, and says what to do."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from backend_adapters.model import Place
from tui import text
from tui.cli.arguments import build_command_parser
from tui.cli.exit_codes import INTERRUPTED, OK, PARTLY, USAGE, combine_codes
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.table import Column, Layout, Style
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import UnopenedPlace, connect_by_flags, connect_to_places
from tui.cli.work.doctor_checks import CheckResult, DoctorChecks
from tui.cli.work.session import LOGIN_OF_SEVERAL, Session, run_session
from tui.config.resolved import ConfigError

_ABOUT = "Check the connection to a server step by step, and say what to do about each failure."
_EXAMPLES = (
    ("graphtop doctor -p prod", "the server of a profile"),
    ("graphtop doctor --url http://host:8080", "any server"),
    ("graphtop doctor --all", "that of each profile in turn"),
)
_NOTES = """\
Checks the address, DNS, TCP, TLS, the version, login, rights, graph, paging, clock and speed, and
prints a line for each; the last one is about the history that is kept on this machine. A dash marks
what could not be checked, and a history that can't be kept. The exit code is that of the first
failure."""
_CHECK_WIDTH = 8


def format_check_line(record: CheckResult, style: Style) -> str:
    """Return the line for one check."""
    good, bad, unknown = ("+", "x", "-") if style.ascii else ("✓", "✗", "–")
    sign, colour = (unknown, "2") if record.ok is None else (good, "32") if record.ok else (bad, "31")
    arrow = "->" if style.ascii else "→"
    margin = " " * (_CHECK_WIDTH + 3)
    says = text.wrap_words(text.sanitize_label(record.says), style.width - len(margin))
    todo = text.wrap_words(f"{arrow} {text.sanitize_label(record.do)}", style.width - len(margin), indent=2)
    lines = f"\n{margin}".join([*says, *(todo if record.do else [])])
    return f"{style.paint(sign, colour)} {record.check:<{_CHECK_WIDTH}} {lines}"


CHECK_LAYOUT = Layout[CheckResult](
    columns=(
        Column("CHECK", lambda record: record.check),
        Column("OK", lambda record: "", plain=lambda record: record.ok),
        Column("SAYS", lambda record: record.says),
        Column("DO", lambda record: record.do),
    ),
    id=lambda record: record.check,
    is_id=bool,
    line=format_check_line,
)


PLACED_CHECK_LAYOUT = Layout[CheckResult](
    columns=(
        Column("PLACE", lambda record: text.sanitize_label(record.place.name if record.place else "")),
        *CHECK_LAYOUT.columns,
    ),
    id=CHECK_LAYOUT.id,
    is_id=CHECK_LAYOUT.is_id,
    line=format_check_line,
)
"""Where several places are checked."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop doctor` was given."""

    output: OutputOptions = LIST_OUTPUT
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop doctor`."""
    parser = build_command_parser(
        "doctor",
        _ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        codes={OK: "no check failed", PARTLY: "the codes of several places differ"},
        several=True,
    )
    add_output_flags(parser, "doctor")
    return parser


def run(options: Options) -> int:
    """Try everything; returns the exit code of the first failure."""
    if options.settings.names_several:
        return _check_profiles(options)
    printer = Printer(CHECK_LAYOUT, options.output)
    try:
        connection = connect_by_flags(options.settings)
    except ConfigError as error:
        code = _fail_place(str(error), printer)
    else:
        code = run_session(connection, lambda session: DoctorChecks(session, printer.print_record).run())
    printer.finish()
    return code


def _check_profiles(options: Options) -> int:
    """Check one place after the other; returns the exit code that all share, otherwise PARTLY."""
    printer, codes = Printer(PLACED_CHECK_LAYOUT, options.output), list[int]()
    print_check = _make_check_printer(printer)
    for connection in connect_to_places(options.settings):
        profile = connection.name if isinstance(connection, UnopenedPlace) else connection.target.profile
        if printer.format in ("table", "wide"):
            _print_head(printer, profile, is_first=not codes)
        if isinstance(connection, UnopenedPlace):
            codes.append(_fail_place(connection.reason, printer, profile))
            continue
        code = run_session(connection, partial(_check_one_of_several, print_check))
        if code >= INTERRUPTED:
            printer.finish()
            return code
        codes.append(code)
    printer.finish()
    return combine_codes(codes)


async def _check_one_of_several(print_check: Callable[[CheckResult], None], session: Session) -> int:
    session.login_rule = LOGIN_OF_SEVERAL
    return await DoctorChecks(session, print_check).run()


def _make_check_printer(printer: Printer[CheckResult]) -> Callable[[CheckResult], None]:
    """Return what prints a check; a person reads once of the history, which is the same for all places."""
    was_told = False

    def print_check(record: CheckResult) -> None:
        nonlocal was_told
        is_history = record.check == "history" and bool(record.ok)
        if not (is_history and was_told and printer.format in ("table", "wide")):
            printer.print_record(record)
        was_told = was_told or is_history

    return print_check


def _print_head(printer: Printer[CheckResult], profile: str, *, is_first: bool) -> None:
    """Print the line above the checks of a place."""
    printer.out.write(
        f"{'' if is_first else chr(10)}{printer.style.paint(text.sanitize_label(profile), '1')}\n"
    )


def _fail_place(reason: str, printer: Printer[CheckResult], profile: str = "") -> int:
    """Print that a place can't be opened; returns the exit code."""
    place = Place(number=0, profile=profile, dialect="") if profile else None
    printer.print_record(CheckResult(check="url", ok=False, says=text.sanitize(reason), place=place))
    return USAGE
