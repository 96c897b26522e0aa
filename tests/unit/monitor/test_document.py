"""Documents: what a server sent, as lines to be read."""

from __future__ import annotations

import asyncio
import json
import random
from array import array
from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_adapters.redaction import mask_secrets
from tui.monitor.document import index
from tui.monitor.document.lines import SHOWN_LENGTH, Document
from tui.monitor.document.loading import load_document, read_document
from tui.text import sanitize


def lines(shown: Document) -> list[str]:
    return [shown.line(number) for number in range(len(shown))]


def rows(number: int) -> str:
    return json.dumps([{"id": n, "name": f"用户 {n}"} for n in range(number)], ensure_ascii=False)


def test_json_is_indented_with_its_numbers_and_order_as_sent():
    shown = read_document('{"z":1.10,"a":[1,2],"b":{}}', "result")
    assert shown.kind == "json"
    assert lines(shown) == ["{", '  "z": 1.10,', '  "a": [', "    1,", "    2", "  ],", '  "b": {}', "}"]
    assert (shown.note, shown.truncated, shown.size) == ("", False, 27)


@pytest.mark.parametrize("source", [None, "", b"", " \n "])
async def test_nothing_is_an_empty_document(source):
    shown = read_document(source, "result")
    assert (shown.kind, len(shown), await shown.find("x", 0)) == ("empty", 0, None)
    with pytest.raises(IndexError):
        shown.line(0)


def test_a_text_that_is_no_json_is_shown_as_it_came():
    shown = read_document("done:\n\n\tall of it\r\n", "result")
    assert shown.kind == "text"
    assert lines(shown) == ["done:", "", "    all of it"]
    assert shown.note == ""


def test_cut_json_is_text_and_says_so():
    shown = read_document(b'{"a": [1, 2', "raw", truncated=True, received=25_300_000)
    assert shown.kind == "text"
    assert lines(shown) == ['{"a": [1, 2']
    assert shown.note == "Cut after 25.3 MB. ^S saves the full result."
    assert shown.truncated
    assert shown.size == 25_300_000


@pytest.mark.parametrize(
    "source", [b"[" * 100_000, b'{"a":1}{', b"\xff\xfe[", b'{"a":"x\ny"}', b"nul", b"<html>\x1b[2J"]
)
def test_bad_input_is_shown_and_harmless(source: bytes):
    for part in ("input", "result", "error", "raw"):
        shown = read_document(source, part)
        assert len(shown) > 0
        assert not any("\x1b" in line for line in lines(shown))


async def test_secrets_are_hidden_in_every_depth_and_counted():
    inner = json.dumps({"password": "hunter2", "limit": 3})
    shown = read_document(json.dumps({"task_input": inner, "token": "hunter2"}).encode(), "raw")
    assert shown.kind == "json"
    assert "hunter2" not in shown.content.decode()
    assert '\\"limit\\": 3' in shown.line(1)
    assert shown.note == "2 secrets are hidden."
    assert await shown.find("hunter2", 0) is None


def test_a_secret_is_hidden_that_lies_across_slices(monkeypatch: pytest.MonkeyPatch):
    sent = json.dumps({"a": "x" * 30, "password": "hunter2" * 9, "b": 1})
    for slice_ in range(3, 90):
        monkeypatch.setattr(index, "SLICE_BYTES", slice_)
        shown = read_document(sent, "result")
        assert lines(shown) == ["{", f'  "a": "{"x" * 30}",', '  "password": "••••••",', '  "b": 1', "}"]


def test_secrets_in_any_slices_are_hidden_as_in_the_whole(monkeypatch: pytest.MonkeyPatch):
    long = "hunter2" * 9
    sent = f"a\npassword = 'hunter2' {long}\ntoken: {long}, pwd='{long}'\n图图 sk=hunter2 secret=hunter2.\n"
    hidden = mask_secrets(sent)
    assert hidden.count("•" * 6) == 5
    for slice_ in range(3, 200):
        monkeypatch.setattr(index, "SLICE_BYTES", slice_)
        shown = read_document(sent, "result")
        assert shown.content.decode() == hidden
        assert shown.note == "5 secrets are hidden."


