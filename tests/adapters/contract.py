"""What every server must answer to its adapter, simulated or real: one check for each promise.

A check is a coroutine that takes a `ContractRun`, starts what it needs and leaves nothing running. The
simulators are run through them in `test_contract` and `test_ges_contract`, real servers in `tests/live`.
"""

from __future__ import annotations

import json

import pytest

from backend_adapters.backend import KnownTasks, LookResult
from backend_adapters.errors import NoSuchGraph, NoSuchTask, NotLoggedIn, Unsupported
from backend_adapters.model import FINISHED, Action, TaskStatus
from backend_adapters.transport.credentials import Credentials
from tests.adapters.contract_servers import (
    BIG,
    BOOM,
    CHECKS,
    EVERYWHERE,
    QUICK,
    SLEEP,
    Check,
    ContractRun,
    ContractServer,
    check,
    check_everywhere,
    open_run,
    run_check,
)

__all__ = [
    "BIG",
    "BOOM",
    "CHECKS",
    "EVERYWHERE",
    "QUICK",
    "SLEEP",
    "Check",
    "ContractRun",
    "ContractServer",
    "open_run",
    "run_check",
]


@check
async def says_what_it_is(bench: ContractRun) -> None:
    """Version, style of paths and abilities are found out, also on a second `connect`."""
    stand, source = bench.stand, bench.backend.source
    for _ in range(2):
        info = await bench.backend.connect()
        assert (info.product, info.version) == ("HugeGraph", stand.version)
        assert bool(info.capabilities.force_delete) == stand.forces
    assert source.graphspace == ("DEFAULT" if stand.graphspaces else None)
    scopes = await bench.backend.scopes()
    assert (source.graph, source.graphspace) in {(scope.graph, scope.graphspace) for scope in scopes}


@check_everywhere
async def is_the_same_after_a_second_connect(bench: ContractRun) -> None:
    """A backend may connect again at any time, and its own place is among those to switch to."""
    source = bench.backend.source
    assert await bench.backend.connect() == bench.info
    assert bench.backend.source == source
    scopes = await bench.backend.scopes()
    assert (source.graph, source.graphspace) in {(scope.graph, scope.graphspace) for scope in scopes}


@check_everywhere
async def tells_the_same_of_an_ended_job_wherever_it_is_asked(bench: ContractRun) -> None:
    """List, refresh, look and detail agree, and a detail holds the bytes of the server."""
    task = await bench.ended(QUICK)
    assert (task.status, task.decode_error) == (TaskStatus.SUCCESS, None)
    assert task.duration is not None
    assert (await bench.all_tasks())[task.id] == task
    changes = await bench.backend.changes(KnownTasks([task.id], task.id))
    assert [one for one in changes.tasks if one.id == task.id] == [task]
    detail = await bench.backend.detail(task.id, cap=100_000)
    assert (detail.task, detail.truncated, detail.size) == (task, False, len(detail.raw))
    assert task.id.encode() in detail.raw


@check_everywhere
async def has_no_task_of_an_unknown_id(bench: ContractRun) -> None:
    """A look says missing, a detail NoSuchTask."""
    task = await bench.ended(QUICK)
    looked = await bench.backend.look([task.id, "987654"])
    assert ([one.id for one in looked.tasks], looked.missing) == ([task.id], {"987654"})
    assert await bench.backend.look([]) == LookResult((), frozenset())
    with pytest.raises(NoSuchTask, match="987654"):
        await bench.backend.detail("987654", cap=1000)


@check_everywhere
async def sends_nothing_for_what_it_can_not_do(bench: ContractRun) -> None:
    """Each ability that is missing has a reason, and what needs it is Unsupported without a request."""
    task = await bench.ended(QUICK)
    abilities, asked = bench.info.capabilities, bench.requests
    for action in Action:
        if not abilities.ability_for(action):
            with pytest.raises(Unsupported) as caught:
                await bench.backend.act(action, task.id)
            assert str(caught.value) == abilities.ability_for(action).reason != ""
    assert bench.requests == asked


@check_everywhere
async def stops_a_running_job_where_it_can(bench: ContractRun) -> None:
    """A job that may be stopped ends before its time."""
    running = await bench.started(SLEEP)
    task = await bench.task(running)
    assert task is not None
    if bench.info.capabilities.cancel and task.stoppable is not False:
        await bench.backend.act(Action.CANCEL, running)
        await bench.until(running, *FINISHED)


@check
async def answers_to_classic_paths(bench: ContractRun) -> None:
    """Every version knows the classic paths."""
    task = await bench.ended(QUICK)
    async with open_run(bench.stand, paths="classic") as classic:
        assert classic.backend.source.graphspace is None
        assert await classic.task(task.id) == task


@check
async def names_the_graphs_there_are(bench: ContractRun) -> None:
    """An unknown graph is NoSuchGraph, with a list where there is one, whatever the server makes of it."""
    source = bench.backend.source
    for paths in ("auto", "classic"):
        with pytest.raises(NoSuchGraph) as caught:
            async with open_run(bench.stand, graph="no_such_graph", paths=paths):
                pass
        assert (source.graph in caught.value.graphs) == bench.stand.lists


