"""A command's session with a server: the engine without a screen, its end, and its exit code."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import aclosing
from itertools import count
from types import FrameType
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from backend_adapters.backend import Backend, Batch, KnownTasks, LookResult
from backend_adapters.errors import BackendError, NoSuchTask, NotLoggedIn, Unreadable
from backend_adapters.model import Action, Place, ServerInfo, Source, Task, TaskId
from backend_adapters.registry import open_backend
from backend_adapters.sentences import end_sentence, join_sentences
from tui.cli.error_handler import HANDLED_ERRORS, end_with_error
from tui.cli.errors import UsageError
from tui.cli.output.standard_error import clear_progress, report_error, show_progress
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import connect_by_flags, connect_to_graph
from tui.connection.resolve import ResolvedConnection
from tui.gc_tuning import resume_collection
from tui.monitor.clock import Clock
from tui.monitor.id_order import natural_key
from tui.monitor.journal.writer import open_journal
from tui.monitor.operations import Operations
from tui.monitor.outcomes import Report
from tui.monitor.place_file import open_place_file
from tui.monitor.place_labels import name_place
from tui.monitor.placed_backend import PlacedBackend
from tui.monitor.server_time import ServerTime
from tui.monitor.store import Store

if TYPE_CHECKING:
    from tui.cli.work.session_set import SetWork
    from tui.monitor.double_lists import TaskTest

STOPPING_TEXT = (
    "Stopping: nothing more is sent, and what was sent is followed to its end."
    " Press Ctrl+C again to leave now."
)
LOGIN_OF_SEVERAL = "Flags and variables log in to none of several profiles."
LOGIN_OF_ID = "Variables log in to the place of an id only where -p names its profile, too."
SECRETS_OF_SEVERAL = "Write password_command, password_file or token_command into the profile."
KEYS_OF_SEVERAL = "Put the keys in ~/.huaweicloud/credentials, or write token_command into the profile."
STARTING_TEXT = "The job was sent: waiting for its id. Press Ctrl+C again to leave now."

SessionWork = Callable[["Session"], Coroutine[Any, Any, int]]
"""What a command does with its session; returns the exit code."""


class Session:
    """A backend with the engine's store and operations; `run_session` makes it within its event loop."""

    def __init__(
        self,
        connection: ResolvedConnection,
        backend: Backend,
        clock: Clock | None = None,
        place: Place | None = None,
        wanted: str = "",
    ) -> None:
        """With `place`, which the tasks then name, ids are printed in the whole form.

        `wanted` is the whole name that the place must turn out to have; empty where any is right.
        """
        self.target, self.settings = connection.target, connection.settings
        self._place, self._wanted = place, wanted
        self.find_double_test: Callable[[], TaskTest | None] = lambda: None
        """Which tasks are not read, as another place of the command tells of them; None for no such place."""
        self.backend = backend if place is None else PlacedBackend(backend, place, self._find_double_test)
        backend = self.backend
        self.clock = clock or Clock()
        self.server_time = ServerTime(backend, self.clock)
        self.store = Store(self.server_time.now)
        self.info: ServerInfo | None = None
        self.login_rule = ""
        """Why flags and variables don't log in here, as a sentence; empty where they do."""
        self.interrupted = False
        """SIGINT came while actions were under way, of which nothing more was sent, or a job was started."""
        self.partial = ""
        """Why `read_all` did not bring all tasks, as a sentence; empty where it did."""
        self.is_acting = self.is_starting = False
        self._on_report: Callable[[Report], None] = lambda report: None
        self.operations = Operations(
            backend,
            self.store,
            self.refresh_tasks,
            clock=self.clock,
            on_report=self._pass_report,
            on_overlay=lambda: None,
            journal=open_journal(
                backend,
                self.clock,
                demo=self.target.demo is not None,
                wanted=self.settings.journal.value,
                tell=report_error,
            ),
        )

    def _find_double_test(self) -> TaskTest | None:
        return self.find_double_test()

    def _pass_report(self, report: Report) -> None:
        self._on_report(report)

    @property
    def place(self) -> Place:
        """Where the tasks are; known whole only after `connect`."""
        return self._place or describe_place(self.backend.source)

    @property
    def is_placed(self) -> bool:
        """Whether it is one of several places, which are printed."""
        return self._place is not None

    def describe_in_place(self, sentence: str) -> str:
        """Return a sentence with the place that it is about, where there are several; empty for none."""
        return f"{self.where}: {sentence}" if sentence and self.is_placed else sentence

    def name_id(self, task_id: TaskId) -> str:
        """The id as it is printed: with its place where that is one of several."""
        return task_id if self._place is None else self._place.qualify_id(task_id)

    @property
    def where(self) -> str:
        """The profile and the graph, for messages: `prod · DEFAULT/hugegraph`."""
        return name_place(self.backend.source)

    def find_hint(self, error: BackendError) -> str:
        """Return what to do about an error: flags and variables log in to none of several profiles."""
        if not self.login_rule or not isinstance(error, NotLoggedIn):
            return error.hint
        return f"{self.login_rule} {KEYS_OF_SEVERAL if error.wants == 'keys' else SECRETS_OF_SEVERAL}"

    def describe_error(self, error: BackendError) -> str:
        """Return the message of an error and its hint, with the server it is about."""
        words = join_sentences(str(error), self.find_hint(error))
        return words if words.startswith(self.backend.source.profile) else f"{self.where}: {words}"

    def describe_task_error(self, task_id: TaskId, error: BackendError) -> str:
        """Return the message of an error about one task, which it names."""
        if isinstance(error, NoSuchTask):
            return self.describe_missing_task(task_id, error.hint)
        if not isinstance(error, Unreadable):
            return self.describe_error(error)
        return f"{self.where}: {describe_unreadable_task(task_id, error.server_message or str(error))}"

    def describe_missing_task(self, task_id: TaskId, why: str = "") -> str:
        """Return sentences that the server has no such task, and `why`, as far as that is known."""
        source = self.backend.source
        noun = self.info.capabilities.noun.removesuffix("s") if self.info is not None else "task"
        why = why or "It may have been deleted."
        if source.qualified_graph:
            return f"No {noun} {task_id} in {source.qualified_graph} on {source.profile}. {why}"
        return f"No {noun} {task_id} on {source.profile}. {why}"

    def list_unreadable(self) -> list[Task]:
        """Return the tasks in the store that the server can't read, in the order of their ids."""
        return sort_by_id(self.store.tasks[task_id] for task_id in self.store.unreadable)

    async def connect(self, *, then_read_all: bool = False) -> ServerInfo:
        """Connect, and find out what the server is. Raises BackendError.

        With `then_read_all` the first tasks may be asked for at the same time. Raises UsageError where the
        place is not the one that was wanted.
        """
        self.info = await self.backend.connect(then_snapshot=then_read_all)
        if self._wanted and self.place.name != self._wanted:
            raise UsageError(
                f"There is no place {self._wanted}: {self.place.profile} leads to {self.place.name}."
                f" Write its ids as {self.place.qualify_id('ID')}. Nothing was sent."
            )
        return self.info

    async def refresh_tasks(self, ids: Collection[TaskId]) -> LookResult:
        """Read these tasks now, and put them into the store. Raises BackendError."""
        asked = self.store.take_ticket()
        looked = await self.backend.look(ids)
        self.store.apply_answer(looked.tasks, looked.missing, asked=asked)
        return looked

    async def read_all(self, enough: Callable[[Batch], bool] = lambda _: False) -> bool:
        """Read all tasks into the store, or only a first batch that is `enough`; returns whether it read on.

        The first batch mostly holds the unfinished, with what came meanwhile, and the newest: it tells
        `enough` whether it does. The others come in any order, often from the oldest. Where the end did not
        bring all, `partial` says why. Raises BackendError.
        """
        began, first, note = self.store.take_ticket(), True, ""
        try:
            async with aclosing(self.backend.snapshot()) as batches:
                async for batch in batches:
                    self.store.apply_scan(batch.tasks, began=began)
                    note = batch.note or note
                    self.partial = batch.partial or self.partial
                    if first:
                        first = False
                        await self._read_newer()
                        if enough(batch):
                            self.partial = ""
                            return False
                    show_progress(f"{len(self.store):,} tasks read")
        finally:
            clear_progress()
            report_error(self.describe_in_place(note))
        return True

    async def _read_newer(self) -> None:
        """Read what is newer than the newest known task."""
        asked = self.store.take_ticket()
        changes = await self.backend.changes(KnownTasks(frozenset(self.store.unfinished), self.store.newest))
        self.store.apply_answer(changes.tasks, changes.missing, asked=asked)

    async def carry_out(
        self, action: Action, tasks: Sequence[Task], shown: Callable[[Report], None]
    ) -> list[Report]:
        """Carry out an action as the screen does; `shown` is called with each report as it comes.

        The first SIGINT lets nothing more be sent and follows what was sent, the second one leaves at once.
        """
        self.is_acting, self._on_report = True, shown
        try:
            return await self.operations.run_action(action, tasks)
        finally:
            self.is_acting = False

    async def start_job(
        self, action: str, type: str, name: str, send: Callable[[], Awaitable[TaskId]]
    ) -> TaskId:
        """Start a job as the screen does; the first SIGINT waits for its id, the second leaves at once."""
        self.is_starting = True
        try:
            return await self.operations.submit_job(action, type, name, send)
        finally:
            self.is_starting = False

    def stop_sending(self, *, tell: bool = True) -> bool:
        """Stop sending, once; returns False if there is nothing to stop, so that the work is to be ended.

        Unless `tell`, a person has been told already.
        """
        if self.interrupted or not (self.is_acting or self.is_starting):
            return False
        self.interrupted = True
        self.operations.stop_sending()
        if tell:
            report_error(STOPPING_TEXT if self.is_acting else STARTING_TEXT)
        return True


