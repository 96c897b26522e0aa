"""What the detail pane shows and when it asks: at once what the list told, the texts soon after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from backend_adapters.errors import BackendError, NoSuchTask, ServerFault, Unreadable
from backend_adapters.model import FAILURES, Task, TaskDetail, is_different_task
from tui import text
from tui.monitor.details import CutText
from tui.monitor.document.lines import Document
from tui.monitor.document.loading import DocumentPart, load_document
from tui.monitor.monitor import Monitor
from tui.monitor.stuck import SERVER_LOST, is_stuck
from tui.monitor.unreadable import is_unreadable
from tui.screens.tasks.header_state import shown_now
from tui.screens.tasks.row_overlays import doing
from tui.widgets.detail_pane import TEXT_TABS, DetailPane, DetailTab, TaskTexts
from tui.widgets.overview import OverviewState, unreadable_advice, unreadable_reason

RESULT_LEFT_OUT = "The result is not in it: o opens it."

REST = 0.15
"""Seconds that the cursor rests on a task before its texts are asked for."""


class DetailDesk:
    """Keeps the pane on one task, and asks again only when that task's state has changed."""

    def __init__(self, pane: DetailPane, monitor: Monitor, spawn: Callable[..., object]) -> None:
        self._pane = pane
        self._monitor = monitor
        self._spawn = spawn
        self._task: Task | None = None
        self._detail: TaskDetail | None = None
        self._headline = ""
        self._gone = False
        self._texts: dict[DetailTab, Document] = {}
        self._resting: asyncio.TimerHandle | None = None
        self.waiting = False
        """Whether texts are wished for that have not come."""
        self.utc = False
        self.ascii = False

    @property
    def task(self) -> Task | None:
        """The task that is shown, as last told; it stays when the task leaves the table."""
        if self._task is None:
            return None
        known = self._monitor.store.get(self._task.id)
        return known if known is not None and not is_different_task(known, self._task) else None

    def show(self, task: Task | None) -> None:
        """Show this task as the list tells it, and fetch its texts unless they are there and still right."""
        same = task is not None and self._task is not None and _same(task, self._task)
        stale = not same or (
            task is not None and self._task is not None and task.raw_status != self._task.raw_status
        )
        if task is not None and is_unreadable(task) and same and self._detail is not None:
            # What was read of it before stays.
            stale = False
        self._task, self._gone = task, False
        if not same:
            self._detail, self._headline, self._texts = None, "", {}
        self.draw()
        if task is None:
            self.forget_wish()
            self._pane.show_failure("No task is selected.")
        elif stale and task.stops_server:
            self.forget_wish()
            self._pane.show_failure(
                f"{unreadable_reason(task.decode_error or '', task)} {unreadable_advice(task)}"
            )
        elif stale:
            if not same:
                self._pane.show_loading(0)
            self._wish(task)

    def follow(self) -> None:
        """Show what became of the task meanwhile; when it is gone, what was last known of it stays."""
        if self._task is None:
            return
        now = self.task
        if now is not None:
            self.show(now)
        elif not self._gone:
            self._gone = True
            self.draw()

    def again(self) -> None:
        """Fetch the texts anew where they could not be had."""
        if self._task is not None and self._detail is None and not self.waiting:
            self._pane.show_loading(0)
            self._wish(self._task)
        else:
            self.read_what_is_shown()

    def read_what_is_shown(self) -> None:
        """Fetch the result where it was left out and its tab is open now, unless it is under way or here."""
        task = self._task
        if task is None or self.waiting or self._pane.tab is not DetailTab.RESULT or not self._result_unread:
            return

        def progress(received: int) -> None:
            if self._is(task):
                self._pane.show_loading(received, (DetailTab.RESULT,))

        def done(came: CutText) -> None:
            self._spawn(self._result_arrived(task, came), exclusive=True, group="detail")

        self.forget_wish()
        self.waiting = True
        progress(0)
        self._monitor.details.fetch_result(
            task.id,
            done=done,
            failed=lambda error: self._failed(task, error, (DetailTab.RESULT,)),
            progress=progress,
        )

    @property
    def _result_unread(self) -> bool:
        """Whether there may be a result that was not asked for yet."""
        return self._detail is not None and self._detail.result_left_out

    def draw(self) -> None:
        """Draw the overview anew, for the time that has passed."""
        task = self._task
        if task is None:
            self._pane.show_overview(None)
            return
        now, info = shown_now(self._monitor), self._monitor.health.info
        shown = OverviewState(
            task=task,
            now=now,
            detail=self._detail,
            error=self._headline,
            action=doing(self._monitor, task.id, now),
            has_texts=info is None or info.capabilities.has_texts,
            stuck=not self._gone and is_stuck(self._monitor.store, task, now),
            silence="" if self._gone else self._monitor.silence_of(task),
            is_gone=self._gone,
            utc=self.utc,
            ascii=self.ascii,
        )
        self._pane.show_overview(shown)

    def text(self, tab: DetailTab) -> Document | None:
        """The document of a tab, secrets hidden; None where there is none (yet)."""
        document = self._texts.get(tab)
        return document if document is not None and len(document) else None

    def cut(self, tab: DetailTab) -> bool:
        """Whether a tab's text is a beginning or missing: its answer was too long, or not asked for yet."""
        document = self._texts.get(tab)
        if document is not None:
            return document.truncated
        missing = self._detail is not None and self._detail.truncated
        return missing or (tab is DetailTab.RESULT and self._result_unread)

    def close(self) -> None:
        """Show nothing, ask for nothing, and keep nothing: a text can be tens of megabytes."""
        self.forget_wish()
        self._task = self._detail = None
        self._texts = {}
        self._pane.show_loading(0)

    def forget_wish(self) -> None:
        """Ask for nothing any more."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self.waiting = False
        self._monitor.details.drop_fetch()

    def _wish(self, task: Task) -> None:
        self.forget_wish()
        self.waiting = True
        loop = asyncio.get_running_loop()
        self._resting = loop.call_later(REST, self._fetch, task)

    def _fetch(self, task: Task, *, whole: bool = False) -> None:
        """Fetch the texts; without the result where it can be left out, unless it is what went wrong."""

        def progress(received: int) -> None:
            if self._detail is None and self._is(task):
                self._pane.show_loading(received)

        def done(detail: TaskDetail) -> None:
            if detail.result_left_out and detail.task.status in FAILURES:
                # It has failed since the list was read.
                self._fetch(task, whole=True)
                return
            self._monitor.reasons.learn_from(detail)
            if is_unreadable(task):
                self._monitor.look_again(task.id)
            self._spawn(self._arrived(detail), exclusive=True, group="detail")

        self._monitor.details.fetch_detail(
            task.id,
            done=done,
            failed=lambda error: self._failed(task, error),
            progress=progress,
            result=whole or task.status in FAILURES,
        )

    def _is(self, task: Task) -> bool:
        return self._task is not None and _same(self._task, task)

    async def _arrived(self, detail: TaskDetail) -> None:
        """Make the texts ready, which can take a while, and show them if the person is still there."""
        failed = detail.task.status in FAILURES
        received, cut, raw = detail.size, detail.truncated, detail.raw
        texts = [detail.result, detail.input]
        # From here on each text is held where it is read, and no longer: 64 MB need not be there twice.
        detail = replace(detail, raw=b"", input=None, result=None)
        given = await load_document(texts.pop(), "input", truncated=cut, received=received)
        part: DocumentPart = "error" if failed else "result"
        came = await load_document(texts.pop(), part, truncated=cut, received=received)
        if not self._is(detail.task):
            return
        self._detail = detail
        self._headline = SERVER_LOST if detail.lost else came.headline if failed else ""
        self.draw()
        left_out = detail.result_left_out
        self._texts = (
            {DetailTab.INPUT: given} if left_out else {DetailTab.INPUT: given, DetailTab.RESULT: came}
        )
        texts_read = TaskTexts(given, came, result_left_out=left_out)
        self._pane.show_texts(texts_read, running=not detail.task.status.is_finished, cut=cut)
        # Last, as it is seldom looked at: the result is shown while this is made ready.
        whole = await load_document(raw, "raw", truncated=cut, received=received)
        if left_out:
            whole.note = f"{RESULT_LEFT_OUT} {whole.note}".rstrip()
        if self._is(detail.task):
            self.waiting = False
            self._texts[DetailTab.RAW] = whole
            self._pane.show_raw(whole)
            self.read_what_is_shown()

    async def _result_arrived(self, task: Task, came: CutText) -> None:
        """Make a result that came alone ready, and show it."""
        size = len(came.content)
        result = await load_document(came.content, "result", truncated=came.cut, received=size)
        if self._is(task) and self._detail is not None:
            self.waiting = False
            cut = self._detail.truncated or came.cut
            self._detail = replace(
                self._detail, size=self._detail.size + size, result_left_out=False, truncated=cut
            )
            self._texts[DetailTab.RESULT] = result
            self._pane.show_result(result, running=not self._detail.task.status.is_finished)
            self.draw()

    def _failed(self, task: Task, error: BackendError, tabs: Iterable[DetailTab] = TEXT_TABS) -> None:
        """Say in these tabs why they have no text."""
        if not self._is(task):
            return
        self.waiting = False
        if isinstance(error, NoSuchTask):
            self._pane.show_failure(f"Task {task.id} is gone from the server.", tabs)
        elif isinstance(error, Unreadable) or (is_unreadable(task) and isinstance(error, ServerFault)):
            said = (error.server_message if isinstance(error, Unreadable) else "") or str(error)
            self._pane.show_failure(f"{unreadable_reason(said, task)} {unreadable_advice(task)}", tabs)
        else:
            what = "detail" if tabs is TEXT_TABS else "result"
            self._pane.show_failure(f"The {what} could not be read. {text.sanitize(str(error))}", tabs)


def _same(one: Task, other: Task) -> bool:
    """Whether two records are of one and the same task: an id can be given again after a reset."""
    return one.id == other.id and not is_different_task(one, other)
