"""The service plane: the requests for the jobs of one graph's engine."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend_adapters.simulator.ges.graph_engines import EngineJob, GraphEngine
from backend_adapters.simulator.ges.replies import json_reply, read_number
from backend_adapters.simulator.ges.wire import ErrorForm, Refusal
from backend_adapters.simulator.ges.world import GesWorld

_MOST = 100_000
"""The default of `limit`, and the most rows in an answer."""


class EngineApi:
    """The engines' endpoints."""

    def __init__(self, world: GesWorld) -> None:
        self._world = world

    def make_routes(self) -> list[Route]:
        """Make the routes below `/ges`."""
        jobs = "/ges/v1.0/{project}/graphs/{graph}/jobs"
        return [
            Route(jobs + "/status", self.list_jobs),
            Route(jobs + "/{job}/status", self.get_status),
            Route(jobs + "/{job}", self.cancel_job, methods=["DELETE"]),
        ]

    async def list_jobs(self, request: Request) -> Response:
        """`GET .../jobs/status`: the newest first."""
        engine = self._find_engine(request)
        offset = read_number(request, "offset", 0, ErrorForm.V1)
        limit = min(_MOST, read_number(request, "limit", _MOST, ErrorForm.V1))
        jobs = list(reversed(engine.jobs.values()))[offset : offset + limit]
        if self._world.settings.edition == "database":
            rows = [_database_row(job, request, engine.now) for job in jobs]
            return json_reply({"jobs": rows, "result": "success", "totalCount": len(engine.jobs)})
        rows = [_memory_row(job, engine.now) for job in jobs]
        return json_reply({"jobs": rows, "jobCount": len(engine.jobs)})

    async def get_status(self, request: Request) -> Response:
        """`GET .../jobs/{id}/status`: with the first results of an algorithm."""
        engine = self._find_engine(request)
        job_id = request.path_params["job"]
        job = engine.jobs.get(job_id)
        if job is None:
            raise Refusal(400, "GES.8301", f"can not find job, jobId is {job_id}", ErrorForm.V1)
        status = job.status_at(engine.now)
        fields: dict[str, object] = {"jobId": job.id, "status": status, "errorCode": "", "errorMessage": ""}
        if status == "failed":
            fields |= {"failReason": job.reason}
        elif status == "success":
            outputs = {"data_return_size": 2, "data_offset": 0, "data_total_size": 2, "runtime": 0.41}
            fields |= {"data": {"outputs": outputs | {"result": [{"38": 0.61}, {"46": 0.39}]}}}
        return json_reply(fields)

    async def cancel_job(self, request: Request) -> Response:
        """`DELETE .../jobs/{id}`: cancels a job that can be stopped and has not ended."""
        engine = self._find_engine(request)
        job_id = request.path_params["job"]
        job = engine.jobs.get(job_id)
        if job is None or engine.now >= job.ends:
            raise Refusal(400, "GES.8303", f"Can not find job to cancel, jobId is {job_id}", ErrorForm.V1)
        if not job.can_stop_at(engine.now):
            raise Refusal(400, "GES.8303", "Unsupported Operation", ErrorForm.V1)
        engine.cancel_job(job)
        return json_reply({})

    def _find_engine(self, request: Request) -> GraphEngine:
        if request.path_params["project"] != self._world.settings.project:
            raise Refusal(400, "GES.8006", "The project id is wrong.", ErrorForm.V1)
        engine = self._world.engines.get(request.path_params["graph"])
        if engine is None:
            raise Refusal(
                400, "GES.8005", f"graph [{request.path_params['graph']}] does not exist", ErrorForm.V1
            )
        return engine


def _format_time(moment: int) -> str:
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _memory_row(job: EngineJob, now: int) -> dict[str, object]:
    status = job.status_at(now)
    fields: dict[str, object] = {
        "jobId": job.id,
        "rawRequest": job.kind.request,
        "taskType": job.kind.type,
        "canStop": job.can_stop_at(now),
        "progress": str(job.progress_at(now)),
        "status": status,
        "startTime": _format_time(min(job.begins, job.ends)) if status != "pending" else None,
        "endTime": _format_time(job.ends) if now >= job.ends else None,
        "failReason": job.reason if status == "failed" else None,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _database_row(job: EngineJob, request: Request, now: int) -> dict[str, object]:
    path = request.url.path.removesuffix("/jobs/status")
    body = json.loads(job.kind.request or "{}")
    return {
        "jobId": job.id,
        "status": job.status_at(now).replace("success", "complete"),
        "request": {"command": job.kind.type, "url": f"{path}/action", "body": body},
    }
