"""One task with input and result: whole, huge, cut by the cap, strange."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters.errors import BadAnswer, NoSuchGraph, NoSuchTask, ServerFault, Unreadable
from backend_adapters.hugegraph import json_fields as fields
from backend_adapters.hugegraph.json_fields import read_fields
from backend_adapters.model import TaskStatus
from tests.adapters.scripted_computers import ScriptedComputers
from tests.adapters.scripted_servers import PREFIX, ScriptedServer, failure, record

INPUT = json.dumps({"gremlin": "g.V('é \"quoted\" 🚚')", "bindings": {}})


def full(number: int, **more) -> dict[str, object]:
    """A detail with the result in the middle, as 1.7.0 orders it."""
    head = {"task_name": "n", "task_create": 1, "task_status": "success", "task_update": 2}
    tail = {
        "task_retries": 0,
        "id": number,
        "task_type": "gremlin",
        "task_callable": "a.B",
        "task_input": INPUT,
    }
    return head | {"task_result": "[1]"} | more | tail


async def opened(*records):
    wire = ScriptedServer(records)
    backend = wire.backend()
    await backend.connect()
    return wire, backend, len(wire.requests)


async def test_a_whole_detail():
    wire, backend, mark = await opened(
        full(7, task_priority="HIGH", task_context='{"a":1}', new_field=[1, {}])
    )
    sizes: list[int] = []
    detail = await backend.detail("7", cap=10_000, progress=sizes.append)
    assert (detail.input, detail.result, detail.callable) == (INPUT, b"[1]", "a.B")
    assert detail.extra == (("priority", "HIGH"), ("context", '{"a":1}'))
    assert (detail.task.id, detail.task.duration, detail.truncated) == ("7", 1, False)
    assert detail.size == len(detail.raw) == sizes[-1]
    assert json.loads(detail.raw)["new_field"] == [1, {}]
    assert wire.since(mark) == [f"GET {PREFIX}/7"]


@pytest.mark.parametrize("status", ["success", "failed"])
async def test_a_result_that_is_stored_late_is_waited_for_and_read_once_more(monkeypatch, status):
    wire, backend, mark = await opened(full(7, task_status=status, task_result=None))
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        wire.records[7]["task_result"] = "[late]"

    monkeypatch.setattr(asyncio, "sleep", nap)
    assert (await backend.detail("7", cap=10_000)).result == b"[late]"
    assert naps == [0.3]
    assert wire.since(mark) == [f"GET {PREFIX}/7"] * 2


async def test_a_result_that_never_comes_is_asked_for_twice(monkeypatch):
    wire, backend, mark = await opened(full(7, task_result=None))

    async def nap(seconds: float) -> None:
        pass

    monkeypatch.setattr(asyncio, "sleep", nap)
    assert (await backend.detail("7", cap=10_000)).result is None
    assert wire.since(mark) == [f"GET {PREFIX}/7"] * 2


@pytest.mark.parametrize(
    ("status", "text"), [("running", None), ("cancelled", None), ("failed", b"boom"), ("success", b"")]
)
async def test_a_task_that_has_its_result_or_can_have_none_is_read_once(status, text):
    sent = None if text is None else text.decode()
    wire, backend, mark = await opened(full(7, task_status=status, task_result=sent))
    assert (await backend.detail("7", cap=10_000)).result == text
    assert wire.since(mark) == [f"GET {PREFIX}/7"]


async def test_a_detail_that_was_cut_before_its_result_is_not_read_again_for_it():
    wire, backend, mark = await opened(record(7) | {"task_input": "x" * 90_000, "task_result": "[1]"})
    detail = await backend.detail("7", cap=50_000)
    assert (detail.truncated, detail.result) == (True, None)
    assert wire.since(mark) == [f"GET {PREFIX}/7"]


async def test_a_cut_detail_of_a_task_that_is_gone_meanwhile_is_no_such_task():
    wire, backend, mark = await opened(full(7, task_result="x" * 90_000))
    wire.override = lambda request: (
        httpx.Response(200, json={"tasks": []}) if request.url.path == PREFIX else None
    )
    with pytest.raises(NoSuchTask, match=r"^graph\.example:8080/DEFAULT/hugegraph no longer has task 7\.$"):
        await backend.detail("7", cap=50_000)
    assert wire.since(mark) == [f"GET {PREFIX}/7", f"GET {PREFIX}"]


async def test_a_detail_over_the_cap_keeps_its_beginning_and_gets_its_row_from_the_list():
    result = json.dumps([f'vertex {n} "é"' for n in range(20_000)], ensure_ascii=False)
    wire, backend, mark = await opened(full(7, task_result=result))
    detail = await backend.detail("7", cap=50_000)
    assert detail.truncated
    assert len(detail.raw) == 50_000
    assert detail.result is not None
    assert result.encode().startswith(detail.result)
    assert len(detail.result) > 30_000
    assert (detail.task.id, detail.task.status) == ("7", TaskStatus.SUCCESS)
    assert wire.since(mark) == [f"GET {PREFIX}/7", f"GET {PREFIX}"]


async def test_a_detail_cut_after_all_that_matters_needs_no_second_request():
    wire, backend, mark = await opened(record(7) | {"task_input": INPUT, "task_result": "x" * 90_000})
    detail = await backend.detail("7", cap=50_000)
    assert (detail.truncated, detail.input, detail.task.id) == (True, INPUT, "7")
    assert detail.result is not None
    assert set(detail.result) == set(b"x")
    assert wire.since(mark) == [f"GET {PREFIX}/7"]


async def test_a_task_that_is_gone_and_a_graph_that_is_gone():
    wire, backend, _ = await opened()
    with pytest.raises(NoSuchTask, match="Can't find task with id '9'"):
        await backend.detail("9", cap=1000)
    wire.override = lambda request: failure(404, "x", "Can't find task with id '9'", trace=["a.b"] * 2000)
    with pytest.raises(NoSuchTask, match="Can't find task with id '9'"):
        await backend.detail("9", cap=10)
    mark = len(wire.requests)
    with pytest.raises(NoSuchTask, match='"ab" is not a HugeGraph task id'):
        await backend.detail("ab", cap=1000)
    assert wire.since(mark) == []
    wire.override = lambda request: failure(404, "x.NotFoundException", "Graph 'hugegraph' does not exist")
    with pytest.raises(NoSuchGraph, match="Graph 'hugegraph' does not exist"):
        await backend.detail("9", cap=1000)


@pytest.mark.parametrize(("body", "words"), [
    (b"<html>", "sent a web page instead of a task."),
    (b" <!doctype html><p>login</p>", "sent a web page instead of a task."),
    *((body, "sent a task that is truncated or not JSON.") for body in (
        b"", b'{"id": 7, "task_sta', b"[1]", b'"text"', b'{"id": \xff}', b"{", b"{}",
        b'{"id": 7, "task_status": "success"', b'{"id": 7, "task_result": "cut',
        b'{"id": 7, "task_dependencies": [1, ',
        rb'{"task_result": "a\uZZZZ", "id": 7}', rb'{"id": 7, "task_result": "a\uZZZZ" and so on',
    )),
])  # fmt: skip
async def test_what_is_no_task_is_a_bad_answer(body, words):
    wire, backend, mark = await opened(full(7))
    wire.override = lambda request: httpx.Response(200, content=body)
    with pytest.raises(BadAnswer) as caught:
        await backend.detail("7", cap=1000)
    assert str(caught.value) == f"graph.example:8080/DEFAULT/hugegraph {words}"
    assert len(wire.requests) - mark == 1


@pytest.mark.parametrize("body", [b"", b"[1]", b'"text"', b"x"])
async def test_what_is_no_task_stays_a_bad_answer_when_it_is_longer_than_the_cap(body):
    wire, backend, _ = await opened(full(7))
    wire.override = lambda request: httpx.Response(200, content=body + b" " * 200)
    with pytest.raises(BadAnswer, match="sent a task that is truncated or not JSON"):
        await backend.detail("7", cap=100)


async def test_a_text_that_stops_being_json_in_a_later_block_is_kept_up_to_there(monkeypatch):
    monkeypatch.setattr(fields, "STRING_BLOCK", 8)
    body = rb'{"id": 7, "task_result": "12345678abc\uZZZZ", "task_status": "new"}'
    assert await read_fields(body) == ({"id": 7, "task_result": "12345678abc"}, False)


ODD_IDS = [
    None, b"null", b"[7]", b"{}", b"1e400", b"NaN", b"true", b"1.5", b'"x"', b'"\xff"',
    b"9" * 30, b"9" * 5000,
]  # fmt: skip


def without_id(odd: bytes | None, **more) -> bytes:
    """A detail that is as it should be but for its id, which is the last field."""
    row = {key: value for key, value in full(7, **more).items() if key != "id"}
    return json.dumps(row)[:-1].encode() + (b"}" if odd is None else b', "id": %b}' % odd)


@pytest.mark.parametrize("odd", ODD_IDS)
@pytest.mark.parametrize("kind", ["gremlin", "computer-dis"])
async def test_a_detail_without_an_id_that_can_be_read_is_unreadable(odd, kind):
    wire = ScriptedComputers([full(7)])
    backend = wire.computer() if kind == "computer-dis" else wire.backend()
    await backend.connect()
    wire.override = lambda request: httpx.Response(200, content=without_id(odd, task_type=kind))
    with pytest.raises(Unreadable) as caught:
        await backend.detail("7", cap=10_000)
    words = "graph.example:8080/DEFAULT/hugegraph sent task 7 without a readable id."
    assert str(caught.value) == words
    assert not caught.value.retryable


@pytest.mark.parametrize("odd", [b"8", b"-7", b'"8"', b"0"])
@pytest.mark.parametrize("cap", [500, 10_000])
async def test_the_detail_of_another_task_is_not_taken_for_the_one_asked_for(odd, cap):
    wire, backend, _ = await opened(full(7))
    body = b'{"id": %b, ' % odd + without_id(None)[1:-1] + b', "x": "%b"}' % (b"x" * 600)
    wire.override = lambda request: httpx.Response(200, content=body)
    with pytest.raises(
        Unreadable, match=rf"sent task {odd.decode().strip(chr(34))} when asked for task 7\.$"
    ):
        await backend.detail("7", cap=cap)


async def test_a_cut_detail_whose_row_is_listed_without_an_id_is_unreadable():
    wire, backend, _ = await opened(full(7, task_result="x" * 90_000))
    wire.override = lambda request: (
        httpx.Response(200, json={"tasks": [{"id": None, "task_status": "success"}]})
        if request.url.path == PREFIX
        else None
    )
    with pytest.raises(Unreadable, match=r"sent task 7 without a readable id\.$"):
        await backend.detail("7", cap=50_000)


async def test_a_failure_of_the_server_keeps_its_trace():
    wire, backend, _ = await opened(full(7))
    wire.override = lambda request: failure(500, "java.lang.Error", "boom", trace=["a.b", "c.d"])
    with pytest.raises(ServerFault, match="boom") as caught:
        await backend.detail("7", cap=1000)
    assert caught.value.trace == "a.b\nc.d"


async def test_wrong_types_in_a_detail_are_named_and_the_rest_is_shown():
    _, backend, _ = await opened(full(7, task_create="when?", task_result=None, task_dependencies=[3, "4"]))
    detail = await backend.detail("7", cap=10_000)
    assert detail.input == INPUT
    assert detail.task.dependencies == ("3", "4")
    assert detail.task.decode_error is not None
    assert 'task_create is "when?"' in detail.task.decode_error


@pytest.mark.parametrize("depth", [100, 900, 960, 990, 10_000])
async def test_what_is_nested_too_deeply_in_a_detail_hides_nothing_else(depth):
    deep = '[{"é]": ' * (depth // 2) + "1" + "}]" * (depth // 2)
    body = (
        json.dumps(full(7))[:-1] + f', "task_dependencies": {deep}, "extra": {deep}, "task_priority": "LOW"}}'
    )
    wire, backend, _ = await opened(full(7))
    wire.override = lambda request: httpx.Response(200, content=body.encode())
    found = await backend.detail("7", cap=1_000_000)
    assert (found.task.id, found.result, found.extra) == ("7", b"[1]", (("priority", "LOW"),))
    assert "task_dependencies is " in (found.task.decode_error or "")


async def test_a_huge_result_lets_others_run_after_each_block():
    body = json.dumps(full(7, task_result=json.dumps([{"name": "vertex é"} for _ in range(100_000)])))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count())
    read, whole = await read_fields(body.encode())
    counting.cancel()
    assert whole
    assert read == json.loads(body)
    assert turns >= len(body) // fields.STRING_BLOCK > 20


FIELDS = st.dictionaries(
    st.text(max_size=8),
    st.text(max_size=80)
    | st.integers()
    | st.booleans()
    | st.none()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(st.integers() | st.text(max_size=4), max_size=3)
    | st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
    max_size=6,
)


@settings(deadline=None)
@given(FIELDS, st.booleans(), st.integers(min_value=12, max_value=40))
def test_any_object_is_read_as_json_reads_it_whatever_the_block(record, ascii_only, block):
    body = json.dumps(record, ensure_ascii=ascii_only).encode()
    old, fields.STRING_BLOCK = fields.STRING_BLOCK, block
    try:
        assert asyncio.run(read_fields(body)) == (record, True)
    finally:
        fields.STRING_BLOCK = old


@pytest.mark.parametrize("end", ["x", "é", "🚚", "\\", '"', "\\\\\\", "\\" * 40])
@pytest.mark.parametrize("ascii_only", [True, False])
async def test_what_stands_at_the_edge_of_a_block_is_read_whole(monkeypatch, end, ascii_only):
    monkeypatch.setattr(fields, "STRING_BLOCK", 64)
    for length in (*range(48, 70), *range(112, 134)):
        record = {"task_result": "x" * length + end * 3, "id": 7}
        body = json.dumps(record, ensure_ascii=ascii_only).encode()
        assert await read_fields(body) == (record, True)


@pytest.mark.parametrize(("size", "whole"), [(65_536, True), (65_537, False)])
async def test_of_a_field_that_is_no_text_sixty_four_kilobytes_are_read(size, whole):
    value = f'["é", "{"x" * (size - 10)}"]'
    assert len(value.encode()) == size
    body = f'{{"id": 7, "task_dependencies": {value}, "z": 1}}'.encode()
    assert await read_fields(body) == (json.loads(body) if whole else {"id": 7}, whole)


@settings(deadline=None)
@given(FIELDS, st.booleans(), st.data())
def test_any_cut_object_gives_whole_fields_and_the_beginning_of_one(record, ascii_only, data):
    body = json.dumps(record, ensure_ascii=ascii_only).encode()
    cut = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    read, whole = asyncio.run(read_fields(body[:cut]))
    assert not whole
    for key, value in read.items():
        wanted = record[key]
        if isinstance(wanted, str):
            assert isinstance(value, str)
            assert wanted.startswith(value.rstrip("\ufffd"))  # bytes of a character that was cut
        else:
            assert value == wanted


@pytest.mark.parametrize(("status", "result", "lost"), [
    ("failed", None, True), ("failed", "java.lang.Error: boom", False), ("cancelled", None, False),
])  # fmt: skip
async def test_a_failure_that_left_no_result_is_one_of_a_lost_server(status, result, lost):
    _, backend, _ = await opened(full(7, task_status=status, task_result=result))
    assert (await backend.detail("7", cap=10_000)).lost is lost


async def test_a_failure_that_the_cap_cut_is_not_called_lost():
    _, backend, _ = await opened(full(7, task_status="failed", task_result="x" * 5_000))
    detail = await backend.detail("7", cap=300)
    assert (detail.truncated, detail.lost) == (True, False)


@pytest.mark.parametrize("last", ["task_name", "task_type", "task_description"])
async def test_a_text_of_the_row_that_the_cap_cut_is_taken_from_the_list(last):
    """Half a name would be another task's."""
    left_out = ("task_input", "task_callable", last)
    row = {key: value for key, value in full(7).items() if key not in left_out} | {last: "whole " * 20}
    _, backend, _ = await opened(row)
    detail = await backend.detail("7", cap=len(json.dumps(row)) - 30)
    (listed,) = (await backend.look(["7"])).tasks
    assert detail.truncated
    assert detail.task == listed
