"""Computer jobs from their creation to their deletion on the simulator, in each of its guises."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import httpx
import pytest

from backend_adapters.backend import Backend, KnownTasks
from backend_adapters.errors import BadValue, Unsupported
from backend_adapters.model import Action, TaskStatus
from backend_adapters.redaction import mask_secrets
from backend_adapters.registry import open_backend
from backend_adapters.secret_finder import MASK
from backend_adapters.simulator import (
    COMPUTER_DEMO,
    EMPTY_HUGEGRAPH,
    HugeGraphApp,
    HugeGraphSettings,
    hugegraph_app,
)
from backend_adapters.transport.target import Target

GUISES: dict[str, dict[str, Any]] = {
    "B graphspace": {"version": "3.0.0"},
    "B graphspace distributed": {"version": "3.0.0", "scheduler": "distributed"},
    "B graphspace by classic paths": {"version": "3.0.0", "paths": "classic"},
    "B classic": {"version": "0.12.0"},
    "A classic": {"version": "0.12.0", "computer_form": "A"},
    "A graphspace": {"version": "3.0.0", "computer_form": "A"},
}


class Rig:
    """An adapter on a simulator whose clock a test moves."""

    def __init__(self, settings: HugeGraphSettings, **target: Any) -> None:
        self.now = 1_795_420_000_000
        self.app: HugeGraphApp = hugegraph_app(settings, lambda: self.now)
        self._target = Target(url="http://demo", http=httpx.ASGITransport(self.app), **target)
        self.backend = self.open("computerdis")

    def open(self, dialect: str) -> Backend:
        """Another adapter on the same server."""
        from msgspec.structs import replace

        return open_backend(replace(self._target, dialect=dialect))

    async def until(self, task_id: str, *wanted: TaskStatus) -> TaskStatus:
        """Let time pass until the job has one of these statuses."""
        for _ in range(400):
            (task,) = (await self.backend.look([task_id])).tasks
            if task.status in wanted:
                return task.status
            self.now += 500
        raise AssertionError(f"{task_id} never came to {wanted}")


@pytest.fixture(params=GUISES)
def rig(request: pytest.FixtureRequest) -> Rig:
    options = dict(GUISES[request.param])
    target = {"paths": options.pop("paths")} if "paths" in options else {}
    return Rig(dataclasses.replace(EMPTY_HUGEGRAPH, computer="on", history=40, **options), **target)


async def test_a_job_lives_from_its_recipe_to_its_deletion(rig: Rig) -> None:
    await rig.backend.connect()
    assert [batch.tasks async for batch in rig.backend.snapshot()][-1] == ()
    task_id = await rig.backend.create("page-rank", {"worker": "3"})
    assert task_id == "41"
    changes = await rig.backend.changes(KnownTasks((), None))
    assert [task.id for task in changes.tasks] == [task_id]
    await rig.until(task_id, TaskStatus.RUNNING)
    detail = await rig.backend.detail(task_id, cap=100_000)
    assert (detail.result, detail.task.type) == (b"RUNNING", changes.tasks[0].type)
    assert detail.input is not None
    told = json.loads(detail.input)
    assert told.get("worker", told.get("parameters", {}).get("worker_instances")) in (3, "3")
    ended = await rig.until(task_id, TaskStatus.SUCCESS, TaskStatus.FAILED)
    result = (await rig.backend.detail(task_id, cap=100_000)).result
    assert result == (b"SUCCEEDED" if ended is TaskStatus.SUCCESS else b"FAILED")
    assert (await rig.backend.act(Action.CANCEL, task_id)).accepted
    await rig.backend.act(Action.DELETE, task_id)
    rig.now += 15_000
    assert (await rig.backend.look([task_id])).missing == {task_id}
    assert (await rig.backend.changes(KnownTasks({task_id}, task_id))).missing == {task_id}


async def test_a_running_job_is_cancelled_and_a_refused_delete_says_why(rig: Rig) -> None:
    await rig.backend.connect()
    task_id = await rig.backend.create("wcc", {})
    await rig.until(task_id, TaskStatus.RUNNING)
    if rig.app.world.is_distributed:
        assert (await rig.backend.act(Action.CANCEL, task_id)).accepted
    else:
        refused = await rig.backend.act(Action.DELETE, task_id)
        assert not refused.accepted
        assert refused.server_message.startswith("Can't delete incomplete task")
        answer = await rig.backend.act(Action.CANCEL, task_id)
        assert (answer.code, answer.accepted) == (202, True)
    await rig.until(task_id, TaskStatus.CANCELLED)


async def test_a_snapshot_has_all_jobs_and_no_other_tasks(rig: Rig) -> None:
    await rig.backend.connect()
    ids = [await rig.backend.create("lpa", {}) for _ in range(5)]
    tasks = rig.open("hugegraph")
    other = await tasks.submit("1")
    rig.now += 9_000
    seen = {task.id: task for task in [task async for b in rig.backend.snapshot() for task in b.tasks]}
    assert sorted(seen) == sorted(ids)
    everything = {task.id async for batch in tasks.snapshot() for task in batch.tasks}
    assert {*ids, other} <= everything
    assert (await tasks.siblings())[0].ability


async def test_the_first_job_after_all_were_deleted_is_found_by_who_knows_none(rig: Rig) -> None:
    await rig.backend.connect()
    first = await rig.backend.create("lpa", {})
    await rig.until(first, TaskStatus.SUCCESS, TaskStatus.FAILED)
    await rig.backend.act(Action.DELETE, first)
    rig.now += 15_000
    newcomer = rig.open("computerdis")
    assert [task async for batch in newcomer.snapshot() for task in batch.tasks] == []
    assert (await newcomer.changes(KnownTasks((), None))).tasks == ()
    second = await rig.backend.create("lpa", {})
    changes = await newcomer.changes(KnownTasks((), None))
    assert ([task.id for task in changes.tasks], changes.stale) == ([second], False)


@pytest.mark.parametrize("version", ["3.0.0", "0.12.0"])
@pytest.mark.parametrize("form", ["A", "B"])
@pytest.mark.parametrize(("computer", "words"), [("absent", "no computer jobs"), ("off", "not enabled")])
async def test_a_server_without_them_is_found_out(version: str, form: str, computer: str, words: str) -> None:
    rig = Rig(dataclasses.replace(EMPTY_HUGEGRAPH, version=version, computer=computer, computer_form=form))  # type: ignore[arg-type]
    with pytest.raises(Unsupported, match=words):
        await rig.backend.connect()
    (sibling,) = await rig.open("hugegraph").siblings()
    assert not sibling.ability
    assert words in sibling.ability.reason


async def test_the_demo_is_a_dozen_jobs_whose_token_is_hidden_and_a_graphspace_that_wants_resources() -> None:
    rig = Rig(dataclasses.replace(COMPUTER_DEMO, pace=0))
    await rig.backend.connect()
    (batch,) = [batch async for batch in rig.backend.snapshot()]
    assert len(batch.tasks) == 12
    assert sum(not task.status.is_finished for task in batch.tasks) == 3
    for task in batch.tasks:
        detail = await rig.backend.detail(task.id, cap=100_000)
        assert detail.input is not None
        token = json.loads(detail.input)["token"]
        for text in (detail.input, detail.raw.decode()):
            assert token in text
            assert token not in mask_secrets(text)
            assert MASK in mask_secrets(text)
    finance = Rig(dataclasses.replace(COMPUTER_DEMO, pace=0), graphspace="finance", graph="ledger")
    await finance.backend.connect()
    with pytest.raises(BadValue, match=r"k8s\.master_cpu is required"):
        await finance.backend.create("wcc", {})
    names = [param.name for param in finance.backend.recipes()[0].params if param.name.startswith("k8s.")]
    assert await finance.backend.create("wcc", dict.fromkeys(names, "1")) != ""


async def test_ten_thousand_tasks_with_fifty_jobs_poll_with_one_request() -> None:
    rig = Rig(dataclasses.replace(COMPUTER_DEMO, pace=0, specials=False, history=9950, computer_jobs=50))
    await rig.backend.connect()
    rig.app.requests.clear()
    jobs = [task async for batch in rig.backend.snapshot() for task in batch.tasks]
    assert len(jobs) == 50
    assert len(rig.app.requests) <= 12
    running = await rig.backend.create("lpa", {})
    rig.app.requests.clear()
    newest = max((task.id for task in jobs), key=int)
    for _ in range(10):
        rig.now += 1000
        changes = await rig.backend.changes(KnownTasks({running}, newest))
        assert [task.id for task in changes.tasks] == [running]
    assert len(rig.app.requests) == 10
