"""How actions on tasks ended, in sentences for toasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backend_adapters.model import Action, TaskStatus
from tui import text
from tui.monitor.outcomes import Outcome, Report

SUCCESS_VERBS = {
    Action.CANCEL: "Cancelled",
    Action.DELETE: "Deleted",
    Action.FORCE_DELETE: "Deleted (forced)",
}


def describe_report(report: Report) -> str:
    """How one action ended, as sentences that are safe to draw."""
    name = text.fit_cells(text.sanitize_label(report.task.name), 40).rstrip()
    task = text.sanitize(report.task.id) + (f" ({name})" if name else "")
    words = text.sanitize_label(report.words)
    last = text.sanitize_label(report.last.raw_status) if report.last is not None else "gone"
    match report.outcome:
        case Outcome.CANCELLED | Outcome.DELETED:
            took = text.format_exact_duration(round(report.elapsed * 1000))
            return f"{SUCCESS_VERBS[report.action]} {task} after {took}."
        case Outcome.GONE:
            return f"{task} is gone already. {words}".rstrip()
        case Outcome.GONE_MEANWHILE:
            return f"{task} is gone, perhaps deleted by another request."
        case Outcome.ALREADY_CANCELLED:
            return f"{task} was cancelled already. Nothing was sent."
        case Outcome.FINISHED_FIRST:
            return f"{task} ended before it could be cancelled: it is {last}."
        case Outcome.CHANGED:
            return f"{task}: nothing was sent. {words}"
        case Outcome.REFUSED:
            going = report.last is not None and report.last.status in (
                TaskStatus.CANCELLING,
                TaskStatus.DELETING,
            )
            hint = " F removes it by force, where the server can." if going else ""
            return f"The server refused to {report.action.value} {task}: {words}{hint}"
        case Outcome.UNCONFIRMED:
            return f"Not confirmed: {report.action.value} {task}. {words}"
        case Outcome.CAME_BACK:
            return f"{task} came back. {words}"
        case Outcome.NOT_SENT:
            return f"{task}: {words}"


def summarize_reports(reports: Sequence[Report]) -> str:
    """How the actions of one batch ended: counts, and a sentence on the first one that failed."""
    counts = Counter(report.outcome for report in reports)
    counts_text = ", ".join(f"{number} {outcome.value}" for outcome, number in counts.most_common())
    wrong = next((report for report in reports if not report.outcome.is_success), None)
    return f"{len(reports)} tasks: {counts_text}." + (
        f"\n{describe_report(wrong)}" if wrong is not None else ""
    )