def test_one_secret_is_counted_as_one():
    assert read_document("password=hunter2", "result").note == "1 secret is hidden."


def test_a_gremlin_input_reads_as_its_script_and_bindings():
    sent = {
        "gremlin": "g.V()\n  .has('name', name)\n  .count()\n",
        "bindings": {"name": "张三", "token": "hunter2"},
        "language": "gremlin-groovy",
        "aliases": {},
    }
    shown = read_document(json.dumps(sent, ensure_ascii=False), "input")
    assert shown.kind == "gremlin"
    assert lines(shown) == [
        *("g.V()", "  .has('name', name)", "  .count()", ""),
        *("// bindings", "{", '  "name": "张三",', '  "token": "••••••"', "}", ""),
        *("// language", '"gremlin-groovy"'),
    ]


@pytest.mark.parametrize("sent", ['{"gremlin": 5}', '{"x": "\\"gremlin\\""}', '{"gremlin": "g.V()"'])
def test_an_input_that_only_looks_like_gremlin_is_not_lost(sent: str):
    shown = read_document(sent, "input")
    assert shown.kind in ("json", "text")
    assert "gremlin" in "".join(lines(shown))


def test_a_failure_begins_with_what_failed_and_why():
    trace = (
        "java.util.concurrent.ExecutionException: java.lang.RuntimeException: boom\n"
        "\tat a.b.C.run(C.java:1)\n"
        "Caused by: java.lang.RuntimeException: boom\n"
        "Caused by: org.apache.hugegraph.BackendException: disk full\n"
        "\t... 2 more\n"
    )
    shown = read_document(trace, "error")
    assert shown.kind == "error"
    assert shown.headline == "RuntimeException: boom"
    assert lines(shown)[:5] == [
        "java.lang.RuntimeException: boom",
        "root cause: org.apache.hugegraph.BackendException: disk full",
        "",
        "java.util.concurrent.ExecutionException: java.lang.RuntimeException: boom",
        "    at a.b.C.run(C.java:1)",
    ]
    assert lines(shown)[-1] == "    ... 2 more"


def test_an_error_body_reads_as_a_failure():
    body = {
        "exception": "class java.lang.IllegalArgumentException",
        "message": "Can't find task with id '7'",
        "cause": "",
        "trace": ["org.apache.hugegraph.api.job.TaskAPI.get(TaskAPI.java:1)"],
    }
    shown = read_document(json.dumps(body), "error")
    assert shown.headline == "IllegalArgumentException: Can't find task with id '7'"
    assert shown.line(0) == "java.lang.IllegalArgumentException: Can't find task with id '7'"
    assert shown.line(2) == "    at org.apache.hugegraph.api.job.TaskAPI.get(TaskAPI.java:1)"


def test_a_failed_task_with_a_json_result_still_shows_json():
    assert read_document('{"code": 5}', "error").kind == "json"


def test_a_headline_is_harmless():
    assert read_document("x.BadException: \x1b]0;owned\x07", "error").headline == "BadException: ␛]0;owned␇"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\t"), max_size=20), max_size=30))
def test_every_line_is_found_again(sent: list[str]):
    shown = read_document("x\n" + "\n".join(sent), "result")
    expected = ["x", *sent]
    if len(expected) > 1 and not expected[-1]:
        expected.pop()
    assert lines(shown) == [sanitize(line) for line in expected]


async def test_many_lines_across_all_blocks():
    shown = read_document("\n".join(f"line {n} {'.' * (n % 97)}" for n in range(20_000)), "result")
    assert len(shown) == 20_000
    assert all(shown.line(n).startswith(f"line {n} ") for n in range(0, 20_000, 37))
    assert await shown.find("LINE 19999", 0) == 19_999
    assert await shown.find("line 0 ", 19_999, backwards=True) == 0
    assert await shown.find("line 5 ", 6) is None
    assert await shown.find("line 5 ", 5) == await shown.find("line 5 ", 5, backwards=True) == 5
    assert await shown.find("line 5 ", 4, backwards=True) is None
    assert await shown.find("", 0) is None


