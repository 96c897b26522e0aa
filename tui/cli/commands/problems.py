"""`graphtop problems`: tells what needs a person, with its evidence and the next step."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from backend_adapters.errors import BackendError
from backend_adapters.model import Place, TaskId, TaskKey
from tui.cli.arguments import build_command_parser
from tui.cli.exit_codes import OK, PARTLY, PROBLEMS_FOUND
from tui.cli.output.finding_records import FINDING_LAYOUT, make_finding_record
from tui.cli.output.printed_ids import choose_ids
from tui.cli.output.printer import OutputOptions, Printer, add_output_flags
from tui.cli.output.standard_error import report_error
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.problem_finder import PlaceProblems, ProblemFinder
from tui.cli.work.reason_reader import READ_MOST, ReasonChoice
from tui.cli.work.session import Session, run_on_places
from tui.config.finding_settings import FindingLimits, make_finding_limits
from tui.config.resolved import ResolvedSettings
from tui.config.settings import SETTINGS_BY_NAME
from tui.monitor.failure_headlines import describe_unread_reasons
from tui.monitor.findings.finding import Finding
from tui.monitor.findings.rules import sort_findings

if TYPE_CHECKING:
    from tui.cli.work.session_set import SessionSet

NO_PROBLEMS = "No problems found."
_ABOUT = "Tell what needs a person: tasks that are slow, stuck or lost, common failures, places in trouble."
_EXAMPLES = (
    ("graphtop problems", ""),
    ("graphtop problems --all", "in every profile"),
    ("graphtop problems -p prod -o json", "with numbers, for other programs"),
    ("graphtop problems --reasons none", "without reading why tasks failed"),
)
_NOTES = """\
Each problem comes with its evidence, since when it is so, and the next step. All tasks are read once;
nothing is changed. What tasks of the same kind took is known from the server and, where graphtop has
watched before, from the history (`graphtop history`).
Each rule can be off, and has thresholds: see [findings] in `graphtop config example`. What only shows
over time, such as a server that is restarted, is found by the screen."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop problems` was given."""

    reasons: ReasonChoice = "some"
    """Of how many failures the reasons are read."""
    output: OutputOptions = OutputOptions()
    settings: SettingFlags = SettingFlags()


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop problems`."""
    parser = build_command_parser(
        "problems",
        _ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        codes={
            OK: "no problems",
            PARTLY: "no problems, but a place or some tasks can't be read",
            PROBLEMS_FOUND: "there are problems; of several places one that can't be read is one",
        },
        several=True,
        view="the places",
    )
    parser.add_argument(
        "--reasons",
        choices=("all", "none"),
        default="some",
        metavar="WHICH",
        help=f"read why tasks failed: all or none (default the newest {READ_MOST} of each place)",
    )
    add_output_flags(parser, "problems")
    return parser


def run(options: Options) -> int:
    """Look for problems once; returns the exit code."""
    finder = ProblemPrinter(options)
    return run_on_places(options.settings, finder.look_in_one, finder.look_in_several)


class ProblemPrinter:
    """Looks for problems in the places of the command, and prints them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._limits = FindingLimits()
        self._finder: ProblemFinder

    async def look_in_one(self, session: Session) -> int:
        """Look in the only place."""
        self._set_limits([session])
        return self._print([await self._finder.find_in_place(session)])

    async def look_in_several(self, places: SessionSet) -> int:
        """Look in several places; one that does not answer is a problem itself."""
        self._set_limits(places.sessions)
        # Imported here: only several places need it.
        from tui.cli.work.double_places import leave_out_doubles

        silent = await places.run_each(self._read_or_report)
        read = [session for session, silence in silent.items() if silence is None]
        leave_out_doubles(read)
        found = silent | await places.run_each(self._judge_or_report, read)
        code = self._print([problems for problems in found.values() if problems is not None])
        return PARTLY if code == OK and places.codes else code

    def _set_limits(self, sessions: Sequence[Session]) -> None:
        # The table is the same for all profiles.
        values = sessions[0].settings.findings if sessions else {}
        self._limits = make_finding_limits(values)
        self._finder = ProblemFinder(self._limits, self._options.reasons)

    async def _read_or_report(self, session: Session) -> PlaceProblems | None:
        """Read a place; returns what is to be said of one that does not answer."""
        try:
            await self._finder.read_place(session)
        except BackendError as error:
            return self._finder.report_silence(session, error)
        return None

    async def _judge_or_report(self, session: Session) -> PlaceProblems | None:
        try:
            return await self._finder.find_in_read_place(session)
        except BackendError as error:
            return self._finder.report_silence(session, error)

    def _print(self, found: Sequence[PlaceProblems]) -> int:
        """Print all problems, the most urgent first; returns the exit code."""
        now = max((one.session.store.now() for one in found), default=0)
        common = self._finder.failures.find_all(self._limits, now)
        findings = sort_findings([*(finding for one in found for finding in one.findings), *common])
        self._print_findings(findings, found, now)
        for one in found:
            if one.session.partial:
                report_error(f"{one.session.where}: Not all tasks could be read. {one.session.partial}")
        unread = sum(one.unread for one in found)
        if unread and self._options.reasons != "none":
            words = describe_unread_reasons(unread)
            hint = "" if self._options.reasons == "all" else " Use --reasons all to read them."
            report_error(f"{words[0].upper()}{words[1:]}.{hint}")
        is_whole = all(one.is_whole for one in found)
        if not findings and is_whole and found:
            report_error(NO_PROBLEMS)
        return PROBLEMS_FOUND if findings else OK if is_whole else PARTLY

    def _print_findings(self, findings: Sequence[Finding], found: Sequence[PlaceProblems], now: int) -> None:
        places = {one.session.place.number: one.session.place for one in found if one.session.is_placed}
        only = None if places or not found else found[0].session.place
        utc = any(one.session.settings.utc.value for one in found)
        layout = choose_ids(FINDING_LAYOUT, places=bool(places), colons=self._options.settings.names_one)
        printer = Printer(layout, self._options.output)
        for finding in findings:
            printer.print_record(
                make_finding_record(
                    finding,
                    now,
                    place=finding.place if places else only,
                    is_placed=bool(places),
                    flags=() if places or not found else _list_place_flags(found[0].session.settings),
                    name_key=lambda key: _name_key(key, places),
                    utc=utc,
                )
            )
        printer.finish()


def _list_place_flags(settings: ResolvedSettings) -> list[str]:
    """The flags with which another command reaches the same place: nothing is to be deleted elsewhere."""
    flags = ["-p", settings.profile] if settings.profile else []
    for name in ("url", "dialect", "graphspace", "graph", "project", "paths"):
        setting = settings.get_value(name)
        if setting.origin.is_explicit and setting.value:
            flags += [SETTINGS_BY_NAME[name].flag, str(setting.value)]
    return flags


def _name_key(key: TaskKey, places: dict[int, Place]) -> TaskId:
    """The id that is printed for a task's key: with its place where there are several."""
    number, slash, task_id = key.partition("/")
    return places[int(number)].qualify_id(task_id) if places and slash else key
