"""`graphtop doctor`: checks the way to a server's tasks step by step, and says what to do."""

from __future__ import annotations

import argparse

from msgspec import Struct

from tui import text
from tui.cli.arguments import build_command_parser
from tui.cli.exit_codes import OK, USAGE
from tui.cli.output.printer import LIST_OUTPUT, OutputOptions, Printer, add_output_flags
from tui.cli.output.table import Column, Layout, Style
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import connect_by_flags
from tui.cli.work.doctor_checks import CheckResult, DoctorChecks
from tui.cli.work.session import Session, run_session
from tui.config.resolved import ConfigError

_ABOUT = "Check the connection to a server step by step, and say what to do about each failure."
_EXAMPLES = (
    ("graphtop doctor -p prod", "the server of a profile"),
    ("graphtop doctor --url http://host:8080", "any server"),
)
_NOTES = """\
Checks the address, DNS, TCP, TLS, the version, login, rights, graph, paging, clock and speed, and
prints a line for each. A dash marks what could not be checked. The exit code is that of the first
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


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop doctor` was given."""

    output: OutputOptions = LIST_OUTPUT
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop doctor`."""
    parser = build_command_parser(
        "doctor", _ABOUT, examples=_EXAMPLES, notes=_NOTES, codes={OK: "no check failed"}
    )
    add_output_flags(parser, "doctor")
    return parser


def run(options: Options) -> int:
    """Try everything; returns the exit code of the first failure."""
    try:
        connection = connect_by_flags(options.settings)
    except ConfigError as error:
        printer = Printer(CHECK_LAYOUT, options.output)
        printer.print_record(CheckResult(check="url", ok=False, says=text.sanitize(str(error))))
        printer.finish()
        return USAGE
    return run_session(connection, lambda session: _run_checks(session, options.output))


async def _run_checks(session: Session, output: OutputOptions) -> int:
    printer = Printer(CHECK_LAYOUT, output)
    code = await DoctorChecks(session, printer.print_record).run()
    printer.finish()
    return code
