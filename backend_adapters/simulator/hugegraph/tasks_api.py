"""TaskAPI: the server's answers about tasks, on classic paths and on those with graphspaces."""

from __future__ import annotations

from itertools import pairwise

from backend_adapters.simulator.hugegraph import wire
from backend_adapters.simulator.hugegraph.page_tokens import make_page_token, read_page_start
from backend_adapters.simulator.hugegraph.records import STATUS_ORDER, GraphTasks, SimulatedTask
from backend_adapters.simulator.hugegraph.task_kinds import make_submitted_kind
from backend_adapters.simulator.hugegraph.world import HugeGraphWorld

NO_LIMIT = -1
_NO_LIMITS = (NO_LIMIT, wire.JAVA_LONG_MAX)
CAPACITY = 800_000

_LIST = "org.apache.hugegraph.api.job.TaskAPI.list(TaskAPI.java:88)"
_DELETE = "org.apache.hugegraph.api.job.TaskAPI.delete(TaskAPI.java:151)"


class TasksApi:
    """The requests for the tasks of one graph."""

    def __init__(self, world: HugeGraphWorld, graph_tasks: GraphTasks) -> None:
        self.world = world
        self.graph_tasks = graph_tasks

    @staticmethod
    def parse_status(text: str) -> str:
        """Read a status in upper or lower case; raises JavaError for any other word."""
        word = text.lower()
        if word not in STATUS_ORDER:
            words = ", ".join(STATUS_ORDER).upper()
            raise wire.JavaError(
                400,
                "java.lang.IllegalArgumentException",
                f"Status value must be in [{words}], but got '{text}'",
                frames=("org.apache.hugegraph.api.job.TaskAPI.parseStatus(TaskAPI.java:193)",),
            )
        return word

    # Reading

    def list_tasks(
        self, status: str | None, ids: list[int | None], count: int, page: str | None
    ) -> dict[str, object]:
        """`GET /tasks`; the arguments are the parameters of the query."""
        wanted = self._check_ids(ids)
        if wanted:
            if status is not None:
                raise wire.illegal_argument(
                    f"Not support status when query task by ids, but got status='{status}'", _LIST
                )
            if page is not None:
                raise wire.illegal_argument(
                    f"Not support page when query task by ids, but got page='{page}'", _LIST
                )
            return {"tasks": self._task_maps(self._find_by_ids(wanted), fresh=True)}
        word = None if status is None else self.parse_status(status)
        if page is None:
            return {"tasks": self._task_maps(self._list_unpaged(word, count), fresh=False)}
        tasks, token = self._list_page(word, count, page)
        return {"tasks": self._task_maps(tasks, fresh=False), "page": token}

    def get_task(self, task_id: int, *, result: bool = True) -> dict[str, object]:
        """`GET /tasks/{id}`; `result=False` leaves the result out, if this version of the server can."""
        task = self._find_task(task_id)
        light = not result and self.world.settings.spares_results
        if not light:
            self.check_readable([task])
        return self._task_detail(task, result=not light)

    def check_readable(self, tasks: list[SimulatedTask]) -> None:
        """Raise the error of a server that can't read the result of one of these tasks."""
        settings = self.world.settings
        first = (self.graph_tasks.space, self.graph_tasks.graph) == settings.split_graphs()[0]
        if first and any(task.id in settings.unreadable for task in tasks):
            # In the words of 1.5.0 (apache/hugegraph#3057).
            cause = "java.lang.InterruptedException"
            words = f"Failed to update/query TaskStore: {cause}"
            raise wire.JavaError(500, "org.apache.hugegraph.HugeException", words, cause)

    def _task_maps(self, tasks: list[SimulatedTask], *, fresh: bool) -> list[dict[str, object]]:
        settings = self.world.settings
        if not (settings.spares_results or settings.stores_results_apart):
            self.check_readable(tasks)
        return [wire.task_map(task, self.world.now, detail=False, fresh=fresh) for task in tasks]

    def _task_detail(self, task: SimulatedTask, *, result: bool = True) -> dict[str, object]:
        return wire.task_map(task, self.world.now, detail=True, fresh=True, result=result)

    def _find_task(self, task_id: int) -> SimulatedTask:
        task = self.graph_tasks.find_task(task_id)
        if task is None:
            raise wire.task_not_found(task_id)
        return task

    def _check_ids(self, ids: list[int | None]) -> list[int]:
        known = [number for number in ids if number is not None]
        if len(known) < len(ids):
            raise wire.null_pointer(
                "The 'object' can't be null",
                "com.google.common.base.Preconditions.checkNotNull(Preconditions.java:994)",
            )
        return known

    def _find_by_ids(self, ids: list[int]) -> list[SimulatedTask]:
        """The tasks that exist: those in the scheduler's memory first, the rest in the order of `ids`."""
        found = [task for task in map(self.graph_tasks.find_task, ids) if task is not None]
        if self.world.is_distributed:
            return found
        return [task for task in found if task.in_memory] + [task for task in found if not task.in_memory]

    def _list_unpaged(self, status: str | None, limit: int) -> list[SimulatedTask]:
        self._check_limit(limit)
        return self.graph_tasks.select_tasks(status, 0, None if limit in _NO_LIMITS else limit)

    def _check_limit(self, limit: int) -> None:
        if limit < NO_LIMIT:
            raise self._store_error(f"java.lang.IllegalArgumentException: Invalid limit {limit}")
        if limit > CAPACITY and limit not in _NO_LIMITS:
            raise self._store_error(
                f"java.lang.IllegalArgumentException: Invalid limit {limit}, must be <= capacity({CAPACITY})"
            )

    def _list_page(self, status: str | None, limit: int, page: str) -> tuple[list[SimulatedTask], str | None]:
        """A page and the token of the next one, which is None at the end.

        With limits of 500 and more, real servers begin the next page with the last task of this one.
        """
        self._check_limit(limit)
        try:
            first = read_page_start(page, status)
        except ValueError as error:
            raise self._store_error(str(error)) from None
        if self.world.settings.backend == "memory":
            return self._memory_page(status, limit)
        if limit == 0:
            raise self._store_error("java.lang.IllegalStateException: Can't set limit=0 when using paging")
        if first is None:
            return [], None
        tasks = self.graph_tasks.select_tasks(status, first, None if limit in _NO_LIMITS else limit + 1)
        if limit in _NO_LIMITS or len(tasks) <= limit:
            return tasks, None
        count = self._page_length(status, tasks, limit)
        if not count:
            return tasks[:limit], None
        following = tasks[count - 1] if limit >= 500 else tasks[count]
        return tasks[:count], make_page_token(status, self.graph_tasks.position_of(status, following), limit)

    def _page_length(self, status: str | None, tasks: list[SimulatedTask], limit: int) -> int:
        """How many tasks a page has that isn't the last one; 0 if the server mistakes it for the last.

        A cluster lists partition by partition. A page that crosses into another partition is one task short,
        and with a limit of 1 the last task of a partition looks like the end of the list.
        """
        if status is not None:
            return limit
        places = [self.graph_tasks.position_of(status, task) for task in tasks]
        changes = sum(not self.graph_tasks.ids.share_partition(one, two) for one, two in pairwise(places))
        return 1 - changes if limit == 1 else max(limit - changes, 1)

    def _memory_page(self, status: str | None, limit: int) -> tuple[list[SimulatedTask], str | None]:
        """The memory backend has no paging, and has two error texts for that."""
        if limit == 0:
            return [], "AAAAAAA="
        if status is not None:
            raise self._store_error(
                "java.lang.IllegalStateException: The entries must be Metadatable when query in paging, "
                "but got 'java.util.LinkedHashMap$LinkedValueIterator'"
            )
        raise self._store_error(
            "java.lang.IllegalStateException: Invalid paging iterator: class java.util.HashMap$ValueIterator"
        )

    def _store_error(self, inner: str) -> wire.JavaError:
        """400: something went wrong on the thread of the task store."""
        space, graph = self.graph_tasks.space, self.graph_tasks.graph
        place = f" for graph({space}/{space}-{graph})" if self.world.is_distributed else ""
        cause = f"java.util.concurrent.ExecutionException: {inner}"
        return wire.JavaError(
            400,
            "org.apache.hugegraph.HugeException",
            f"Failed to update/query TaskStore{place}: {cause}",
            cause,
            ("org.apache.hugegraph.task.StandardTaskScheduler.call(StandardTaskScheduler.java:737)",),
        )

    # Acting

    def submit_script(self, script: str, bindings: object) -> dict[str, object]:
        """`POST /jobs/gremlin`."""
        task = self.world.submit_task(self.graph_tasks, make_submitted_kind(script, bindings))
        return {"task_id": task.id}

    @staticmethod
    def check_action(action: str | None) -> None:
        """Raise the error for any action but `cancel`."""
        if action != "cancel":
            text = "null" if action is None else action
            raise wire.JavaError(415, "jakarta.ws.rs.NotSupportedException", f"Not support action '{text}'")

    def cancel_task(self, task_id: int) -> dict[str, object]:
        """`PUT /tasks/{id}?action=cancel`: the task's map, to be sent with 202.

        The distributed scheduler answers 400 although it cancels the task.
        """
        task = self._find_task(task_id)
        if not task.is_finished and task.status != "cancelling":
            self.world.cancel_task(task)
            if not self.world.is_distributed:
                return self._task_detail(task)
        raise wire.bad_request(f"Can't cancel task '{task_id}' which is completed or cancelling")

    def delete_task(self, task_id: int, *, force: bool) -> None:
        """`DELETE /tasks/{id}`; `force` as the query has it."""
        force = force and self.world.settings.has_force
        if self.world.is_distributed:
            self._delete_distributed(task_id, force=force)
            return
        task = self._find_task(task_id)
        if not task.is_finished and not force:
            raise wire.illegal_argument(
                f"Can't delete incomplete task '{task_id}' in status {task.status.upper()}, "
                "Please try to cancel the task first",
                _DELETE,
            )
        self.world.delete_record(task)

    def _delete_distributed(self, task_id: int, *, force: bool) -> None:
        """With force, delete at once; without it, answer 400 although the next round deletes the task."""
        task = self.graph_tasks.find_task(task_id)
        if force and task is not None:
            self.world.delete_record(task)
            return
        if task is not None:
            self.graph_tasks.set_status(task, "deleting")  # the scheduler's next round removes it
        elif not force:
            if self.world.settings.auth:  # the check of permissions reads the task first
                raise wire.task_not_found(task_id)
            raise wire.null_pointer(
                'Cannot invoke "org.apache.hugegraph.task.HugeTask.scheduler'
                '(org.apache.hugegraph.task.TaskScheduler)" because "task" is null',
                "org.apache.hugegraph.task.DistributedTaskScheduler.initTaskParams(DistributedTaskScheduler.java:277)",
            )
        raise wire.illegal_argument(f"There is no task with id '{task_id}'", _DELETE)
