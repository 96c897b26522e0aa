"""Reasons for a command: each is given up in time, and a server that answers none of them is left alone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from backend_adapters.errors import TimedOut
from backend_adapters.model import TaskDetail
from tests.support.patience import PATIENCE
from tests.unit.fakes import START, S, task
from tui.cli.work import reason_reader
from tui.cli.work.reason_reader import PATIENT_TIMEOUTS, READ_AT_ONCE, TIMEOUTS_MOST, ReasonReader
from tui.monitor.store import Store


class Details:
    """Gives the details of tasks by their ids; of others it says that they did not come in time."""

    def __init__(self, *details: TaskDetail) -> None:
        self.asked: list[str] = []
        self.hanging: set[str] = set()
        self._details = {detail.task.id: detail for detail in details}

    async def detail(self, task_id: str, *, cap: int) -> TaskDetail:
        self.asked.append(task_id)
        await (asyncio.Event().wait() if task_id in self.hanging else asyncio.sleep(0))
        if task_id not in self._details:
            raise TimedOut("nothing")
        return self._details[task_id]


def open_reader(backend: Details, *rows) -> tuple[ReasonReader, Store]:
    store = Store()
    store.apply_answer(rows, asked=store.take_ticket())
    return ReasonReader(SimpleNamespace(backend=backend, store=store), "all"), store


@pytest.mark.parametrize("number", [3, 200])
async def test_a_server_that_answers_for_no_reason_is_not_asked_for_all_of_them(number):
    rows = [task(n, S.FAILED) for n in range(number)]
    backend = Details()
    reader, store = open_reader(backend, *rows)
    await reader.read_reasons(rows)
    assert len(backend.asked) == min(number, len(set(backend.asked)))
    assert len(backend.asked) <= TIMEOUTS_MOST + READ_AT_ONCE
    assert len(store.unread_reasons) == number


async def test_a_few_that_hang_keep_no_other_from_being_read():
    rows = [task(n, S.FAILED) for n in range(60)]
    readable = [TaskDetail(task=row, raw=b"", result=b"A: boom") for row in rows[:-5]]
    reader, store = open_reader(Details(*readable), *rows)
    await reader.read_reasons(rows)
    assert len(store.unread_reasons) == 5


async def test_the_reason_of_another_task_that_has_the_id_by_now_is_not_told():
    row, other = task(1, S.FAILED), task(1, S.FAILED, created=START + 1)
    reader, store = open_reader(Details(TaskDetail(task=other, raw=b"", result=b"A: boom")), row)
    assert await reader.read_reason(row) is None
    assert store.tasks["1"].reason is None


async def test_where_details_hang_no_line_waits_long_for_each_of_them(monkeypatch):
    rows = [task(n, S.FAILED) for n in range(6)]
    backend = Details(TaskDetail(task=rows[5], raw=b"", result=b"A: boom"))
    reader, _ = open_reader(backend, *rows)
    for row in rows[:PATIENT_TIMEOUTS]:
        assert await reader.read_reason(row) is None
    monkeypatch.setattr(reason_reader, "READ_SECONDS", 10 * PATIENCE)
    backend.hanging = {"4"}
    async with asyncio.timeout(PATIENCE):
        assert await reader.read_reason(rows[4]) is None
    assert await reader.read_reason(rows[5]) == "A: boom"
