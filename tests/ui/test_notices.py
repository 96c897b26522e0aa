"""What a person is told of on the screen: the ends of tasks, and what comes to match a filter."""

from __future__ import annotations

from dataclasses import replace

from backend_adapters.model import Scope
from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.ui.running_app import RunningApp, run_app

TWO_GRAPHS = replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "other"))
SCRIPT = "Thread.sleep(600000)"


def notices(at: RunningApp) -> list[str]:
    """Have the app write down what it would tell who looks elsewhere."""
    told: list[str] = []
    at.app.send_notice = told.append
    return told


async def start(at: RunningApp, number: int) -> list[str]:
    """Start some jobs that go on, and wait until they run."""
    ids = [await at.submit(SCRIPT) for _ in range(number)]
    for task_id in ids:
        await at.until_seen(f" {task_id}  ▶ running")
    return ids


async def test_the_end_of_a_task_is_told_once_and_asking_again_takes_that_back() -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        told = notices(at)
        (task_id,) = await start(at, 1)
        await at.press("m")
        await at.until_seen(f"You will be told when task {task_id} ends.")
        await at.until_seen("♪ 1 task")
        await at.press("m")
        await at.until_seen(f"You will no longer be told when task {task_id} ends.")
        await at.until_gone("♪")
        await at.press("m")
        await at.until_seen("♪ 1 task")
        await at.cancel(task_id)
        await at.until(lambda: len(told) == 1, "the notice")
        assert told[0].startswith(f"{task_id} ({SCRIPT}): cancelled")
        await at.until_gone("♪")
        await at.press("m")
        await at.until_seen(f"Task {task_id} has ended already (cancelled).")
        assert len(told) == 1


async def test_of_all_marked_tasks_the_ends_are_told_together_and_one_that_is_gone_as_that() -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        told = notices(at)
        first, second = await start(at, 2)
        await at.press("asterisk", "m")
        await at.until_seen("You will be told when 2 tasks end.")
        await at.until_seen("♪ 2 tasks")
        await at.delete(first, force=True)
        await at.until(lambda: len(told) == 1, "the notice")
        assert told == [f"{first} ({SCRIPT}): gone from the server; how it ended is not known"]
        await at.until_seen("♪ 1 task")
        await at.cancel(second)
        await at.until(lambda: len(told) == 2, "the other notice")
        assert told[1].startswith(f"{second} ({SCRIPT}): cancelled")


async def test_a_filter_tells_of_new_matches_until_it_is_ended_in_the_messages() -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        told = notices(at)
        (old,) = await start(at, 1)
        await at.press("slash", *"sleep", "enter", "m")
        await at.until_seen("Whenever a task comes to match sleep")
        await at.press("down", "enter")
        await at.until_seen("♪ sleep")
        new = await at.submit(SCRIPT)
        await at.until(lambda: len(told) == 1, "the notice")
        assert told[0].startswith(f"sleep: {new} ({SCRIPT})")
        await at.cancel(old)
        await at.press("M")
        await at.until_seen("Messages · ♪ sleep")
        await at.press("m")
        await at.until_seen("Whenever a task matches sleep")
        await at.press("enter")
        await at.until_gone("♪")
        await at.press("escape")
        await at.submit(SCRIPT)
        await at.cancel(new)
        assert len(told) == 1


async def test_at_another_place_the_filter_goes_on_and_a_task_waits_until_one_comes_back() -> None:
    async with run_app(TWO_GRAPHS) as at:
        told = notices(at)
        here, ends = await start(at, 2)
        await at.press("asterisk", "m", "U")
        await at.until_seen("♪ 2 tasks")
        await at.press("slash", *"sleep", "enter", "m", "down", "enter")
        await at.until_seen("♪ 2 tasks, sleep")
        at.app.switch_to(Scope(graph="other", graphspace="DEFAULT"), "hugegraph")
        await at.until_seen("DEFAULT/other")
        await at.until_seen("♪ 2 elsewhere, sleep")
        await at.cancel(ends)
        assert told == []
        at.app.switch_to(Scope(graph="hugegraph", graphspace="DEFAULT"), "hugegraph")
        await at.until_seen("♪ 1 task, sleep")
        await at.until(lambda: len(told) == 1, "the notice of what ended meanwhile")
        assert told[0].startswith(f"{ends} ({SCRIPT}): cancelled")
        await at.cancel(here)
        await at.until(lambda: len(told) == 2, "the notice")
        assert told[1].startswith(f"{here} ({SCRIPT}): cancelled")


async def test_a_filter_by_age_is_not_offered() -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        await start(at, 1)
        await at.press("slash", *"took<9h", "enter", "m")
        await at.until_seen("Whenever a task comes to match took<9h")
        await at.press("down", "enter")
        await at.until_seen("A filter by age or duration can't be watched")
        assert "♪" not in at.text()


async def test_without_a_task_that_is_said() -> None:
    async with run_app(EMPTY_HUGEGRAPH) as at:
        await at.press("m")
        await at.until_seen("Put the cursor on a task that has not ended, or mark some.")