@pytest.mark.parametrize("piece", ["x", "图", "a,b ", "👩"])
async def test_one_line_of_megabytes_is_folded_without_loss(piece: str):
    sent = "start\n" + piece * 300_000 + "END\nlast"
    shown = read_document(sent, "result")
    middle = lines(shown)[1:-1]
    assert max(map(len, middle)) <= index.FOLD_BYTES
    assert "".join(middle) == piece * 300_000 + "END"
    assert (shown.line(0), shown.line(len(shown) - 1)) == ("start", "last")
    assert await shown.find("end", 1) == len(shown) - 2


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_search_through_a_long_text_leaves_the_loop_free(
    backwards: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(index, "SLICE_BYTES", 100)
    shown = read_document("line\n" * 1000, "result")
    search = asyncio.ensure_future(shown.find("nowhere", 500, backwards=backwards))
    turns = 0
    while not search.done():
        turns += 1
        await asyncio.sleep(0)
    assert await search is None
    assert turns > 2500 / 100


async def test_a_match_across_a_fold_is_found_in_the_line_it_begins_in():
    sent = "x" * 50_000
    shown = read_document(sent[:999] + "needle" + sent, "result")
    assert await shown.find("needle", 0) == 0


async def test_all_lines_with_a_match_are_told():
    shown = read_document("\n".join("hit hit" if n % 10 == 0 else "miss" for n in range(50_000)), "result")
    found, all_ = await shown.hits("HIT")
    assert list(found) == list(range(0, 50_000, 10))
    assert all_
    found, all_ = await shown.hits("i", most=100)
    assert (list(found), all_) == (list(range(100)), False)
    assert await shown.hits("") == ((), True)
    assert await shown.hits("nowhere") == (array("Q"), True)


async def test_loading_gives_the_loop_its_turns_and_the_same_document():
    sent = rows(60_000)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    shown = await load_document(sent, "result")
    counting.cancel()
    assert turns > 3 * len(sent) / index.SLICE_BYTES
    assert len(shown) == 240_002
    assert shown.content[:] == read_document(sent, "result").content[:]


def test_only_lines_that_are_read_become_strings():
    shown = read_document(rows(60_000), "result")
    assert len(shown._index._breaks_before) < 2 + len(shown.content) / index.BLOCK_BYTES
    assert shown._index._cache == {}
    assert shown.line(120_003) == '    "name": "用户 30000"'
    assert len(shown._index._cache) <= 2


def test_a_line_is_cropped():
    assert len(read_document("x" * 2099 + "\n" + "\u202e" * 2000 + "\nx", "result").line(1)) == SHOWN_LENGTH


def test_an_error_begins_with_the_exception_that_tells_what_failed():
    text = "org.apache.HugeException: javax.script.ScriptException: java.lang.RuntimeException: boom"
    shown = read_document(text, "error")
    assert shown.headline == "RuntimeException: boom"
    assert [shown.line(number) for number in range(3)] == ["java.lang.RuntimeException: boom", "", text]


# Exact limits.


def test_a_line_is_folded_when_it_is_longer_than_a_block():
    assert [len(line) for line in lines(read_document("x" * 4096, "result"))] == [4096]
    assert [len(line) for line in lines(read_document("x" * 4097, "result"))] == [1000] * 4 + [97]
    assert [len(line) for line in lines(read_document("x" * 5000 + "\n", "result"))] == [1000] * 5


@pytest.mark.parametrize("mark", [",", " "])
@pytest.mark.parametrize(("at", "first"), [(899, 1000), (900, 901), (950, 951), (999, 1000), (1000, 1000)])
def test_a_fold_is_made_behind_the_last_comma_or_space_that_is_near(mark: str, at: int, first: int):
    sent = "x" * at + mark + "y" * 9000
    assert len(lines(read_document(sent, "result"))[0]) == first
    assert lines(read_document("a,b " * 250 + sent, "result"))[:2] == ["a,b " * 250, sent[:first]]


def test_a_fold_never_cuts_a_character_and_bytes_that_are_none_are_folded_too():
    for before in range(4):
        sent = "x" * before + "👩" * 2000
        assert "".join(lines(read_document(sent, "result"))) == sent
    assert [len(line) for line in lines(read_document(b"\x80" * 5000, "result"))] == [996] * 5 + [20]


def test_at_most_ten_thousand_characters_of_a_line_are_shown():
    assert len(read_document("\u202e" * 3400 + "\n" * 9000, "result").line(0)) <= 10_000
    assert len(read_document("x" * 2099 + "\n" + "\u202e" * 2000 + "\nx", "result").line(1)) == 10_000


@pytest.mark.parametrize(("number", "all_"), [(10_000, True), (10_001, False)])
async def test_ten_thousand_lines_with_a_match_are_counted(number: int, all_: bool):
    found, whole = await read_document("hit\n" * number, "result").hits("hit")
    assert (len(found), whole) == (10_000, all_)


async def test_a_search_begins_within_the_text_wherever_it_is_asked_to():
    shown = read_document("hit\nmiss\nhit", "result")
    assert [await shown.find("hit", line) for line in (-5, 0, 1, 2, 3, 99)] == [0, 0, 2, 2, 2, 2]
    assert [await shown.find("hit", line, backwards=True) for line in (-5, 0, 1, 2, 99)] == [0, 0, 0, 2, 2]
    with pytest.raises(IndexError):
        shown.line(3)
    with pytest.raises(IndexError):
        shown.line(-1)


@pytest.mark.parametrize("seed", range(6))
async def test_lines_and_matches_are_those_of_the_bytes_wherever_they_are_cut(
    seed: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(index, "SLICE_BYTES", 50)
    monkeypatch.setattr(index, "BLOCK_BYTES", 128)
    monkeypatch.setattr(index, "FOLD_BYTES", 120)
    rng = random.Random(seed)
    sent = "".join(
        rng.choice(["a", "b", "图", ",", " ", "ab", "x" * 90, "\n" * rng.randrange(3)]) for _ in range(400)
    )
    shown = read_document("x" + sent.rstrip("\n"), "result")
    content, starts, at = shown.content, [], 0
    for line in lines(shown):
        starts.append(at)
        assert content.startswith(line.encode(), at)
        at += len(line.encode())
        at += content[at : at + 1] == b"\n"
    assert at == len(content)
    ends = [*starts[1:], at]
    for needle in ("ab", "b,", "图", "x" * 91, "\n\n", "nowhere"):
        wanted = needle.encode()
        places = [place for place in range(at) if content.startswith(wanted, place)]
        met = sorted({bisect_right(starts, place) - 1 for place in places})
        found, all_ = await shown.hits(needle)
        assert (list(found), all_) == (met, True)
        for number in range(len(shown)):
            ahead = [bisect_right(starts, place) - 1 for place in places if place >= starts[number]]
            behind = [bisect_right(starts, place) - 1 for place in places if place < ends[number]]
            assert await shown.find(needle, number) == (ahead[0] if ahead else None)
            assert await shown.find(needle, number, backwards=True) == (behind[-1] if behind else None)


MIB = 1 << 20


def json_of(size: int) -> str:
    return '["' + "x" * (size - 4) + '"]'


@pytest.mark.parametrize(
    ("size", "truncated", "kind"),
    [(MIB, True, "json"), (MIB + 1, True, "text"), (MIB + 1, False, "json")],
)
def test_the_beginning_of_a_long_text_is_not_taken_for_json(size: int, truncated: bool, kind: str):
    assert read_document(json_of(size), "result", truncated=truncated).kind == kind


def test_what_was_cut_is_named_with_its_size():
    assert (
        read_document("x" * 1500, "input", truncated=True).note
        == "Cut after 1.5 kB. ^S saves the full input."
    )
    assert (
        read_document("x" * 1500, "error", truncated=True).note
        == "Cut after 1.5 kB. ^S saves the full result."
    )
    shown = read_document('{"password": "hunter2"', "result", truncated=True)
    assert shown.note == "Cut after 22 B. ^S saves the full result. 1 secret is hidden."


@pytest.mark.parametrize("sent", ["{", " [1", '\n{"a":'])
def test_what_begins_as_json_and_is_none_says_so(sent: str):
    assert read_document(sent, "result").note == "Not valid JSON; shown as received."


# Inputs and failures.


def test_of_an_input_only_what_is_set_is_shown_beside_the_script():
    sent = {"gremlin": "\r\ng.V()\n", "a": {}, "b": [], "c": "", "d": None, "e": 0, "f": False}
    assert lines(read_document(json.dumps(sent), "input")) == ["g.V()", "", "// e", "0", "", "// f", "false"]


def test_an_input_whose_script_comes_after_a_mebibyte_is_shown_as_json():
    late = json.dumps({"x": "y" * MIB, "gremlin": "g.V()"})
    assert (read_document(late, "input").kind, read_document(late[0] + late[MIB:], "input").kind) == (
        "json",
        "text",
    )
    early = json.dumps({"x": "y" * (MIB - 100), "gremlin": "g.V()"})
    assert read_document(early, "input").kind == "gremlin"
    assert read_document(early, "result").kind == "json"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a.b.BadException: no\n\tat A.b", ["a.b.BadException: no", "", "    at A.b"]),
        ("  BadException  \n", ["BadException"]),
        ("done\nfor", ["done", "", "for"]),
        (
            "x.HugeException: startup failed:\n\n Script1.groovy: 1: no such thing\n@ line 1",
            [
                "x.HugeException: startup failed: Script1.groovy: 1: no such thing",
                *(
                    "",
                    "x.HugeException: startup failed:",
                    "",
                    " Script1.groovy: 1: no such thing",
                    "@ line 1",
                ),
            ],
        ),
        ("x.HugeException: failed:\n\tat A.b", ["x.HugeException: failed:", "", "    at A.b"]),
        (
            "x.HugeException: failed:\nCaused by: y.Error: z",
            ["x.HugeException: failed:", "root cause: y.Error: z", "", "Caused by: y.Error: z"],
        ),
        ('{"exception": "class x.BadException"}', ["x.BadException"]),
        (
            '{"exception": "x.BadException", "message": "no", "cause": "y.Error: z", "trace": [" A ", "C"]}',
            [
                *("x.BadException: no", "root cause: y.Error: z", ""),
                *("Caused by: y.Error: z", "    at A", "    at C"),
            ],
        ),
        ('{"exception": "x', ['{"exception": "x']),
    ],
)
def test_a_failure_is_told_in_these_lines(sent: str, shown: list[str]):
    assert lines(read_document(sent, "error")) == shown
    assert read_document(sent, "error").kind == "error"