def describe_place(source: Source) -> Place:
    """Return the only place of a command."""
    return Place(
        number=0,
        profile=source.profile,
        dialect=source.dialect,
        graph=source.graph,
        graphspace=source.graphspace,
    )


def sort_by_id(tasks: Iterable[Task]) -> list[Task]:
    """Return the tasks in the natural order of their ids."""
    return sorted(tasks, key=lambda task: natural_key(task.id))


def describe_unreadable_task(task_id: TaskId, words: str) -> str:
    """Return a sentence that the server can't read one task, in the server's words."""
    return end_sentence(f"The server can't read task {task_id}: {words}")


def run_with_session(settings: SettingFlags, work: SessionWork) -> int:
    """Do a command's work on the server that its flags name; returns the exit code.

    Raises ConfigError, and UsageError where the profile names several graphs.
    """
    return run_session(connect_to_graph(settings), work)


def run_on_places(flags: SettingFlags, one: SessionWork, several: SetWork) -> int:
    """Do a command's work in one place, or in several where flags or a profile name several.

    It begins with a list, so what is remembered of each place is read first. Returns the exit code. Raises
    UsageError and ConfigError.
    """
    if flags.names_several:
        # Imported here, as below: one place needs nothing of it.
        from tui.cli.work.session_set import run_with_places

        return run_with_places(flags, several, of_tasks=True)
    connection = connect_by_flags(flags)
    if connection.settings.graphs.value:
        from tui.cli.work.session_set import run_with_graphs

        return run_with_graphs(connection, several)
    return run_session(recall_place(connection), one)


