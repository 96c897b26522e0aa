"""List records of all kinds of shape: the good ones are read fast, and a bad one hides no other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import httpx
import msgspec
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import BadAnswer
from backend_adapters.hugegraph.fetched_tasks import FetchedTasks, read_again_in_halves
from backend_adapters.hugegraph.pages import read_blocks
from backend_adapters.hugegraph.records import repair_record, repair_task
from backend_adapters.model import ODD_ID, Task, TaskExtras, TaskStatus
from tests.adapters.scripted_servers import ScriptedServer, failure, ids_of, record
from tests.unit.fakes import task


async def look(*raw: str | dict[str, object]) -> tuple[Task, ...]:
    """What a list of these records is read as."""
    texts = [text if isinstance(text, str) else json.dumps(text) for text in raw]
    batches = await scanned(f'{{"tasks":[{",".join(texts)}],"page":null}}'.encode())
    return batches[-1].tasks


async def scanned(body: bytes):
    wire = ScriptedServer()
    wire.override = lambda request: (
        httpx.Response(200, content=body)
        if request.url.params.get("page") == "" and "status" not in request.url.params
        else None
    )
    return [batch async for batch in wire.backend().snapshot()]


async def test_a_record_becomes_a_task():
    (task,) = await look(
        record(42, "running", task_description="d", task_dependencies=[1, 2], task_progress=9, task_retries=3)
    )
    assert task == Task(
        id="42",
        type="gremlin",
        name="g.V(42)",
        status=TaskStatus.RUNNING,
        raw_status="running",
        created=1772000000042,
        updated=1772000001042,
        progress=9,
        retries=3,
        server="server-1",
        extras=TaskExtras(description="d", dependencies=("1", "2")),
    )


WORDS = "new scheduling scheduled queued restoring hanging running cancelling deleting success failed"


@pytest.mark.parametrize("word", [*WORDS.split(), "cancelled"])
async def test_every_status_is_known_in_either_case(word):
    lower, upper = await look(record(1, word), record(2, word.upper()))
    assert lower.status is upper.status is TaskStatus(word)
    assert upper.raw_status == word.upper()


async def test_unknown_statuses_keep_their_word():
    pending, new, partial = await look(record(1, "pending"), record(2, "teleporting"), record(3, "partial"))
    assert (pending.status, pending.raw_status) == (TaskStatus.HANGING, "pending")
    assert (new.status, new.raw_status, new.decode_error) == (TaskStatus.UNKNOWN, "teleporting", None)
    assert partial.status is TaskStatus.UNKNOWN


async def test_ids_of_all_kinds():
    tasks = await look(record(-3), record(2**40), record("77"), record(1.0))
    assert [task.id for task in tasks] == ["-3", "1099511627776", "77", "1"]
    assert [task.decode_error for task in tasks] == [ODD_ID, None, None, None]


async def test_missing_and_extra_fields_are_fine():
    (task,) = await look({"id": 5, "task_status": "new", "task_context": {"deep": [1]}, "x": None})
    assert (task.id, task.type, task.name, task.created, task.updated) == ("5", "", "", None, None)
    assert task.decode_error is None


@pytest.mark.parametrize(("text", "millis"), [
    ("2026-02-25 07:33:20.123", 1772004800123),
    ("2026-02-25T07:33:20+08:00", 1771976000000),
    ("1772000000123", 1772000000123),
    ("253402300799999", 253_402_300_799_999),
    ("0", None), (0, None), (1, 1), ("1970-01-01 00:00:00.000", None),
])  # fmt: skip
async def test_dates_as_texts(text, millis):
    (task,) = await look(record(1, task_create=text))
    assert (task.created, task.decode_error) == (millis, None)


@pytest.mark.parametrize("bad", [
    {"task_create": "yesterday"}, {"task_create": 10**30}, {"task_create": 253_402_300_800_000},
    {"task_create": -1}, {"task_update": "-1"}, {"task_update": {}}, {"task_status": None},
    {"task_status": 7}, {"task_name": ["x"]}, {"task_progress": "half"}, {"task_dependencies": "no"},
])  # fmt: skip
async def test_a_bad_field_is_a_fault_of_that_record_alone(bad):
    good, broken, other = await look(record(1), record(2, **{"task_status": "failed"} | bad), record(3))
    assert (good.decode_error, other.decode_error) == (None, None)
    assert broken.id == "2"
    assert broken.decode_error is not None
    assert next(iter(bad)) in broken.decode_error


async def test_a_record_without_a_status_says_so():
    (task,) = await look({"id": 5})
    assert task.decode_error is not None
    assert "task_status is missing" in task.decode_error


async def test_a_name_that_ends_with_half_a_character_is_no_fault():
    (task,) = await look('{"id":1,"task_status":"new","task_name":"cut \\ud83d"}')
    assert (task.name, task.decode_error) == ("cut \ufffd", None)


async def test_a_fault_shows_no_secret_and_no_endless_value():
    (task,) = await look(record(1, task_progress={"password": "hunter2", "x": "y" * 1000}))
    assert task.decode_error is not None
    assert "hunter2" not in task.decode_error
    assert len(task.decode_error) < 200


@pytest.mark.parametrize(("length", "shown"), [
    (58, "y" * 58 + '"'), (59, "y" * 58 + "…"), (300, "y" * 58 + "…"),
])  # fmt: skip
async def test_of_a_value_that_cannot_be_read_sixty_characters_are_shown(length, shown):
    (task,) = await look(record(1, task_progress="y" * length))
    assert task.decode_error == f'The server sent invalid fields: task_progress is "{shown}.'


async def test_a_date_is_read_beside_a_field_that_cannot_be():
    (task,) = await look(record(1, task_create="2026-02-25 07:33:20.123", task_progress="é"))
    assert task.created == 1772004800123
    assert task.decode_error == 'The server sent invalid fields: task_progress is "é".'


def test_a_value_that_is_nested_too_deeply_is_named_without_it():
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    wire, fault = repair_record({"id": 7, "task_status": "new", "task_progress": value})
    assert (wire["id"], fault) == (
        7,
        "The server sent invalid fields: task_progress is nested too deeply.",
    )


async def test_all_fields_that_cannot_be_read_are_named_in_order():
    (task,) = await look({"id": 5, "task_update": "never", "task_create": [], "task_server": "s"})
    assert task.decode_error == (
        'The server sent invalid fields: task_create is [], task_status is missing, task_update is "never".'
    )
    assert (task.server, task.status, task.raw_status) == ("s", TaskStatus.UNKNOWN, "unknown")


async def test_records_that_can_not_be_read_at_all_are_counted():
    batches = await scanned(
        b'{"tasks":[{"id":1,"task_status":"new"},null,7,{"id":"x"},{"name":"n"}],"page":null}'
    )
    assert [task.id for task in batches[-1].tasks] == ["1"]
    assert batches[-1].partial == "4 records of the list couldn't be read because they have no id."


PAGE = "sent a web page instead of a list of tasks."
CUT = "sent a list that is truncated or not JSON."
NO_LIST = "sent JSON that is not a list of tasks."


@pytest.mark.parametrize(("body", "words"), [
    (b"<html><body>login</body></html>", PAGE),
    (b'{"tasks":[{"id":1,"task_st', CUT),
    (b"", CUT),
    (b'{"tasks":null}', NO_LIST),
    (b'{"tasks":{"id":1}}', NO_LIST),
    (b'{"vertices":[]}', NO_LIST),
    (b"[]", NO_LIST),
    (b'{"tasks":"\xff"}', NO_LIST),
    (b'{"tasks":[],"page":7}', NO_LIST),
    (b'{"tasks":[' + b"[" * 100_000, CUT),
])  # fmt: skip
async def test_what_is_no_list_is_a_bad_answer(body, words):
    with pytest.raises(BadAnswer) as caught:
        await scanned(body)
    assert str(caught.value) == f"graph.example:8080/DEFAULT/hugegraph {words}"


async def test_between_the_blocks_of_a_long_page_others_have_their_turn():
    turns, seen = 0, []

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.ensure_future(take_turns())
    await asyncio.sleep(0)
    async for _ in read_blocks([msgspec.Raw(json.dumps(record(n)).encode()) for n in range(1, 1202)]):
        seen.append(turns)
    other.cancel()
    assert len(seen) == 4
    assert seen == sorted(set(seen))


async def test_bytes_that_are_no_characters_cost_no_record():
    batches = await scanned(
        b'{"tasks":[{"id":1,"task_status":"new","task_name":"a\xff\xe5\x9b"},'
        b'{"id":2,"task_status":"new","task_name":"cut \\ud83d"}],"page":null}'
    )
    assert [task.name for task in batches[-1].tasks] == ["a\ufffd\ufffd", "cut \ufffd"]


@pytest.mark.parametrize("count", [399, 400, 401, 800, 801])
async def test_a_long_page_is_read_in_blocks_and_no_record_of_it_is_lost(count):
    records = [json.dumps(record(n)) for n in range(1, count + 1)]
    batches = await scanned(f'{{"tasks":[{",".join(records)}],"page":null}}'.encode())
    ids = [task.id for batch in batches[1:] for task in batch.tasks]
    assert ids == [str(n) for n in range(1, count + 1)]
    assert max(len(batch.tasks) for batch in batches[1:]) <= 400


async def test_an_unfinished_task_whose_record_can_not_be_read_is_not_called_missing():
    wire = ScriptedServer([record(1, "running")])
    backend = wire.backend()
    await backend.connect()
    wire.override = lambda request: httpx.Response(
        200, content=b'{"tasks":[{"id":null,"task_status":"new"}]}'
    )
    changes = await backend.changes(KnownTasks(["1"], "1"))
    assert (changes.missing, changes.stale) == (frozenset(), False)


async def test_a_list_over_the_cap_says_so(monkeypatch):
    wire = ScriptedServer([record(1)])
    backend = wire.backend()
    await backend.connect()
    monkeypatch.setattr("backend_adapters.hugegraph.client.LIST_CAP", 100)
    looked = await backend.look(["1"])
    assert [task.status for task in looked.tasks] == [TaskStatus.UNREADABLE]
    assert "more than 100 bytes, which is too long to read" in (looked.tasks[0].decode_error or "")


def nested(depth: int) -> str:
    """A record with a name that no reader of a usual size of stack gets through."""
    return f'{{"id":2,"task_status":"new","task_name":{"[" * depth}{"]" * depth}}}'


def test_a_record_that_is_nested_too_deeply_has_a_fault():
    # How deep is too deep differs between versions of Python.
    for depth in (*range(150, 1000), 100_000):
        task = repair_task(nested(depth).encode())
        assert task is not None
        assert task.decode_error is not None


@pytest.mark.parametrize("depth", [*range(880, 1000, 3), 5000, 100_000])
async def test_a_nested_record_never_hides_the_others(depth):
    batches = await scanned(
        f'{{"tasks":[{{"id":1,"task_status":"new"}},{nested(depth)}],"page":null}}'.encode()
    )
    assert [task.id for task in batches[-1].tasks] == ["1", "2"]
    assert batches[-1].tasks[1].decode_error is not None


@pytest.mark.parametrize("odd", ["NaN", "1e400", "-Infinity", "9" * 5000])
async def test_what_is_no_number_is_a_fault_of_its_record_alone(odd):
    bad = f'{{"id":2,"task_status":"new","task_progress":{odd}}}'
    good, other = await look({"id": 1, "task_status": "new"}, bad)
    assert (good.id, good.decode_error, other.id) == ("1", None, "2")
    assert (other.decode_error or "").startswith(
        f'The server sent invalid fields: task_progress is "{odd[:9]}'
    )


@pytest.mark.parametrize("odd", ["true", "9" * 19, "-" + "9" * 30, "1e400", "NaN", "[7]", "1.5", "null"])
async def test_what_is_no_long_is_no_id(odd):
    batches = await scanned(f'{{"tasks":[{{"id":{odd},"task_status":"new"}},{nested(2)}]}}'.encode())
    assert [task.id for task in batches[-1].tasks] == ["2"]
    assert batches[-1].partial == "1 record of the list couldn't be read because it has no id."
    (task,) = await look(record(3, task_dependencies=[True]))
    assert (task.dependencies, task.decode_error) == (
        (),
        "The server sent invalid fields: task_dependencies is [true].",
    )


async def test_lost_records_are_counted_over_all_pages():
    wire = ScriptedServer()
    pages = {
        "": b'{"tasks":[null,7],"page":"a"}',
        "a": b'{"tasks":[{"id":1,"task_status":"new"},null],"page":"b"}',
        "b": b'{"tasks":[{"id":2,"task_status":"new"}],"page":null}',
    }
    wire.override = lambda request: (
        httpx.Response(200, content=pages[request.url.params["page"]])
        if "page" in request.url.params and "status" not in request.url.params
        else None
    )
    why = [batch.partial async for batch in wire.backend().snapshot()]
    assert [words[:9] for words in why[-3:]] == ["2 records", "3 records", "3 records"]


def losing(wire: ScriptedServer, *lost: int) -> None:
    """Let the records of these ids come without an id, wherever they are asked for."""

    def override(request: httpx.Request) -> httpx.Response | None:
        asked = ids_of(request)
        if not set(asked) & set(lost):
            return None
        rows = [
            None if number in lost else wire.records[number] for number in asked if number in wire.records
        ]
        return httpx.Response(200, json={"tasks": rows})

    wire.override = override


@pytest.mark.parametrize("lost", [(8,), (8, 450), (1, 2, 999)])
async def test_a_lost_record_is_told_from_the_ids_that_are_not_there(lost):
    wire = ScriptedServer(record(number) for number in range(1, 1000, 1))
    backend = wire.backend()
    await backend.connect()
    losing(wire, *lost)
    asked = [str(number) for number in range(1, 1400)]
    looked = await backend.look(asked)
    assert {task.id for task in looked.tasks} == {str(n) for n in range(1, 1000) if n not in lost}
    assert looked.missing == {str(n) for n in range(1000, 1400)}
    assert looked.note == ("1 record" if len(lost) == 1 else f"{len(lost)} records") + " could not be read."
    mark = len(wire.requests)
    still = await backend.look([*map(str, lost), "3"])
    assert (still.missing, [task.id for task in still.tasks]) == (frozenset(), ["3"])
    assert len(wire.requests) - mark <= 2 * len(lost), "what is known to be there is not asked for again"


async def test_what_else_was_found_is_kept_while_lost_records_are_told_apart():
    async def read(numbers: Sequence[int]) -> FetchedTasks:
        return FetchedTasks({number: task(number) for number in numbers if number == 2})

    kept = {"possible_tasks": {5: task(5)}, "skipped": frozenset([6])}
    found = FetchedTasks({1: task(1)}, unidentified=1, unanswered=frozenset([2, 3]), **kept)
    assert await read_again_in_halves(found, read) == FetchedTasks(
        {1: task(1), 2: task(2)}, unanswered=frozenset(), **kept
    )


async def test_a_poll_asks_nothing_again_for_lost_records_and_calls_only_others_missing():
    wire = ScriptedServer([record(1, "running"), record(2, "running")])
    backend = wire.backend()
    await backend.connect()
    losing(wire, 2)
    mark = len(wire.requests)
    changes = await backend.changes(KnownTasks(["1", "2"], "2"))
    assert (changes.missing, changes.note) == (frozenset(), "1 record could not be read.")
    assert len(wire.requests) - mark == 1


async def test_an_id_that_no_long_holds_spoils_no_other():
    wire = ScriptedServer([record(8)])
    backend = wire.backend()
    await backend.connect()
    wire.override = lambda request: (
        failure(404, "java.lang.NumberFormatException", "For input string")
        if any(not -(2**63) <= number < 2**63 for number in ids_of(request))
        else None
    )
    looked = await backend.look(["8", str(2**63), str(-(2**63) - 1), str(2**63 - 1)])
    assert [task.id for task in looked.tasks] == ["8"]
    assert looked.missing == {str(2**63), str(-(2**63) - 1), str(2**63 - 1)}


async def test_records_lost_in_polls_and_looks_are_told():
    wire = ScriptedServer([record(1, "running")])
    backend = wire.backend()
    await backend.connect()
    assert (await backend.changes(KnownTasks(["1"], "1"))).note == ""
    assert (await backend.look(["1", "2"])).note == ""
    wire.override = lambda request: httpx.Response(200, content=b'{"tasks":[{"id":null},7],"page":null}')
    assert (await backend.changes(KnownTasks(["1"], "1"))).note == "2 records could not be read."
    looked = await backend.look(["1"])
    assert (looked.note, looked.missing) == ("2 records could not be read.", frozenset())