@pytest.mark.parametrize(
    ("sent", "headline"),
    [
        ("org.apache.hugegraph.HugeException: no", "HugeException: no"),
        ("a.b.OutOfMemoryError: heap of a.b.Thing", "OutOfMemoryError: heap of a.b.Thing"),
        ("java.lang.Throwable: c.d.NoException", "java.lang.Throwable: NoException"),
        ("y" * 600, "y" * 500),
    ],
)
def test_a_headline_names_the_exception_without_its_package(sent: str, headline: str):
    assert read_document(sent, "error").headline == headline


def test_a_root_cause_is_looked_for_in_a_mebibyte():
    near, far = ("x.BadException: no\n" + "\n" * many + "Caused by: y.Error: z" for many in (1000, MIB))
    assert read_document(near, "error").line(1) == "root cause: y.Error: z"
    assert read_document(far, "error").line(1) == ""


@pytest.mark.parametrize(
    "sent", ["x:" + "\n" * 500_000, "a." * 200_000, "a\n" + "\n \t" * 200_000, "\n" * 500_000 + "x"]
)
def test_no_failure_takes_long_to_read_whatever_it_consists_of(sent: str):
    assert read_document(sent, "error").kind == "error"


@pytest.mark.parametrize("sent", ["\u2003", "\x1c\n", "\xa0"])
def test_a_failure_of_nothing_but_blanks_is_shown_as_it_came(sent: str):
    shown = read_document(sent, "error")
    assert (shown.kind, shown.headline, shown.content) == ("text", "", sent.encode())
