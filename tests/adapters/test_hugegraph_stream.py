"""One text of a task as a stream: unescaped as it comes, however it is cut into pieces."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend_adapters.errors import BadAnswer, NoSuchTask, ServerFault, TimedOut, Unreachable
from backend_adapters.hugegraph.text_stream import TextExtractor
from backend_adapters.transport.loose_json import replace_surrogates
from backend_adapters.transport.target import Timeouts
from tests.adapters.scripted_servers import ScriptedServer, failure, record


def pieces_of(body: bytes, cuts) -> list[bytes]:
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(places)]


def extracted(pieces, field: str = "task_result") -> bytes:
    text = TextExtractor(field)
    given = b"".join([text.feed_chunk(piece) for piece in pieces])
    assert text.is_done
    return given


PLAIN = st.text(st.characters(), max_size=30)
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(PLAIN | st.just("task_result"), inner, max_size=3)
    ),
    max_leaves=6,
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    NESTED.map(json.dumps),
    NESTED.map(lambda value: json.dumps(json.dumps(value))),
    st.text('\\"u0d8D/{}[]:,\n\x00é🚚', max_size=60),
)
FIELDS = st.dictionaries(
    st.sampled_from(["id", "task_input", "a\\", 'q"', "é", "x" * 1200]) | PLAIN, NESTED, max_size=4
)


@settings(max_examples=400, deadline=None)
@given(fields=FIELDS, text=TEXTS, ascii_=st.booleans(), cuts=st.lists(st.integers(0, 10_000), max_size=12))
@example(fields={}, text="\ud83d\ude9a \ud83d", ascii_=True, cuts=list(range(60)))
@example(fields={"a": "\\"}, text='\\" \\\\" 🚚', ascii_=False, cuts=list(range(90)))
def test_it_gives_what_a_json_decoder_gives(fields, text, ascii_, cuts):
    fields.pop("task_result", None)
    before = json.dumps(fields, ensure_ascii=ascii_)[:-1] + ("," if fields else "")
    body = before + '"task_result":' + json.dumps(text, ensure_ascii=ascii_) + ',"task_type":"gremlin"}'
    sent = body.encode("utf-8", "replace")
    expected = json.loads(sent)["task_result"]
    assert extracted(pieces_of(sent, cuts)).decode() == replace_surrogates(expected)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_every_cut_of_every_escape(size):
    text = 'a"b\\c\n\x00\x7f é 图 🚚 \u2028 "\\u0041" \ud83d x'
    for ascii_ in (True, False):
        sent = json.dumps({"id": 1, "task_result": text, "z": [1]}, ensure_ascii=ascii_).encode(
            "utf-8", "replace"
        )
        given = extracted([sent[at : at + size] for at in range(0, len(sent), size)])
        assert given.decode() == replace_surrogates(json.loads(sent)["task_result"])


@pytest.mark.parametrize("number", [0x10000, 0x10FFFF, 0xD7FF, 0xE000, 0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_the_first_and_last_characters_of_every_kind_at_the_edge_of_a_piece(number):
    character = chr(number)
    sent = json.dumps({"task_result": f"a{character}b"}).encode()
    for cut in range(len(sent)):
        given = extracted([sent[:cut], sent[cut:]])
        assert given.decode() == replace_surrogates(f"a{character}b")


def test_half_a_character_waits_for_the_next_piece_only():
    text = TextExtractor("task_result")
    assert text.feed_chunk(rb'{"task_result": "a\ud800') == b"a"
    assert text.feed_chunk(rb"\udc00b") == "\U00010000b".encode()
    assert text.feed_chunk(rb"\udbffx") == "\ufffdx".encode()
    assert text.feed_chunk(rb'\ud83d"') == "\ufffd".encode()
    assert text.is_done


@pytest.mark.parametrize("name", ["x" * 999, "x" * 1000, "x" * 1001, "x" * 3000, '\\"' * 400])
def test_a_name_of_any_length_is_read_over(name):
    sent = json.dumps({name: "no", "task_result": "yes"}).encode()
    for size in (1, 100, 999, 5000):
        assert extracted([sent[at : at + size] for at in range(0, len(sent), size)]) == b"yes"


def test_little_is_held_of_a_long_name():
    text = TextExtractor("task_result")
    text.feed_chunk(b'{"')
    for _ in range(100):
        text.feed_chunk(b"x" * 100)
        assert len(text._text) - text._read <= 1100
    assert text.feed_chunk(b'": 1, "task_result": "yes"') == b"yes"


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ('{"task_result": null, "id": 1}', ""),
        ('{"id": 1}', ""),
        ("{}", ""),
        ('{"task_result": ""}', ""),
        ('{"other": {"task_result": "no"}, "task_result": "yes"}', "yes"),
        ('{"other": "task_result", "task_result": "yes"}', "yes"),
        ('{"task\\u005fresult" : "yes"}', "yes"),
        ('{"task_result": "raw \n end of line"}', "raw \n end of line"),
        ('{"task_result": ["no", {"task_result": "no"}], "id": 1}', ""),
        ('{"id": [1, "task_result", "no"], "task_result": "yes"}', "yes"),
        ('{"id": [[1, 2], "x"], "task_result": "yes", "z": "no"}', "yes"),
    ],
)
def test_where_the_text_is_and_where_it_is_not(body, given):
    assert extracted([body.encode()]).decode() == given
    assert extracted([body[at : at + 1].encode() for at in range(len(body))]).decode() == given


def test_bytes_that_are_no_characters_are_replaced():
    assert extracted([b'{"task_result": "a\xff', b"\xe5\x9b", b'b"}']).decode() == "a\ufffd\ufffdb"


@pytest.mark.parametrize("bad", ["\\uZZZZ", "\\u12_456", '\\u12", "id": 7}'])
def test_what_is_no_escape_is_no_json(bad):
    text = TextExtractor("task_result")
    with pytest.raises(ValueError, match="no escape"):
        text.feed_chunk(f'{{"task_result": "a{bad}'.encode())


@pytest.mark.parametrize("half", ["\\", "\\u", "\\u00e"])
def test_half_an_escape_is_waited_for(half):
    text = TextExtractor("task_result")
    assert text.feed_chunk(f'{{"task_result": "a{half}'.encode()) == b"a"
    assert not text.is_done


def test_little_is_held_of_a_long_text():
    text = TextExtractor("task_input")
    text.feed_chunk(b'{"task_result": "')
    for _ in range(1000):
        text.feed_chunk(b'x\\"\\u00e9' * 100)
    assert text.feed_chunk(b'", "task_input": "here') == b"here"
    assert len(text._text) - text._read < 10


# Through the adapter.


async def opened(*records):
    wire = ScriptedServer(records)
    backend = wire.backend(timeouts=Timeouts(connect=1, read=0.3))
    await backend.connect()
    return wire, backend


def in_detail(answer: httpx.Response):
    """The answer to what asks for a task; for results alone this server has no path."""
    return lambda request: None if request.url.path.endswith("/result") else answer


async def whole(backend, task_id: str = "7", part="result") -> bytes:
    return b"".join([piece async for piece in backend.stream(task_id, part)])


async def test_input_and_result_of_a_task():
    _, backend = await opened(record(7, task_result="[1]" * 90_000, task_input='{"gremlin": "g"}'))
    assert await whole(backend) == b"[1]" * 90_000
    assert await whole(backend, part="input") == b'{"gremlin": "g"}'
    pieces = [piece async for piece in backend.stream("7", "result")]
    assert len(pieces) > 2
    await backend.aclose()


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (failure(404, "NotFoundException", "Can't find task with id '7'"), NoSuchTask, "has no such task"),
        (failure(500, "Boom", "boom"), ServerFault, "answered 500: boom"),
        (httpx.Response(200, content=b'{"task_result": "cut'), BadAnswer, "is truncated or not JSON"),
        (httpx.Response(200, content=b"<html>"), BadAnswer, "is truncated or not JSON"),
        (
            httpx.Response(200, content=rb'{"task_result": "\uZZZZ....."}'),
            BadAnswer,
            "a task that is not JSON",
        ),
    ],
)
async def test_what_can_go_wrong_is_an_error_of_ours(answer, error, words):
    wire, backend = await opened()
    wire.override = in_detail(answer)
    with pytest.raises(error, match=f"^graph.example:8080/DEFAULT/hugegraph .*{words}"):
        await whole(backend)
    await backend.aclose()


async def test_an_impossible_id_is_no_task_and_not_asked_for():
    wire, backend = await opened()
    mark = len(wire.requests)
    with pytest.raises(NoSuchTask, match='"abc" is not a HugeGraph task id'):
        await whole(backend, "abc")
    assert wire.since(mark) == []


class Slow(httpx.AsyncByteStream):
    """A body that comes to a standstill, or breaks; it notes that it was closed."""

    def __init__(self, end: Exception | None = None) -> None:
        self.closed = False
        self.stands = asyncio.Event()
        self._end = end

    async def __aiter__(self):
        yield b'{"task_result": "' + b"x" * 100_000
        if self._end is not None:
            raise self._end
        self.stands.set()
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("end", "error"), [(httpx.ReadTimeout("late"), TimedOut), (httpx.ReadError("broken"), Unreachable)]
)
async def test_a_stream_that_breaks_says_so_after_what_has_come(end, error):
    wire, backend = await opened()
    body = Slow(end)
    wire.override = in_detail(httpx.Response(200, stream=body))
    came: list[bytes] = []

    async def read() -> None:
        async for piece in backend.stream("7", "result"):
            came.append(piece)

    with pytest.raises(error):
        await read()
    assert came
    assert body.closed


async def test_a_stream_that_is_left_early_ends_its_request():
    wire, backend = await opened()
    body = Slow()
    wire.override = in_detail(httpx.Response(200, stream=body))
    stream = backend.stream("7", "result")
    assert await anext(stream)
    await stream.aclose()
    assert body.closed
    await backend.aclose()


async def test_closing_the_connections_ends_a_stream():
    wire, backend = await opened()
    body = Slow()
    wire.override = in_detail(httpx.Response(200, stream=body))
    reading = asyncio.create_task(whole(backend))
    await body.stands.wait()
    await backend.aclose()
    with pytest.raises(Unreachable):
        await reading
    assert body.closed
