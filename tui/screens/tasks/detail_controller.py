"""Fills the detail pane: at once with what the list knows of a task, then with its texts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from msgspec.structs import replace
from textual.content import Content

from backend_adapters.errors import BackendError, NoSuchTask, ServerFault, Unreadable
from backend_adapters.model import FAILURES, Action, Millis, Task, TaskDetail, is_different_task
from backend_adapters.sentences import end_sentence
from tui import text
from tui.free_memory import LARGE_BLOCK_BYTES, keep_large_blocks_apart
from tui.monitor.details import CutText
from tui.monitor.document.lines import Document
from tui.monitor.document.loading import DocumentPart, load_document
from tui.monitor.kind_record import KindRecord
from tui.monitor.last_rows import is_other_task
from tui.monitor.monitor import Monitor
from tui.monitor.stuck import SERVER_LOST, is_stuck
from tui.monitor.unreadable import is_unreadable
from tui.monitor.watched_place import WatchedPlace
from tui.screens.tasks.group_summary import describe_group_choice, summarize_group
from tui.screens.tasks.header_state import get_shown_time
from tui.screens.tasks.problem_controller import ProblemController
from tui.screens.tasks.row_overlays import describe_pending_action
from tui.screens.tasks.timeline_controller import TimelineController
from tui.task_group import TaskGroup
from tui.widgets.detail_pane import DetailPane
from tui.widgets.detail_tab import TEXT_TABS, DetailTab
from tui.widgets.overview_text import (
    SCRIPT_MAX_LINES,
    OverviewState,
    unreadable_advice,
    unreadable_reason,
)

RESULT_LEFT_OUT = "The result is not included. Press o to open it."

REQUEST_HEADS = ("// bindings", "// language", "// aliases")
"""The heads of what stands below the script in its document."""

NOT_CONFIRMED_YET = "The server has not confirmed it yet."

NOT_READ_YET = "The server has not told of this task yet. This is read once it has."

NONE_LISTED = "No task is selected: the list is empty. Press esc to close this."

CURSOR_REST_SECONDS = 0.15
"""Seconds that the cursor must rest on a task before its texts are fetched."""


class DetailController:
    """Shows one task in the pane, and fetches its texts again only when its status has changed."""

    def __init__(
        self,
        pane: DetailPane,
        monitor: Monitor,
        spawn: Callable[..., object],
        problems: ProblemController,
        *,
        utc: bool,
        ascii: bool,
    ) -> None:
        self.utc = utc
        """Whether times are in UTC; they are local otherwise."""
        self._pane = pane
        self._monitor = monitor
        self._run_worker = spawn
        self._problems = problems
        self._ascii = ascii
        self._timeline = TimelineController(pane, spawn, self.draw_timeline, ascii=ascii)
        self._task: Task | None = None
        self._group: TaskGroup | None = None
        """The group that is told of in place of a task."""
        self._detail: TaskDetail | None = None
        self._headline = ""
        self._script: tuple[str, ...] = ()
        self._kind: KindRecord | None = None
        self._is_gone = False
        self._is_old = False
        """The task is only known from an earlier session: nothing is asked of the server about it."""
        self._documents: dict[DetailTab, Document] = {}
        self._rest_timer: asyncio.TimerHandle | None = None
        self.is_waiting = False
        """Whether texts have been requested that have not arrived."""
        self._awaits_script = False
        """Whether the first texts of a task are awaited, its script among them."""

    @property
    def task(self) -> Task | None:
        """The task that is shown, as the store has it; None once it is gone from the server."""
        if self._task is None:
            return None
        known = self._monitor.session_rows.find_task(self._task.key)
        if known is None:
            return None
        is_other = is_other_task if self._is_old else is_different_task
        return None if is_other(self._task, known) else known

    def show_task(self, task: Task | None, group: TaskGroup | None = None) -> None:
        """Show a task as the list has it, and fetch its texts unless they are here and up to date.

        Without a task, show what is to be told of a `group`, if there is one.
        """
        self._group = group
        same = task is not None and self._task is not None and _is_same_task(task, self._task)
        stale = not same or (
            task is not None and self._task is not None and task.raw_status != self._task.raw_status
        )
        if task is not None and is_unreadable(task) and same and self._detail is not None:
            # Texts that were read before it became unreadable stay.
            stale = False
        was_old, self._is_old = self._is_old, task is not None and self._is_unconfirmed(task)
        stale = (stale or was_old) and not self._is_old
        self._task, self._is_gone = task, False
        if self._is_old:
            self._kind = None
        elif stale:
            self._kind = self._find_kind(task)
        if not same:
            self._detail, self._headline, self._script, self._documents = None, "", (), {}
            self._awaits_script = task is not None and not task.stops_server
        self.draw_overview()
        if task is None:
            self.cancel_request()
            if group is not None:
                self._pane.show_failure(describe_group_choice(group))
        elif self._is_old:
            self.cancel_request()
            self._pane.show_failure(NOT_READ_YET)
        elif stale and task.stops_server:
            self.cancel_request()
            self._pane.show_failure(
                f"{unreadable_reason(task.decode_error or '', task)} {unreadable_advice(task)}"
            )
        elif stale:
            if not same or was_old:
                self._pane.show_loading(0)
            self._request_texts(task)

    def follow_task(self, group: TaskGroup | None = None, at_cursor: Task | None = None) -> None:
        """Show the task as it is now; once it is gone from the server, its last state stays.

        Where a group is shown in place of a task, this is the group as it is now. A row of an earlier session
        that the server does not have gives way to the task `at_cursor`.
        """
        if self._task is None:
            if self._group is not None and group != self._group:
                self._group = group
                self.draw_overview()
            return
        now = self.task
        if now is not None:
            self.show_task(now)
        elif self._is_old:
            # It may not even have been of this server.
            self.show_task(at_cursor)
        elif not self._is_gone:
            self._is_gone = True
            self.draw_overview()

    def retry_texts(self) -> None:
        """Fetch the texts again where they are missing."""
        if self._is_old:
            return
        if self._task is not None and self._detail is None and not self.is_waiting:
            self._pane.show_loading(0)
            self._request_texts(self._task)
        else:
            self.fetch_open_tab()

    def fetch_open_tab(self) -> None:
        """Draw the timeline, or fetch a result that was left out, once its tab is open."""
        self.draw_timeline()
        task = self._task
        if (
            task is None
            or self.is_waiting
            or self._pane.tab is not DetailTab.RESULT
            or not self._is_result_unread
        ):
            return

        def progress(received: int) -> None:
            _prepare_for(received)
            if self._is_current(task):
                self._pane.show_loading(received, (DetailTab.RESULT,))

        def done(came: CutText) -> None:
            self._run_worker(self._show_result(task, came), exclusive=True, group="detail")

        self.cancel_request()
        self.is_waiting = True
        progress(0)
        watched = self._monitor.find_place(task)
        if watched is None:
            return
        watched.details.fetch_result(
            task.id,
            done=done,
            failed=lambda error: self._show_failure(task, error, (DetailTab.RESULT,)),
            progress=progress,
        )

    @property
    def _is_result_unread(self) -> bool:
        """Whether the task may have a result that was not fetched."""
        return self._detail is not None and self._detail.result_left_out

    def draw_overview(self) -> None:
        """Draw the overview again: ages grow and actions go on."""
        task = self._task
        if task is None:
            self._draw_nothing()
            return
        now, watched = get_shown_time(self._monitor), self._monitor.find_place(task)
        if watched is None:
            return
        as_of, why_old = self._find_moment(watched)
        info, is_certain = watched.health.info, not self._is_gone and not as_of
        silence = watched.find_silence(task) if is_certain else None
        estimate = self._kind.estimate(task, now) if self._kind is not None and is_certain else None
        rate = watched.seen_changes.measure_rate(task) if is_certain else None
        shown = OverviewState(
            task=task,
            now=now,
            detail=self._detail,
            error=self._headline or task.reason or "",
            action=describe_pending_action(self._monitor, task.key, now),
            has_texts=info is None or info.capabilities.has_texts,
            problem=self._problems.describe_of_task(task, now, utc=self.utc) if is_certain else None,
            stuck=is_certain and is_stuck(watched.store, task, now),
            can_force_delete=bool(watched.ability_for(Action.FORCE_DELETE)),
            silent=silence.length if silence is not None else None,
            doubt=silence.doubt if silence is not None else "",
            rate="" if rate is None else rate.describe(task),
            estimate="" if estimate is None else estimate.describe(ascii=self._ascii),
            kind=self._describe_kind(task, with_usual=estimate is None),
            script=self._script[:SCRIPT_MAX_LINES],
            script_goes_on=len(self._script) > SCRIPT_MAX_LINES,
            awaits_script=self._awaits_script,
            end_unknown=task.id in watched.store.unwritten_ends,
            as_of=as_of,
            why_old=why_old,
            is_gone=self._is_gone,
            utc=self.utc,
            ascii=self._ascii,
        )
        self._pane.show_overview(shown)
        self.draw_timeline()

    def _describe_kind(self, task: Task, *, with_usual: bool) -> str:
        if self._kind is None:
            return ""
        return self._kind.describe(task, ascii=self._ascii, with_usual=with_usual)

    def draw_timeline(self) -> None:
        """Draw the timeline again where its tab is open."""
        task = self._task
        watched = None if task is None else self._monitor.find_place(task)
        if task is None or watched is None or self._pane.tab is not DetailTab.TIMELINE:
            return
        if self._is_old:
            self._pane.show_timeline(None, Content.styled(NOT_READ_YET, "$text-muted"))
            return
        self._timeline.draw_task(
            task,
            watched,
            now=get_shown_time(self._monitor),
            kind=self._kind,
            goes_on=not self._is_gone and not self._find_moment(watched)[0],
            utc=self.utc,
        )

    def _is_unconfirmed(self, task: Task) -> bool:
        return self._monitor.session_rows.is_unconfirmed(task.key)

    def _find_seen(self) -> Millis | None:
        return None if self._task is None else self._monitor.session_rows.find_seen(self._task)

    def _find_moment(self, watched: WatchedPlace) -> tuple[str, str]:
        """When the task was seen, and why it is not known how it is now; empty where it is."""
        last, health, now = self._monitor.session_rows.last, watched.health, self._monitor.clock.now()
        if self._is_old:
            seen = self._find_seen() if last is None else last.as_of
            return "" if seen is None else text.format_minute(seen, now, utc=self.utc), NOT_CONFIRMED_YET
        if health.error is None or health.last_ok is None or not self._monitor.is_joint:
            return "", ""
        why = text.sanitize_label(end_sentence(str(health.error)))
        return text.format_minute(health.last_ok, now, utc=self.utc), why

    def _draw_nothing(self) -> None:
        """Show the group under the cursor, or say why no task is shown."""
        if self._group is not None:
            now = get_shown_time(self._monitor)
            summary = summarize_group(self._group, now, utc=self.utc, ascii=self._ascii)
            self._pane.show_overview(None, summary)
            self._pane.show_timeline(None, summary)
            return
        arrows = "up or down" if self._ascii else "↑ or ↓"
        choose = f"No task is selected. Move to one with {arrows}."
        self._pane.show_nothing(choose if len(self._monitor.session_rows.view) else NONE_LISTED)

    def get_document(self, tab: DetailTab) -> Document | None:
        """The document of a tab, its secrets masked; None where there is none (yet)."""
        document = self._documents.get(tab)
        return document if document is not None and len(document) else None

    @property
    def input(self) -> str | None:
        """The input of the task as its server sent it; None where it has not been read, or was too long."""
        return None if self._detail is None else self._detail.input

    def is_cut(self, tab: DetailTab) -> bool:
        """Whether the text of a tab is cut or missing, because it is too long or was not fetched."""
        document = self._documents.get(tab)
        if document is not None:
            return document.truncated
        missing = self._detail is not None and self._detail.truncated
        return missing or (tab is DetailTab.RESULT and self._is_result_unread)

    def clear_texts(self) -> None:
        """Show nothing and free the texts, which can be tens of megabytes."""
        self.cancel_request()
        self._timeline.forget_task()
        self._task = self._detail = None
        self._documents = {}
        self._pane.show_loading(0)

    def cancel_request(self) -> None:
        """Cancel the request under way, or the one about to begin."""
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None
        self.is_waiting = False
        self._monitor.drop_fetches()

    def _request_texts(self, task: Task) -> None:
        self.cancel_request()
        self.is_waiting = True
        loop = asyncio.get_running_loop()
        self._rest_timer = loop.call_later(CURSOR_REST_SECONDS, self._fetch_texts, task)

    def _find_kind(self, task: Task | None) -> KindRecord | None:
        watched = None if task is None else self._monitor.find_place(task)
        return None if task is None or watched is None else watched.kind_records.find_at_once(task)

    async def _count_kind(self, task: Task) -> None:
        """Find out how others of the same kind have ended, where there are many tasks to go through."""
        watched = self._monitor.find_place(task)
        record = None if watched is None else await watched.kind_records.count(task)
        if self._is_current(task):
            self._kind = record
            self.draw_overview()

    def _fetch_texts(self, task: Task, *, whole: bool = False) -> None:
        """Fetch the texts; without the result where that is possible, except of a failed task."""
        watched = self._monitor.find_place(task)
        if watched is None:
            return
        if self._kind is None or not watched.kind_records.is_current(task) or self._kind.lacks(task):
            self._run_worker(self._count_kind(task), exclusive=True, group="kind")

        def progress(received: int) -> None:
            _prepare_for(received)
            if self._detail is None and self._is_current(task):
                self._pane.show_loading(received)

        def done(detail: TaskDetail) -> None:
            if detail.result_left_out and detail.task.status in FAILURES:
                # The task has failed since the list was read.
                self._fetch_texts(task, whole=True)
                return
            watched.headlines.learn_from(detail)
            self._problems.note_detail(watched, detail)
            if is_unreadable(task):
                watched.look_again(task.id)
            self._run_worker(self._show_texts(detail), exclusive=True, group="detail")

        watched.details.fetch_detail(
            task.id,
            done=done,
            failed=lambda error: self._show_failure(task, error),
            progress=progress,
            result=whole or task.status in FAILURES,
        )

    def _is_current(self, task: Task) -> bool:
        return self._task is not None and _is_same_task(self._task, task)

    async def _show_texts(self, detail: TaskDetail) -> None:
        """Index the texts, which can take a while, and show them if their task is still shown."""
        failed = detail.task.status in FAILURES
        received, cut, raw = detail.size, detail.truncated, detail.raw
        texts: list[str | bytes | None] = [detail.result, detail.input]
        # From here on each text is referenced once, so that 64 MB are not kept twice.
        detail = replace(detail, raw=b"", input=None, result=None)
        given = await load_document(texts.pop(), "input", truncated=cut, received=received)
        part: DocumentPart = "error" if failed else "result"
        came = await load_document(texts.pop(), part, truncated=cut, received=received)
        if not self._is_current(detail.task):
            return
        self._detail, self._awaits_script = detail, False
        self._script = _read_script(given)
        self._headline = SERVER_LOST if detail.lost else came.headline if failed else ""
        self.draw_overview()
        left_out = detail.result_left_out
        self._documents = (
            {DetailTab.INPUT: given} if left_out else {DetailTab.INPUT: given, DetailTab.RESULT: came}
        )
        running = not detail.task.status.is_finished
        self._pane.show_texts(given, came, running=running, result_left_out=left_out, cut=cut)
        # The raw text comes last, as it is seldom looked at: the result is on the screen meanwhile.
        whole = await load_document(raw, "raw", truncated=cut, received=received)
        if left_out:
            whole.note = f"{RESULT_LEFT_OUT} {whole.note}".rstrip()
        if self._is_current(detail.task):
            self.is_waiting = False
            self._documents[DetailTab.RAW] = whole
            self._pane.show_raw(whole)
            self.fetch_open_tab()

    async def _show_result(self, task: Task, came: CutText) -> None:
        """Index a result that was fetched alone, and show it."""
        size = len(came.content)
        result = await load_document(came.content, "result", truncated=came.cut, received=size)
        if self._is_current(task) and self._detail is not None:
            self.is_waiting = False
            cut = self._detail.truncated or came.cut
            self._detail = replace(
                self._detail, size=self._detail.size + size, result_left_out=False, truncated=cut
            )
            self._documents[DetailTab.RESULT] = result
            self._pane.show_result(result, running=not self._detail.task.status.is_finished)
            self.draw_overview()

    def _show_failure(self, task: Task, error: BackendError, tabs: Iterable[DetailTab] = TEXT_TABS) -> None:
        """Show in these tabs why they have no text."""
        if not self._is_current(task):
            return
        self.is_waiting = False
        if isinstance(error, NoSuchTask):
            self._pane.show_failure(f"Task {task.id} is no longer on the server.", tabs)
        elif isinstance(error, Unreadable) or (is_unreadable(task) and isinstance(error, ServerFault)):
            said = (error.server_message if isinstance(error, Unreadable) else "") or str(error)
            self._pane.show_failure(f"{unreadable_reason(said, task)} {unreadable_advice(task)}", tabs)
        else:
            what = "Couldn't read the task" if tabs is TEXT_TABS else "Couldn't read the result"
            self._pane.show_failure(f"{what}. {text.sanitize(str(error))}", tabs)
        self._awaits_script = False
        self.draw_overview()


def _prepare_for(received: int) -> None:
    """Get ready for a text that turns out to be long."""
    if received >= LARGE_BLOCK_BYTES:
        keep_large_blocks_apart()


def _read_script(document: Document) -> tuple[str, ...]:
    """The first lines of an input that is a script, and one more than are shown where it goes on."""
    if document.kind != "gremlin":
        return ()
    lines = [document.line(number) for number in range(min(len(document), SCRIPT_MAX_LINES + 2))]
    # Below the script the document has what else the request sets.
    ends = [at for at, line in enumerate(lines[1:]) if not lines[at] and line in REQUEST_HEADS]
    return tuple(lines[: min([*ends, SCRIPT_MAX_LINES + 1])])


def _is_same_task(one: Task, other: Task) -> bool:
    """Whether two records belong to the same task: after a reset the server gives ids again."""
    return one.key == other.key and not is_different_task(one, other)
