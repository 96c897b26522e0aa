"""What makes two failures the same: their headlines without names, ids and numbers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.monitor.normalize_reason import PATTERN_CHARACTERS, normalize_reason

ALIKE = [
    ("NotFoundException: Vertex '1:marko-51' does not exist", "NotFoundException: Vertex '…' does not exist"),
    (
        "NotFoundException: Vertex '1:o'neill' does not exist",
        "NotFoundException: Vertex '…'neill' does not exist",
    ),
    (
        "IllegalArgumentException: Can't find task with id '7'",
        "IllegalArgumentException: Can't find task with id '…'",
    ),
    (
        "LimitExceedException: Task result size 17825808 exceeded limit 16777216 bytes",
        "LimitExceedException: Task result size # exceeded limit # bytes",
    ),
    (
        "TimeoutException: Evaluation exceeded 30000 ms, the script was stopped",
        "TimeoutException: Evaluation exceeded # ms, the script was stopped",
    ),
    (
        "MissingPropertyException: No such property: knowns for class: Script17",
        "MissingPropertyException: No such property: knowns for class: Script#",
    ),
    ("IllegalArgumentException: Invalid limit -5", "IllegalArgumentException: Invalid limit -#"),
    (
        "IllegalArgumentException: Can't delete incomplete task '5' in status RUNNING, "
        "Please try to cancel the task first",
        "IllegalArgumentException: Can't delete incomplete task '…' in status RUNNING, "
        "Please try to cancel the task first",
    ),
    ("OutOfMemoryError: Java heap space", "OutOfMemoryError: Java heap space"),
    (
        "RocksDBException: While open a file for random read: /data/17/graph-g/000123.sst: No space left",
        "RocksDBException: While open a file for random read: /data/#/graph-g/#: No space left",
    ),
    ("vertex 2:lop, 1:marko not found", "vertex # not found"),
    ("ids [1, 2, 3] are gone", "ids [# ] are gone"),
    ("server 10.0.3.17:8080 at 12:30:01", "server # at #"),
    ("object HugeVertex@1b6d3586 is closed", "object HugeVertex@# is closed"),
    ("token 0xDEADbeef of 550e8400-e29b-41d4-a716-446655440000", "token # of #"),
    ("commit 9fceb02d0ae598e9 failed", "commit # failed"),
    ("deadbeef is a word here, faced with facade", "deadbeef is a word here, faced with facade"),
    ('key "a b" and `c` and “d”', "key '…' and '…' and '…'"),
    ("cut 'in the mid", "cut '…'"),
    ("two\n  lines\tand tabs", "two lines and tabs"),
    ("顶点 '1:马可' 不存在", "顶点 '…' 不存在"),
    (" \n ", "-"),
]


@pytest.mark.parametrize(("reason", "pattern"), ALIKE)
def test_what_differs_from_task_to_task_is_replaced(reason: str, pattern: str) -> None:
    assert normalize_reason(reason) == pattern


def test_reasons_of_one_kind_become_equal_and_those_of_two_do_not() -> None:
    one = {normalize_reason(f"NotFoundException: Vertex '{n}:marko-{n}' does not exist") for n in range(99)}
    other = {normalize_reason(f"NotFoundException: Edge 'S{n}' does not exist") for n in range(99)}
    assert (len(one), len(other), len(one | other)) == (1, 1, 2)


@given(st.text(max_size=3_000))
def test_the_result_is_short_and_never_empty(reason: str) -> None:
    pattern = normalize_reason(reason)
    assert 0 < len(pattern) <= PATTERN_CHARACTERS
    assert pattern.strip() == pattern


@pytest.mark.parametrize(
    "piece", ["'", "a'", "/1", "0x", "1:", "a1", "1,", "f" * 7 + "-", "@f", '"', "“", "# ", "#,", "e" * 50]
)
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    began = time.process_time()
    normalize_reason(piece * 1_000_000)
    assert time.process_time() - began < 0.2
