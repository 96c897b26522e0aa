"""TaskAPI: what the server answers about tasks, whatever the path was."""

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
    """The tasks of one graph, as a client may ask for them and act on them."""

    def __init__(self, world: HugeGraphWorld, graph_tasks: GraphTasks) -> None:
        self.world = world
        self.graph_tasks = graph_tasks

    @staticmethod
    def parse_status(text: str) -> str:
        """The status that a query names, in either case; raises the error for another word."""
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
        """`GET /tasks`; the arguments are the query's."""
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
        """`GET /tasks/{id}`; without its result if the query says so, on a server that can leave it out."""
        task = self._find_task(task_id)
        light = not result and self.world.settings.spares_results
        if not light:
            self.check_readable([task])
        return self._task_detail(task, result=not light)

    def check_readable(self, tasks: list[SimulatedTask]) -> None:
        """Raise what a server answers with that fails over the result of one of these."""
        settings = self.world.settings
        first = (self.graph_tasks.space, self.graph_tasks.graph) == settings.split_graphs()[0]
        if first and any(task.id in settings.unreadable for task in tasks):
            raise wire.interrupted_read()

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
        """Those that exist: what the scheduler holds in memory first, the rest in the order asked for."""
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

        With limits of 500 and more the next page begins with the task that this one ended with: so measured.
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
        """How many tasks a page holds that is not the last; 0 for one that is taken for the last by mistake.

        A cluster lists partition by partition: where a page goes on into another one, it is a task short,
        and the one after which a partition ends is the last of pages of one task (section 18 #3).
        """
        if status is not None:
            return limit
        places = [self.graph_tasks.position_of(status, task) for task in tasks]
        changes = sum(not self.graph_tasks.ids.share_partition(one, two) for one, two in pairwise(places))
        return 1 - changes if limit == 1 else max(limit - changes, 1)

    def _memory_page(self, status: str | None, limit: int) -> tuple[list[SimulatedTask], str | None]:
        """The memory backend has no paging, and says so in two ways."""
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
        space, graph = self.graph_tasks.space, self.graph_tasks.graph
        return wire.store_error(
            f" for graph({space}/{space}-{graph})" if self.world.is_distributed else "", inner
        )

    # Acting

    def submit_script(self, script: str, bindings: object) -> dict[str, object]:
        """`POST /jobs/gremlin`."""
        task = self.world.submit_task(self.graph_tasks, make_submitted_kind(script, bindings))
        return {"task_id": task.id}

    @staticmethod
    def check_action(action: str | None) -> None:
        """Raise what is answered to an action other than the one that there is."""
        if action != "cancel":
            text = "null" if action is None else action
            raise wire.JavaError(415, "jakarta.ws.rs.NotSupportedException", f"Not support action '{text}'")

    def cancel_task(self, task_id: int) -> dict[str, object]:
        """`PUT /tasks/{id}?action=cancel`: the task's map, to be sent with 202.

        The distributed scheduler answers 400 though it has accepted.
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
        """Force deletes at once; otherwise 400 though accepted, and the next cron deletes."""
        task = self.graph_tasks.find_task(task_id)
        if force and task is not None:
            self.world.delete_record(task)
            return
        if task is not None:
            self.world.mark_deleting(task)
        elif not force:
            if self.world.settings.auth:  # the proxy that checks permissions looks first
                raise wire.task_not_found(task_id)
            raise wire.null_pointer(
                'Cannot invoke "org.apache.hugegraph.task.HugeTask.scheduler'
                '(org.apache.hugegraph.task.TaskScheduler)" because "task" is null',
                "org.apache.hugegraph.task.DistributedTaskScheduler.initTaskParams(DistributedTaskScheduler.java:277)",
            )
        raise wire.illegal_argument(f"There is no task with id '{task_id}'", _DELETE)
