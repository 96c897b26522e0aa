"""ComputerDisAPI: the answers of Baidu's fork about computer jobs, in both of its forms.

The texts and the order of the checks are those of the fork's source; none of it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.simulator.hugegraph import computer_jobs, wire
from backend_adapters.simulator.hugegraph.records import SimulatedTask
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE
from backend_adapters.simulator.hugegraph.tasks_api import NO_LIMIT, TasksApi

JSON_TASK_FIELDS = ("algorithm", "worker", "params")
_MOST_WORKERS = 100
_INT_MAX = 2**31 - 1


class ComputerApi(TasksApi):
    """The requests for the computer jobs of one graph."""

    @property
    def is_form_a(self) -> bool:
        """Whether the server has form A of the API."""
        return self.world.settings.computer_form == "A"

    def check_enabled(self) -> None:
        """Raise the error that every call gets while K8s is off."""
        if self.world.settings.computer != "on":
            raise wire.illegal_argument("The k8s api is not enable.")

    # Reading

    def list_jobs(self, count: int, page: str | None, status: str | None) -> dict[str, object]:
        """`GET /jobs/computerdis`; only form A filters by status."""
        self.check_enabled()
        tasks = (
            self._list_form_a(count, status)
            if self.is_form_a
            else [task for task in self.graph_tasks if task.kind.type == computer_jobs.JOB_TYPES["B"]]
        )
        if count != NO_LIMIT and len(tasks) > count:
            if count < 0:
                raise wire.illegal_argument(f"fromIndex(0) > toIndex({count})")
            tasks = tasks[:count]
        fields: dict[str, object] = {"tasks": self._task_maps(tasks, fresh=False)}
        return fields if page is None else fields | {"page": None}

    def get_job(self, task_id: int) -> dict[str, object]:
        """`GET /jobs/computerdis/{id}`."""
        self.check_enabled()
        task = self._find_job(task_id)
        self.check_readable([task])
        return self._task_detail(task)

    def _find_job(self, task_id: int) -> SimulatedTask:
        """Find a job; form A accepts any task as one."""
        task = self._find_task(task_id)
        if not self.is_form_a and task.kind.type != computer_jobs.JOB_TYPES["B"]:
            raise wire.illegal_argument("The task is not computer-dis task.")
        return task

    def _list_form_a(self, limit: int, status: str | None) -> list[SimulatedTask]:
        """Form A's list with its bug: for each job it lists the task after it, or fails if none is."""
        word = None if status is None else self.parse_status(status)
        tasks = iter(self.graph_tasks.select_tasks(word, 0, None if limit == NO_LIMIT else max(limit, 0)))
        listed = []
        for task in tasks:
            if task.kind.type == computer_jobs.JOB_TYPES["A"] and task.status != "queued":
                following = next(tasks, None)
                if following is None:
                    raise wire.JavaError(404, "java.util.NoSuchElementException", "null")
                listed.append(following)
        return listed

    # Acting

    def create_job(self, fields: Mapping[str, object]) -> dict[str, object]:
        """`POST /jobs/computerdis` of form B; raises ValueError if `worker` isn't a number."""
        self.check_enabled()
        algorithm, worker, params = (
            fields.get("algorithm"),
            _bind_int(fields.get("worker")),
            fields.get("params"),
        )
        if algorithm not in computer_jobs.K8S_ALGORITHMS:
            raise wire.illegal_argument("The algorithm is not existed.")
        if not 1 <= worker <= _MOST_WORKERS:
            raise wire.illegal_argument("The worker should be in [1, 100].")
        if not isinstance(params, dict):
            raise wire.null_pointer("null value in entry: params=null")
        if self.graph_tasks.space != DEFAULT_SPACE and not all(
            _is_filled(params.get(name)) for name in computer_jobs.REQUIRED_PARAMETERS
        ):
            raise wire.illegal_argument(
                "The params k8s.master_cpu k8s.worker_cpu k8s.master_request_memory k8s.worker_request_memory"
                " k8s.master_memory k8s.worker_memory must be set."
            )
        place = f"{self.graph_tasks.space}/{self.graph_tasks.graph}"
        kind = computer_jobs.make_job_kind(self.world.settings, str(algorithm), worker, params, place)
        return {"task_id": self.world.submit_task(self.graph_tasks, kind).id}

    def create_form_a_job(self, algorithm: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """`POST /jobs/computerdis/{algorithm}` of form A, which checks nothing."""
        self.check_enabled()
        task = self.world.submit_task(self.graph_tasks, computer_jobs.make_form_a_kind(algorithm, parameters))
        return {"task_id": task.id, "message": "success"}

    def stop_job(self, task_id: int) -> dict[str, object]:
        """`PUT /jobs/computerdis/{id}`, to be sent with 202: the job's map if it is being cancelled now."""
        self.check_enabled()
        task = self._find_job(task_id)
        if not task.is_finished and task.status != "cancelling":
            self.world.cancel_task(task)
            if task.status == "cancelling":
                return self._task_detail(task)
        return self._success_body(task_id) if self.is_form_a else {"task_id": task_id}

    def remove_job(self, task_id: int) -> dict[str, object]:
        """`DELETE /jobs/computerdis/{id}`, to be sent with 200."""
        self.check_enabled()
        self._find_job(task_id)
        self.delete_task(task_id, force=False)
        return self._success_body(task_id)

    def _success_body(self, task_id: int) -> dict[str, object]:
        """The answer to an accepted action; form A returns the id as text, as it stands in the path."""
        return {"task_id": str(task_id) if self.is_form_a else task_id, "message": "success"}


def _bind_int(value: object) -> int:
    """Convert a value to an int as Jackson does; raises ValueError for what Jackson refuses."""
    if value is None:
        return 0
    if isinstance(value, str):
        return int(value) if value.strip() else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _INT_MAX:
        raise ValueError(f"Cannot deserialize value of type `int` from {value!r}")
    return int(value)


def _is_filled(value: object) -> bool:
    return value is not None and bool(str(value).strip())
