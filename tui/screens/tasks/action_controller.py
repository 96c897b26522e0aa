"""Cancel and delete on the tasks screen: who is meant, the dialog, and what is said when it has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backend_adapters.model import Action, Task, TaskStatus
from tui import text
from tui.monitor.monitor import Monitor
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.store import Change
from tui.screens.dialogs.confirm import ConfirmScreen, Request, Verdict
from tui.screens.tasks.task_facts import is_possible
from tui.screens.tasks.toasts import two_lines

if TYPE_CHECKING:
    from textual.screen import Screen

TOAST_SECONDS = 4.0
UNTIL_READ = 3600.0
DONE = {Action.CANCEL: "Cancelled", Action.DELETE: "Deleted", Action.FORCE_DELETE: "Deleted (forced)"}


class ActionDesk:
    """Turns keys into confirmed actions, and reports into toasts: one for each, or one for many."""

    def __init__(
        self, screen: Screen[None], *, production: bool, ascii: bool, on_sent: Callable[[], None]
    ) -> None:
        self._screen = screen
        self._production = production
        self._ascii = ascii
        self._on_sent = on_sent
        self._dialog: ConfirmScreen | None = None
        self._from = ""
        self._came_back: list[Report] = []

    def ask(self, monitor: Monitor, action: Action, tasks: Sequence[Task]) -> None:
        """Open the dialog that holds these tasks as they are shown now, but not where it makes no sense."""
        shown = tuple(task for task in tasks if is_possible(action, task))
        source = monitor.backend.source
        request = Request(
            action=action,
            tasks=shown,
            place=f"{source.profile} · {source.qualified_graph}",
            production=self._production,
            warning=" ".join(filter(None, (monitor.warning, unseen(monitor, shown)))),
            left_out=len(tasks) - len(shown),
        )
        # A toast would lie over the dialog's buttons; who asks for an action has read it.
        self._screen.app.clear_notifications()
        dialog = self._dialog = ConfirmScreen(request, ascii=self._ascii)

        def decided(verdict: Verdict) -> None:
            self._dialog = None
            if verdict:
                ids = set(verdict)
                self._send(monitor, action, [task for task in shown if task.id in ids])

        self._screen.app.push_screen(dialog, decided)

    def follow(self, changes: Sequence[Change]) -> None:
        """Show in an open dialog what became of its tasks meanwhile."""
        if self._dialog is not None and self._dialog.is_mounted:
            gone = [change.old.id for change in changes if change.new is None and change.old is not None]
            self._dialog.update([change.new for change in changes if change.new is not None], gone=gone)

    def _send(self, monitor: Monitor, action: Action, tasks: Sequence[Task]) -> None:
        self._on_sent()
        monitor.act(action, tasks)

    def leave(self, place: str) -> None:
        """The person looks at another graph from now on: say which one a report is about."""
        self._from = f"{place}: "

    def ended(self, reports: Sequence[Report]) -> None:
        """Say how one action ended, or how those that were begun together did."""
        if reports:
            words = sentence(reports[0]) if len(reports) == 1 else summary(reports)
            self._toast(words, good=all(report.outcome.is_success for report in reports))

    def reported(self, report: Report) -> None:
        """Say what comes after the end, once for all of one look: records that were written again."""
        if report.outcome is Outcome.CAME_BACK:
            self._came_back.append(report)
            if len(self._came_back) == 1:
                self._screen.app.call_later(self._say_came_back)

    def _say_came_back(self) -> None:
        reports, self._came_back = self._came_back, []
        number = len(reports)
        many = f"{text.format_count(number)} deleted tasks came back.\n" if number > 1 else ""
        self._toast(many + sentence(reports[0]), good=False)

    def _toast(self, message: str, *, good: bool) -> None:
        app = self._screen.app
        app.notify(
            two_lines(
                "\n".join(text.sanitize_lines(self._from + message)), app.size.width, ascii=self._ascii
            ),
            severity="information" if good else "error",
            timeout=TOAST_SECONDS if good else UNTIL_READ,
            markup=False,
        )


def unseen(monitor: Monitor, tasks: Sequence[Task]) -> str:
    """A warning where some of the tasks are marked but not among the rows now."""
    if len(tasks) == 1:
        return ""
    shown = {task.id for task in monitor.view}
    hidden = sum(task.id not in shown for task in tasks)
    if not hidden:
        return ""
    some = f"{text.format_count(hidden)} of them {'are' if hidden > 1 else 'is'} not"
    who = "None of them is" if hidden == len(tasks) else some
    return f"{who} among the rows shown now: the filter hides {'them' if hidden > 1 else 'it'}."


def sentence(report: Report) -> str:
    """How one action ended, in words that are safe to draw."""
    name = text.fit_cells(text.sanitize_label(report.task.name), 40).rstrip()
    task = text.sanitize(report.task.id) + (f" ({name})" if name else "")
    words = text.sanitize_label(report.words)
    last = text.sanitize_label(report.last.raw_status) if report.last is not None else "gone"
    match report.outcome:
        case Outcome.CANCELLED | Outcome.DELETED:
            took = text.format_exact_duration(round(report.elapsed * 1000))
            return f"{DONE[report.action]} {task} after {took}."
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


def summary(reports: Sequence[Report]) -> str:
    """How the actions of one batch ended: counts, and the words of the first that went wrong."""
    counts = Counter(report.outcome for report in reports)
    said = ", ".join(f"{number} {outcome.value}" for outcome, number in counts.most_common())
    wrong = next((report for report in reports if not report.outcome.is_success), None)
    return f"{len(reports)} tasks: {said}." + (f"\n{sentence(wrong)}" if wrong is not None else "")
