"""How actions on tasks ended, in sentences for toasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backend_adapters.model import Action, TaskId, TaskStatus
from tui import text
from tui.monitor.outcomes import Outcome, Report
from tui.task_name import readable_name

SUCCESS_VERBS = {
    Action.CANCEL: "Cancelled",
    Action.DELETE: "Deleted",
    Action.FORCE_DELETE: "Force deleted",
}


def describe_report(report: Report) -> str:
    """How one action ended, as sentences that are safe to draw."""
    name = text.fit_cells(text.sanitize_label(readable_name(report.task)), 40).rstrip()
    task = text.sanitize(report.task.id) + (f" ({name})" if name else "")
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
            return words
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


def summarize_reports(reports: Sequence[Report], *, noun: str = "tasks", ascii: bool = False) -> str:
    """How one action ended, or those of a batch: counts, and a sentence on the first one that failed.

    `noun` is what the list calls its entries.
    """
    if len(reports) == 1:
        return describe_report(reports[0])
    counts = Counter(report.summary for report in reports)
    wrong = next((report for report in reports if not report.outcome.is_success), None)
    if wrong is None and len(counts) == 1 and reports[0].outcome in (Outcome.CANCELLED, Outcome.DELETED):
        return f"{SUCCESS_VERBS[reports[0].action]} {text.format_count(len(reports))} {noun}."
    parts = [f"{text.format_count(number)} {part}" for part, number in counts.most_common()]
    summary = (" - " if ascii else " · ").join(parts)
    return summary if wrong is None else f"{summary}\n{describe_report(wrong)}"