@check
async def runs_a_job_to_its_end(bench: ContractRun) -> None:
    """A submitted script ends as a success, with all its fields and its result."""
    task = await bench.ended(QUICK)
    assert (task.status, task.raw_status, task.type, task.name) == (
        TaskStatus.SUCCESS,
        "success",
        "gremlin",
        QUICK,
    )
    assert task.created is not None
    assert task.duration is not None
    assert (task.retries, task.decode_error) == (0, None)
    assert task.server is None if bench.stand.distributed else task.server
    detail = await bench.backend.detail(task.id, cap=100_000)
    assert detail.input is not None
    assert json.loads(detail.input)["gremlin"] == QUICK
    assert detail.callable is not None
    assert detail.callable.endswith(".GremlinJob")
    assert not detail.truncated
    assert detail.result
    assert detail.task == task


@check_everywhere
async def tells_why_a_job_failed(bench: ContractRun) -> None:
    """A failure's result is the exception."""
    task = await bench.ended(BOOM)
    assert (task.status, task.raw_status) == (TaskStatus.FAILED, "failed")
    detail = await bench.backend.detail(task.id, cap=100_000)
    assert detail.result is not None
    assert b"boom" in detail.result


@check_everywhere
async def gives_everything_in_a_snapshot(bench: ContractRun) -> None:
    """All tasks are in a snapshot, the unfinished in its first batch."""
    ids = [await bench.submit(QUICK) for _ in range(5)]
    running = await bench.started(SLEEP)
    batches = [batch async for batch in bench.backend.snapshot()]
    assert running in {task.id for task in batches[0].tasks}
    assert {*ids, running} <= {task.id for batch in batches for task in batch.tasks}
    assert not any(batch.note for batch in batches)


@check_everywhere
async def shows_new_tasks_in_the_next_refresh(bench: ContractRun) -> None:
    """What is submitted is in the next answer, and a quiet refresh brings nothing that is not known."""
    newest = (await bench.ended(QUICK)).id
    before = await bench.all_tasks()
    quiet = await bench.backend.changes(KnownTasks([], newest))
    assert (quiet.missing, quiet.stale) == (frozenset(), False)
    changed = [task for task in quiet.tasks if before.get(task.id) != task]
    # The server's own may run, and come on between two answers.
    assert [task for task in changed if task.status.is_finished or task.id not in before] == []
    ids = {await bench.submit(QUICK) for _ in range(60)}
    changes = await bench.backend.changes(KnownTasks([], newest))
    came = {task.id for task in changes.tasks}
    if changes.stale:
        # A server that takes seconds for each is asked for few at once: the others come with a scan.
        came |= (await bench.all_tasks()).keys()
    missed, others = ids - came, came - before.keys() - ids
    assert (missed, others) == (set(), set()), f"{len(missed)} missed, {len(others)} more, {changes.stale}"
    if newest.isdecimal():
        # A server that counts is asked for the next ids, so that nothing that is known is sent again.
        assert quiet.tasks == ()
        assert bench.stand.blockwise or min(map(int, ids)) == int(newest) + 1


@check
async def shows_the_first_task_of_an_emptied_graph(bench: ContractRun) -> None:
    """Ids go on after all tasks were deleted, and who comes then knows none of them."""
    await bench.ended(QUICK)
    emptied = list(await bench.all_tasks())
    for task_id in emptied:
        await bench.backend.act(Action.DELETE, task_id)
    for task_id in emptied:
        await bench.until_gone(task_id)
    async with open_run(bench.stand) as newcomer:
        assert await newcomer.all_tasks() == {}
        assert (await newcomer.backend.changes(KnownTasks([], None))).tasks == ()
        task_id = await bench.backend.submit(QUICK)
        changes = await newcomer.backend.changes(KnownTasks([], None))
        assert ([task.id for task in changes.tasks], changes.stale) == ([task_id], False)


@check_everywhere
async def follows_what_is_unfinished(bench: ContractRun) -> None:
    """A refresh tells of the unfinished, and which of them are gone."""
    running = await bench.started(SLEEP)
    changes = await bench.backend.changes(KnownTasks([running, "987654"], running))
    assert [task.status for task in changes.tasks if task.id == running] == [TaskStatus.RUNNING]
    assert (changes.missing, changes.stale) == ({"987654"}, False)


@check
async def cancels_a_running_job(bench: ContractRun) -> None:
    """A cancel ends in `cancelled` within the patience, whatever the server says to it."""
    running = await bench.started(SLEEP)
    answer = await bench.backend.act(Action.CANCEL, running)
    assert answer.code == (400 if bench.stand.distributed else 202)
    assert answer.accepted == (not bench.stand.distributed)
    task = await bench.until(running, TaskStatus.CANCELLED)
    assert task.raw_status == "cancelled"


