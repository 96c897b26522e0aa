"""The records that `problems` prints, and how one looks to a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from backend_adapters.model import Millis, Place, TaskId, TaskKey
from backend_adapters.sentences import end_sentence
from tui import text
from tui.cli.output.records import PlacedRecord
from tui.cli.output.table import Column, Layout, Style
from tui.fields import format_iso_millis
from tui.monitor.findings.finding import TASKS_NAMED, Finding

_URGENT = frozenset(
    {"no_answer", "too_heavy", "queue", "lost_server", "restarted", "stuck", "unscheduled", "silent"}
)
"""The rules whose findings do not mend themselves."""
INDENT = 2


class FindingRecord(PlacedRecord, frozen=True, kw_only=True):
    """A finding, as `problems` prints it."""

    rule: str
    """The name of its rule, which `[findings]` in the config file turns off."""
    title: str
    id: str | None
    """The task that it is about, or the one of several that says the most."""
    since: str | None
    evidence: str
    """A text; the moments in it are ISO 8601 in UTC."""
    numbers: dict[str, int]
    """The numbers of the evidence by their names; durations end in `_ms`."""
    next: str
    """The next step, as a sentence."""
    key: str | None
    """The key that does it on the screen."""
    command: str | None
    """The command that does it."""
    ids: tuple[str, ...]
    """The tasks that it is about, the first 100 where there are more."""
    fingerprint: str
    """Stays the same until there is something new to look at."""
    shown_since: str = ""
    """For a person, in the local time zone."""
    shown_evidence: str = ""
    is_placed: bool = False
    """Whether a person is told the place."""

    def values(self) -> dict[str, object]:
        """The fields that other programs get."""
        values = PlacedRecord.values(self)
        del values["shown_since"], values["shown_evidence"], values["is_placed"]
        return values


def make_finding_record(
    finding: Finding,
    now: Millis,
    *,
    place: Place | None,
    is_placed: bool,
    flags: Sequence[str],
    name_key: Callable[[TaskKey], TaskId],
    utc: bool = False,
) -> FindingRecord:
    """Return the record of a finding; `name_key` gives the id that is printed for a task's key.

    `flags` lead commands to the place where it is the only one.
    """
    format_moment = partial(text.format_short_timestamp, now=now, utc=utc)
    return FindingRecord(
        rule=finding.rule,
        title=finding.title,
        id=None if finding.task is None else name_key(finding.task.key),
        since=format_iso_millis(finding.since),
        evidence=finding.write_evidence(lambda at: format_iso_millis(at) or ""),
        numbers=dict(finding.numbers),
        next=finding.step.text,
        key=finding.step.key or None,
        command=finding.step.write_command(flags) or None,
        ids=tuple(map(name_key, finding.keys[:TASKS_NAMED])),
        fingerprint=finding.fingerprint,
        shown_since="" if finding.since is None else format_moment(finding.since),
        shown_evidence=finding.write_evidence(format_moment),
        is_placed=is_placed,
        place=place,
    )


def format_finding(record: FindingRecord, style: Style) -> str:
    """Return the lines for a finding: what it is, then why it is said, what to do, and with which command."""
    place = record.place.name if record.place is not None and record.is_placed else ""
    about = record.id if record.id is not None and len(record.ids) == 1 else place
    says_itself = record.title.startswith(f"{about} ")
    named = f"{text.sanitize_label(about)}: " if about and not says_itself else ""
    since = f" (since {record.shown_since})" if record.shown_since else ""
    head = f"{record.rule}  {named}{text.sanitize(record.title)}{since}"
    step = end_sentence(record.next).removesuffix(".") + (":" if record.command else ".")
    first, *more = text.wrap_words(head, style.width, indent=INDENT)
    if first.startswith(record.rule):
        first = style.paint(record.rule, "31" if record.rule in _URGENT else "33") + first[len(record.rule) :]
    lines = [first, *more]
    for words in (record.shown_evidence, step):
        lines += text.wrap_words(f"{' ' * INDENT}{text.sanitize(words)}", style.width, indent=INDENT)
    if record.command:
        # In one piece, to be copied.
        lines.append(f"{' ' * 2 * INDENT}{text.sanitize(record.command)}")
    return "\n".join(lines)


FINDING_LAYOUT = Layout[FindingRecord](
    columns=(
        Column("RULE", lambda record: record.rule),
        Column("ID", lambda record: record.id or "", plain=lambda record: record.id),
        Column("SINCE", lambda record: record.shown_since, plain=lambda record: record.since),
        Column("TITLE", lambda record: text.sanitize(record.title), plain=lambda record: record.title),
        Column("EVIDENCE", lambda record: record.shown_evidence, plain=lambda record: record.evidence),
        Column("COMMAND", lambda record: record.command or "", plain=lambda record: record.command),
    ),
    id=lambda record: record.id or "",
    line=format_finding,
)
"""How findings are told."""
