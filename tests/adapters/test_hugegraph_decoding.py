"""The fast reading of records and the careful one: what the fast one takes, it reads the same."""

from __future__ import annotations

import json
import subprocess
import sys

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from backend_adapters.hugegraph import lenient as checked
from backend_adapters.hugegraph.records import repair_task
from backend_adapters.hugegraph.wire import TASKS_DECODER, WireDetail, task_from_wire
from tests.adapters.scripted_servers import record

NUMBERS = st.one_of(
    st.integers(),
    st.integers(0, 2_000_000_000_000),
    st.sampled_from([0, -1, 253_402_300_799_999, 253_402_300_800_000, 2**63, 2**64, 10**30]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1.0, 1.5, 1e3, -0.0, 1e300, True, False]),
)
ODD = st.one_of(
    NUMBERS,
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        ["7", " 7 ", "7.0", "success", "SUCCESS", "2026-02-25 07:33:20.123", "half \ud83d", "\x00"]
    ),
    st.lists(st.one_of(st.integers(), st.just("3"), st.none()), max_size=3),
    st.just({"deep": [1]}),
)
TEXTS = st.one_of(st.none(), st.text(max_size=8))
USUAL = {
    "id": st.integers(),
    "task_status": st.sampled_from(["success", "RUNNING", "teleporting", ""]),
    "task_type": TEXTS,
    "task_name": TEXTS,
    "task_progress": st.one_of(st.none(), st.integers()),
    "task_create": st.one_of(st.none(), st.integers(0, 2_000_000_000_000)),
    "task_update": st.one_of(st.none(), st.integers(0, 2_000_000_000_000)),
    "task_retries": st.one_of(st.none(), st.integers()),
    "task_description": TEXTS,
    "task_dependencies": st.one_of(st.none(), st.lists(st.integers(), max_size=3)),
    "task_server": TEXTS,
}


@st.composite
def records(draw: st.DrawFn) -> dict[str, object]:
    """A record with some fields left out, one or two of another kind, and one that nobody knows."""
    odd = draw(st.sets(st.sampled_from([*USUAL, "task_context", "unknown"]), max_size=2))
    left = draw(st.sets(st.sampled_from(list(USUAL)), max_size=3)) - odd
    return {name: draw(ODD if name in odd else USUAL[name]) for name in {*USUAL, *odd} - left}


@given(st.lists(records(), min_size=1, max_size=3))
def test_a_list_that_is_read_fast_is_read_the_same(given_records: list[dict[str, object]]) -> None:
    sent = json.dumps(given_records).encode()
    try:
        fast = TASKS_DECODER.decode(sent)
    except msgspec.DecodeError:
        return
    careful = checked.LENIENT_TASKS.validate_json(sent)
    assert [task_from_wire(wire) for wire in fast] == [task_from_wire(wire) for wire in careful]
    assert fast == careful


@example({"id": "half \ud83d", "task_status": "success"}, None, None)
@example({"id": 7, "task_status": "success"}, "0000", None)
@given(records(), TEXTS, TEXTS)
def test_a_detail_that_is_read_fast_is_read_the_same(
    fields: dict[str, object], result: str | None, context: str | None
) -> None:
    # As `read_fields` gives it: a text would be taken for base64.
    sent = {**fields, "task_result": result and result.encode("utf-8", "replace"), "task_context": context}
    try:
        fast = msgspec.convert(sent, WireDetail)
    except (msgspec.ValidationError, UnicodeError):
        return
    assert fast == checked.LENIENT_DETAIL.validate_python(sent)


def test_half_a_character_where_a_number_should_be_is_a_fault_and_no_crash() -> None:
    task = repair_task(b'{"id": 7, "task_status": "success", "task_progress": "half \\ud83d"}')
    assert task is not None
    assert "task_progress" in (task.decode_error or "")


def test_a_start_imports_no_library_that_only_odd_records_need() -> None:
    body = json.dumps([record(7), record(8, "running")])
    code = f"""
import sys
import backend_adapters.hugegraph.adapter
from backend_adapters.hugegraph.pages import read_block
assert [task.id for task in read_block([{body!r}[1:-1].encode()]).tasks] == ["7", "8"]
print(*({{"pydantic", "click", "rich.progress"}} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