@check
async def refuses_a_second_cancel_in_words(bench: ContractRun) -> None:
    """What has ended can't be cancelled."""
    task = await bench.ended(QUICK)
    answer = await bench.backend.act(Action.CANCEL, task.id)
    assert (answer.code, answer.accepted) == (400, False)
    assert answer.server_message == f"Can't cancel task '{task.id}' which is completed or cancelling"
    assert await bench.task(task.id) == task


@check
async def deletes_an_ended_task(bench: ContractRun) -> None:
    """A delete ends with the task gone, whatever the server says to it."""
    task = await bench.ended(QUICK)
    later = await bench.ended(QUICK)
    answer = await bench.backend.act(Action.DELETE, task.id)
    assert answer.code == (400 if bench.stand.distributed else 204)
    await bench.until_gone(task.id)
    with pytest.raises(NoSuchTask, match=task.id):
        await bench.backend.detail(task.id, cap=1000)
    changes = await bench.backend.changes(KnownTasks([task.id], later.id))
    assert (changes.missing, changes.stale) == ({task.id}, False)
    assert task.id not in await bench.all_tasks()


@check
async def does_as_its_scheduler_does_with_a_delete_of_a_running_job(bench: ContractRun) -> None:
    """The standard scheduler refuses in words; the distributed one refuses too, and obeys."""
    running = await bench.started(SLEEP)
    answer = await bench.backend.act(Action.DELETE, running)
    assert answer.code == 400
    if bench.stand.distributed:
        await bench.until_gone(running)
        return
    assert answer.server_message.startswith("Can't delete incomplete task")
    assert answer.confirm_within < 5
    task = await bench.task(running)
    assert task is not None
    assert task.status is TaskStatus.RUNNING


@check
async def force_deletes_a_running_job_where_it_can(bench: ContractRun) -> None:
    """With force the record is gone at once; without the ability nothing is sent."""
    running = await bench.started(SLEEP)
    if not bench.stand.forces:
        with pytest.raises(Unsupported):
            await bench.backend.act(Action.FORCE_DELETE, running)
        return
    await bench.backend.act(Action.CANCEL, running)
    await bench.until(running, TaskStatus.CANCELLED)
    answer = await bench.backend.act(Action.FORCE_DELETE, running)
    assert (answer.code, answer.accepted) == (204, True)
    await bench.until_gone(running)


@check
async def says_no_to_an_action_on_what_is_not_there(bench: ContractRun) -> None:
    """An unknown id is refused in words."""
    for action in (Action.CANCEL, Action.DELETE):
        answer = await bench.backend.act(action, "987654")
        assert not answer.accepted
        assert answer.code in ((400, 404, 500) if bench.stand.distributed else (404,))
        assert answer.server_message


@check
async def gives_a_detail_that_can_do_without_its_result(bench: ContractRun) -> None:
    """All but the result is there; the result is left out, or sent all the same and then as it is."""
    task = await bench.ended(QUICK)
    whole = await bench.backend.detail(task.id, cap=100_000)
    for _ in range(2):
        light = await bench.backend.detail(task.id, cap=100_000, result=False)
        assert (light.task, light.input, light.lost) == (whole.task, whole.input, False)
        assert light.result == (None if light.result_left_out else whole.result)


@check
async def cuts_a_large_result_at_the_cap(bench: ContractRun) -> None:
    """A detail over the cap keeps its row and the beginning of its result."""
    task = await bench.ended(BIG)
    whole = await bench.backend.detail(task.id, cap=10_000_000)
    assert whole.result is not None
    assert len(json.loads(whole.result)) == 20_000
    received: list[int] = []
    part = await bench.backend.detail(task.id, cap=50_000, progress=received.append)
    assert (part.truncated, len(part.raw)) == (True, 50_000)
    assert part.task == whole.task
    assert part.result is not None
    assert whole.result.startswith(part.result)
    assert received == sorted(received)


@check
async def streams_a_large_result_whole(bench: ContractRun) -> None:
    """A stream brings the very texts of the detail, piece by piece, and nothing of a task that is gone."""
    task = await bench.ended(BIG)
    whole = await bench.backend.detail(task.id, cap=10_000_000)
    assert whole.result is not None
    assert whole.input is not None
    for part, text in (("result", whole.result), ("input", whole.input.encode())):
        pieces = [piece async for piece in bench.backend.stream(task.id, part)]
        assert b"".join(pieces) == text
    await bench.backend.act(Action.DELETE, task.id)
    await bench.until_gone(task.id)
    with pytest.raises(NoSuchTask):
        await anext(bench.backend.stream(task.id, "result"))


@check_everywhere
async def wants_the_right_password(bench: ContractRun) -> None:
    """Where there is a login, a wrong one is NotLoggedIn; where there is none, any will do."""
    target = bench.stand.target
    wrong = Credentials("admin", lambda: "wrong")
    if target.credentials.user is None and not bench.stand.wrong:
        async with open_run(bench.stand, credentials=wrong) as anybody:
            assert await anybody.all_tasks() == await bench.all_tasks()
        return
    for credentials in bench.stand.wrong or (wrong, Credentials()):
        with pytest.raises(NotLoggedIn):
            async with open_run(bench.stand, credentials=credentials):
                pass