def recall_place(connection: ResolvedConnection) -> ResolvedConnection:
    """The connection with what is remembered of its place.

    It is read only: a command that ends at once knows less than a screen that is watched.
    """
    places = open_place_file(connection.target, wanted=connection.settings.cache.value)
    if places is None:
        return connection
    return replace(connection, target=replace(connection.target, remembered=places.recall()))


def run_session(connection: ResolvedConnection, work: SessionWork) -> int:
    """Do a command's work on its server; returns the exit code, 130 and 143 after SIGINT and SIGTERM.

    Raises BackendError for a server that can't be opened.
    """
    # It is off during a start, but what watches for days needs it.
    resume_collection()
    return asyncio.run(_work_on(connection, work))


async def _work_on(connection: ResolvedConnection, work: SessionWork) -> int:
    backend = open_backend(connection.target)
    session = Session(connection, backend)
    try:
        return await end_by_signals(work(session), session.stop_sending)
    except HANDLED_ERRORS as error:
        # Said here, as the end of the loop may wait for a name server that does not answer.
        return end_with_error(error, session.describe_error)
    finally:
        clear_progress()
        await backend.aclose()


async def end_by_signals(work: Coroutine[Any, Any, int], stop_sending: Callable[[], bool]) -> int:
    """Return the work's exit code, or 128 plus the number of the signal that ended it.

    SIGINT doesn't end it where `stop_sending` says that there is something to be followed to its end.
    """
    doing = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    came: list[int] = []
    hits = count(1)

    def end(number: int) -> None:
        if number == signal.SIGINT and stop_sending():
            return
        came.append(number)
        doing.cancel()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if next(hits) > 2:
            # The loop does not get to it: a write that nobody reads holds it.
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(end, number)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return await doing
    except asyncio.CancelledError:
        if not came:
            raise
        clear_progress()
        report_error("Interrupted." if came[0] == signal.SIGINT else "Ended by SIGTERM.")
        return 128 + came[0]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
