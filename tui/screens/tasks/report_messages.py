"""How actions on tasks ended, in sentences for toasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backend_adapters.model import Action, Place, TaskId, TaskStatus
from tui import text
from tui.monitor.outcomes import Outcome, Report
from tui.screens.tasks.task_facts import name_prefix, name_task
from tui.task_name import readable_name

SUCCESS_VERBS = {
    Action.CANCEL: "Cancelled",
    Action.DELETE: "Deleted",
    Action.FORCE_DELETE: "Force deleted",
}

MAX_PLACES = 5
"""The lines of a toast on the places of an action."""


def describe_report(report: Report, *, whole: bool = False) -> str:
    """How one action ended, as sentences that are safe to draw.

    Where several places are watched, the task's own is named by its label, or by its `whole` name.
    """
    name = text.fit_cells(text.sanitize_label(readable_name(report.task)), 40).rstrip()
    named = name_task(report.task, whole=whole)
    task = named + (f" ({name})" if name else "")
    words = text.sanitize_label(report.words)
    last = text.sanitize_label(report.last.raw_status) if report.last is not None else "gone"
    match report.outcome:
        case Outcome.CANCELLED | Outcome.DELETED:
            took = text.format_exact_duration(round(report.elapsed * 1000))
            return f"{SUCCESS_VERBS[report.action]} {task} after {took}."
        case Outcome.GONE if report.action is Action.CANCEL:
            return f"{task} was deleted before it could be cancelled."
        case Outcome.GONE:
            return f"{task} was already gone; nothing sent."
        case Outcome.GONE_MEANWHILE:
            return f"{task} is gone. Another request may have deleted it."
        case Outcome.ALREADY_CANCELLED:
            return f"{task} was already cancelled; nothing sent."
        case Outcome.FINISHED_FIRST:
            return f"{task} finished before it could be cancelled ({last})."
        case Outcome.REFUSED:
            return f"The server refused to {report.action.value} {task}: {words}{_advise_on_refusal(report)}"
        case Outcome.CAME_BACK:
            return f"{task} reappeared. {words}"
        case Outcome.UNCONFIRMED:
            return words if report.task.place is None else f"{named}: {words}"
        case Outcome.CHANGED | Outcome.NOT_SENT:
            return f"{task}: {words}"


def format_action_line(action: Action, task_id: TaskId, *, ascii: bool) -> str:
    """An action that is under way, in one line."""
    return f"{action.value} {text.sanitize(task_id)} {'->' if ascii else '→'} under way"


def format_report_line(report: Report, *, ascii: bool) -> str:
    """How an action ended, in one line: `cancel 347 → cancelled (8.2 s, 202)`, and the server's words."""
    facts = [f"{report.elapsed:.1f} s"]
    if report.code is not None:
        facts.append(str(report.code))
    arrow = "->" if ascii else "→"
    line = f"{report.action.value} {text.sanitize(report.task.id)} {arrow} {report.outcome.value}"
    words = text.sanitize_label(report.words)
    return f"{line} ({', '.join(facts)})" + (f": {words}" if words and not report.outcome.is_success else "")


def describe_stop(unsent: int) -> str:
    """What a stop of the sending did: how many requests it held back."""
    if not unsent:
        return "There is nothing left to stop: every request has been sent."
    if unsent == 1:
        return "Stopped: 1 request was not sent. Those already sent are watched to their ends."
    number = text.format_count(unsent)
    return f"Stopped: {number} requests were not sent. Those already sent are watched to their ends."


def _advise_on_refusal(report: Report) -> str:
    """What to do about a refused action on a task that hangs in its end."""
    is_ending = report.last is not None and report.last.status in (TaskStatus.CANCELLING, TaskStatus.DELETING)
    return " If the server supports it, press F to force delete it." if is_ending else ""


def summarize_reports(
    reports: Sequence[Report], *, noun: str = "tasks", ascii: bool = False, whole: bool = False
) -> str:
    """How one action ended, or those of a batch: counts, and a sentence on the first one that failed.

    `noun` is what the list calls its entries. What was done in several places is counted for each, which has
    its label or its `whole` name.
    """
    if len(reports) == 1:
        return describe_report(reports[0], whole=whole)
    wrong = next((report for report in reports if not report.outcome.is_success), None)
    lines = _count_by_place(reports, noun, ascii=ascii, whole=whole)
    return "\n".join(lines if wrong is None else [*lines, describe_report(wrong, whole=whole)])


def _count_by_place(reports: Sequence[Report], noun: str, *, ascii: bool, whole: bool) -> list[str]:
    """How the actions in each place ended, in a line for each; those that went wrong somewhere come first."""
    by_place: dict[Place | None, list[Report]] = {}
    for report in reports:
        by_place.setdefault(report.task.place, []).append(report)
    ordered = sorted(by_place, key=lambda one: all(report.outcome.is_success for report in by_place[one]))
    shown = ordered if len(ordered) <= MAX_PLACES else ordered[: MAX_PLACES - 1]
    lines = [
        name_prefix(place, whole=whole) + _count_outcomes(by_place[place], noun, ascii=ascii)
        for place in shown
    ]
    rest = [report for place in ordered[len(shown) :] for report in by_place[place]]
    if rest:
        more = f"{len(ordered) - len(shown)} more places: "
        lines.append(more + _count_outcomes(rest, noun, ascii=ascii))
    return lines


def _count_outcomes(reports: Sequence[Report], noun: str, *, ascii: bool) -> str:
    """How many actions ended in which way: `Cancelled 3 tasks.`, or `2 cancelled · 1 refused`."""
    counts = Counter(report.summary for report in reports)
    number = len(reports)
    if len(counts) == 1 and reports[0].outcome in (Outcome.CANCELLED, Outcome.DELETED):
        word = noun.removesuffix("s") if number == 1 else noun
        return f"{SUCCESS_VERBS[reports[0].action]} {text.format_count(number)} {word}."
    parts = [f"{text.format_count(count)} {part}" for part, count in counts.most_common()]
    return (" - " if ascii else " · ").join(parts)
