"""ComputerDisAPI: what Baidu's fork answers about computer jobs, in both of its forms.

The texts and the order of the checks are those of the fork's source; none of it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.simulator.hugegraph import computer_jobs as olap
from backend_adapters.simulator.hugegraph import wire
from backend_adapters.simulator.hugegraph.records import Task
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE
from backend_adapters.simulator.hugegraph.tasks_api import NO_LIMIT, TasksApi

FIELDS = ("algorithm", "worker", "params")
_MOST_WORKERS = 100
_INT_MAX = 2**31 - 1


class ComputerApi(TasksApi):
    """The computer jobs of one graph, as a client may ask for them and act on them."""

    @property
    def older(self) -> bool:
        """Whether this is form A."""
        return self.world.settings.computer_form == "A"

    def check_enabled(self) -> None:
        """Raise what every call answers while K8s is off."""
        if self.world.settings.computer != "on":
            raise wire.illegal("The k8s api is not enable.")

    # Reading

    def jobs(self, count: int, page: str | None, status: str | None) -> dict[str, object]:
        """`GET /jobs/computerdis`; only form A knows a status."""
        self.check_enabled()
        tasks = self._older_list(count, status) if self.older else self._list()
        if count != NO_LIMIT and len(tasks) > count:
            if count < 0:
                raise wire.illegal(f"fromIndex(0) > toIndex({count})")
            tasks = tasks[:count]
        fields: dict[str, object] = {"tasks": self._maps(tasks, fresh=False)}
        return fields if page is None else fields | {"page": None}

    def job(self, task_id: int) -> dict[str, object]:
        """`GET /jobs/computerdis/{id}`."""
        self.check_enabled()
        task = self._job(task_id)
        self.check_readable([task])
        return self._detail(task)

    def _job(self, task_id: int) -> Task:
        """The job; form A takes any task for one."""
        task = self._find(task_id)
        if not self.older and task.story.type != olap.TYPES["B"]:
            raise wire.illegal("The task is not computer-dis task.")
        return task

    def _list(self) -> list[Task]:
        return [task for task in self.shelf if task.story.type == olap.TYPES["B"]]

    def _older_list(self, limit: int, status: str | None) -> list[Task]:
        """Form A's list with its fault: it sees a job and lists the task after it, beyond the end too."""
        word = None if status is None else self.status_of(status)
        tasks = iter(self.shelf.among(word, 0, None if limit == NO_LIMIT else max(limit, 0)))
        listed = []
        for task in tasks:
            if task.story.type == olap.TYPES["A"] and task.status != "queued":
                following = next(tasks, None)
                if following is None:
                    raise wire.JavaError(404, "java.util.NoSuchElementException", "null")
                listed.append(following)
        return listed

    # Acting

    def create(self, fields: Mapping[str, object]) -> dict[str, object]:
        """`POST /jobs/computerdis` of form B; raises ValueError for a worker that is no number."""
        self.check_enabled()
        algorithm, worker, params = fields.get("algorithm"), _int(fields.get("worker")), fields.get("params")
        if algorithm not in olap.ALGORITHMS:
            raise wire.illegal("The algorithm is not existed.")
        if not 1 <= worker <= _MOST_WORKERS:
            raise wire.illegal("The worker should be in [1, 100].")
        if not isinstance(params, dict):
            raise wire.null_pointer("null value in entry: params=null")
        if self.shelf.space != DEFAULT_SPACE and not all(
            _filled(params.get(name)) for name in olap.RESOURCES
        ):
            raise wire.illegal(
                "The params k8s.master_cpu k8s.worker_cpu k8s.master_request_memory k8s.worker_request_memory"
                " k8s.master_memory k8s.worker_memory must be set."
            )
        place = f"{self.shelf.space}/{self.shelf.graph}"
        story = olap.job(self.world.settings, str(algorithm), worker, params, place)
        return {"task_id": self.world.submit(self.shelf, story).id}

    def create_older(self, algorithm: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """`POST /jobs/computerdis/{algorithm}` of form A, which checks nothing."""
        self.check_enabled()
        task = self.world.submit(self.shelf, olap.older_job(algorithm, parameters))
        return {"task_id": task.id, "message": "success"}

    def stop(self, task_id: int) -> dict[str, object]:
        """`PUT /jobs/computerdis/{id}`, to be sent with 202: the job when it is being cancelled now."""
        self.check_enabled()
        task = self._job(task_id)
        if not task.finished and task.status != "cancelling":
            self.world.cancel(task)
            if task.status == "cancelling":
                return self._detail(task)
        return self._done(task_id) if self.older else {"task_id": task_id}

    def remove(self, task_id: int) -> dict[str, object]:
        """`DELETE /jobs/computerdis/{id}`, to be sent with 200."""
        self.check_enabled()
        self._job(task_id)
        self.delete(task_id, force=False)
        return self._done(task_id)

    def _done(self, task_id: int) -> dict[str, object]:
        """Form A gives the id of the path back, a text."""
        return {"task_id": str(task_id) if self.older else task_id, "message": "success"}


def _int(value: object) -> int:
    """What Jackson makes of a value for an int; raises ValueError for what it does not take."""
    if value is None:
        return 0
    if isinstance(value, str):
        return int(value) if value.strip() else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _INT_MAX:
        raise ValueError(f"Cannot deserialize value of type `int` from {value!r}")
    return int(value)


def _filled(value: object) -> bool:
    return value is not None and bool(str(value).strip())
