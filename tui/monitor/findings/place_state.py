"""Rules for whole places: no answer, a clock that is off, a queue near its limit, too many finished tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from backend_adapters.model import FINISHED, WAITING, Millis, Task
from backend_adapters.sentences import end_sentence
from tui import text
from tui.monitor.findings.finding import Finding, NextStep, write_place_command
from tui.monitor.findings.place_facts import SECOND, PlaceFacts
from tui.monitor.history.kinds import KindKey, find_kind
from tui.monitor.place_troubles import describe_clause

PENDING_LIMIT = 10_000
"""Tasks that a HugeGraph holds pending for each graph; it refuses more (hugegraph/PROTOCOL.md)."""
KINDS_NAMED = 3


def find_silent_place(facts: PlaceFacts, silent_since: Millis | None) -> Finding | None:
    """A place that does not answer; `silent_since` is when that was seen first, by this machine's clock."""
    error = facts.health.error
    since = facts.health.last_ok if facts.health.last_ok is not None else silent_since
    if error is None or since is None:
        return None
    silent = facts.own_now - since
    if silent < facts.limits.no_answer_after * SECOND:
        return None
    return Finding(
        rule="no_answer",
        title=text.sanitize_label(f"{facts.name} {describe_clause(error)}"),
        evidence=(text.sanitize_label(end_sentence(str(error))),),
        numbers={"silent_ms": silent},
        since=since + facts.ahead,
        step=NextStep(
            text=text.sanitize_label(error.hint) or "Check the connection.",
            key="r",
            command=write_place_command("doctor", facts.place),
        ),
        subject=facts.subject,
        state=type(error).__name__,
        place=facts.place,
    )


def find_wrong_clock(facts: PlaceFacts) -> Finding | None:
    """A server whose clock differs from the one of this machine."""
    off = abs(facts.ahead)
    if off < facts.limits.clock_off * SECOND:
        return None
    way = "ahead of" if facts.ahead > 0 else "behind"
    return Finding(
        rule="clock",
        title=f"The server's clock is {text.format_duration(off)} {way} this machine's",
        evidence=(
            f"Its answers are dated {text.format_exact_duration(off)} {way} this machine's clock. Ages are"
            " shown by the server's clock.",
        ),
        numbers={"ahead_ms": facts.ahead},
        step=NextStep(
            text="Set the clock that is wrong, by NTP.",
            command=write_place_command("doctor", facts.place),
        ),
        subject=facts.subject,
        state="ahead" if facts.ahead > 0 else "behind",
        place=facts.place,
    )


def is_queue_full(facts: PlaceFacts) -> bool:
    """Whether so many tasks wait that it matters who fills the queue."""
    return facts.is_hugegraph and _count_waiting(facts) >= facts.limits.queue_tasks


def find_full_queue(facts: PlaceFacts, kinds: Counter[KindKey]) -> Finding | None:
    """A queue near its limit; `kinds` are those of the tasks that wait."""
    if not is_queue_full(facts):
        return None
    number = _count_waiting(facts)
    most = [
        f"{text.format_count(count)} {_name_kind(kind)}" for kind, count in kinds.most_common(KINDS_NAMED)
    ]
    others = number - sum(count for _, count in kinds.most_common(KINDS_NAMED))
    if others > 0 and most:
        most.append(f"{text.format_count(others)} others")
    by = f" They are: {', '.join(most)}." if most else ""
    return Finding(
        rule="queue",
        title=f"{text.format_count(number)} tasks wait, near the limit of {text.format_count(PENDING_LIMIT)}",
        evidence=(f"A HugeGraph takes no new task of a graph once {PENDING_LIMIT:,} are pending.{by}",),
        numbers={"waiting_tasks": number, "limit": PENDING_LIMIT},
        step=NextStep(
            text="Cancel what is not needed, or stop what sends it.",
            key="2",
            command=write_place_command("ls", facts.place, "status=waiting"),
        ),
        subject=facts.subject,
        place=facts.place,
    )


def find_many_finished(facts: PlaceFacts) -> Finding | None:
    """A graph with so many finished tasks that its server would take long to start."""
    number = sum(facts.store.counts[status] for status in FINISHED)
    if not facts.is_hugegraph or number < facts.limits.finished_tasks:
        return None
    return Finding(
        rule="finished",
        title=f"{text.format_count(number)} finished tasks are kept",
        evidence=(
            "A HugeGraph goes through its tasks when it starts; with several 100,000 of them starts have"
            " timed out.",
        ),
        numbers={"finished_tasks": number},
        step=NextStep(
            text="Delete the old ones; --dry-run shows which.",
            command=write_place_command("purge", facts.place, "--older-than 30d --dry-run"),
        ),
        subject=facts.subject,
        # A little more is nothing new.
        state=str(number.bit_length()),
        place=facts.place,
    )


def count_kinds(tasks: Iterable[Task]) -> Counter[KindKey]:
    """The kinds of the tasks among these that wait."""
    return Counter(find_kind(task) for task in tasks if task.status in WAITING)


def _count_waiting(facts: PlaceFacts) -> int:
    return sum(facts.store.counts[status] for status in WAITING)


def _name_kind(kind: KindKey) -> str:
    words = text.sanitize_label(f"{kind.type} {kind.pattern}")
    return text.fit_cells(words, min(40, text.cell_width(words))).rstrip()
