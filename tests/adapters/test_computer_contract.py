"""The contract suite on the simulator's computer jobs: all that every dialect keeps, and what tasks keep too.

A job takes no script, so a script of the suite is played: it settles how long a job runs and how it ends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from backend_adapters.backend import Backend
from backend_adapters.model import TaskId
from backend_adapters.simulator import HugeGraphApp, HugeGraphSettings, hugegraph_app
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.adapters import contract

OTHERWISE = {
    "runs_a_job_to_its_end": "type, name, input and result are not those of a script",
    "shows_the_first_task_of_an_emptied_graph": "it submits a script itself",
    "refuses_a_second_cancel_in_words": "202, and nothing happens",
    "deletes_an_ended_task": "200, not 204",
    "cuts_a_large_result_at_the_cap": "results are bare words",
}
"""What only tasks promise; `test_computer_simulator` and `test_computer_lists` say how it is here."""

CHECKS = [check for check in contract.CHECKS if check.__name__ not in OTHERWISE]

GUISES: dict[str, dict[str, Any]] = {
    "B graphspace": {"version": "3.0.0"},
    "B graphspace auth": {"version": "3.0.0", "auth": ("admin", "correct horse")},
    "B graphspace memory": {"version": "3.0.0", "backend": "memory"},
    "B classic": {"version": "0.12.0"},
    "A classic": {"version": "0.12.0", "computer_form": "A"},
    "B cluster": {"version": "3.0.0", "backend": "hstore", "servers": 2},
    "A graphspace memory": {"version": "3.0.0", "computer_form": "A", "backend": "memory"},
}


DISTRIBUTED = {"B distributed": {"version": "3.0.0", "scheduler": "distributed"}}
"""Refuses a delete that it carries out, as ever, but says yes to a cancel: 202 also from this scheduler."""


def playing(app: HugeGraphApp) -> Callable[[Backend, str], Awaitable[TaskId]]:
    """How a job comes to be: created from a recipe, it runs as long and ends as the script does."""

    async def start(backend: Backend, script: str) -> TaskId:
        task_id = await backend.create("wcc", {"worker": "1"})
        (graph_tasks,) = app.world.graphs.values()
        task = graph_tasks.find_task(int(task_id))
        assert task is not None
        task.duration = 60_000 if script == contract.SLEEP else 30
        task.outcome = "failed" if script == contract.BOOM else "success"
        task.kind = dataclasses.replace(task.kind, failure=lambda _salt: "java.lang.Exception: boom")
        return task_id

    return start


class _Clock:
    """The simulator's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_772_000_000_000

    def __call__(self) -> int:
        """Epoch milliseconds; a request takes one."""
        self.now += 1
        return self.now

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * 1000)


@pytest.fixture(params=GUISES)
def stand(request: pytest.FixtureRequest) -> contract.ContractServer:
    options = {"history": 30, "specials": False, "pace": 0, "computer": "on", "workers": 70}
    settings = HugeGraphSettings(**(options | (GUISES | DISTRIBUTED)[request.param]))
    clock = _Clock()
    app = hugegraph_app(settings, clock)
    credentials = Credentials("admin", lambda: settings.auth[1]) if settings.auth else Credentials()
    http = httpx.ASGITransport(app)
    return contract.ContractServer(
        name=f"simulator {request.param}",
        target=Target(url="http://demo", http=http, credentials=credentials, dialect="computerdis"),
        version=settings.version,
        pages=settings.backend != "memory",
        blockwise=settings.backend == "hstore",
        pause=clock.pause,
        starts=playing(app),
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_computer_jobs_keep_the_contract(stand: contract.ContractServer, check: contract.Check) -> None:
    await contract.run_check(check, stand)


@pytest.mark.parametrize("stand", DISTRIBUTED, indirect=True)
@pytest.mark.parametrize("check", contract.EVERYWHERE, ids=lambda check: check.__name__)
async def test_distributed_ones_keep_what_every_dialect_does(
    stand: contract.ContractServer, check: contract.Check
) -> None:
    await contract.run_check(check, stand)


def test_what_is_left_out_is_no_promise_of_every_dialect() -> None:
    assert OTHERWISE.keys() < {check.__name__ for check in contract.CHECKS}
    assert not OTHERWISE.keys() & {check.__name__ for check in contract.EVERYWHERE}
