"""The total of a computer job's counter, which only its input tells."""

from __future__ import annotations

import json

import pytest

from backend_adapters.hugegraph.computer.supersteps import add_superstep_total
from backend_adapters.model import TaskDetail
from tests.unit.fakes import task

STEPS = {"bsp.max_super_step": "20"}


@pytest.mark.parametrize(
    ("given", "progress", "total"),
    [
        (json.dumps({"algorithm": "page-rank", "params": STEPS}), 7, 20),
        (json.dumps({"computer": "page-rank", "parameters": {"bsp.max_super_step": 20}}), 20, 20),
        (json.dumps({"params": STEPS}), 21, None),
        (json.dumps({"params": STEPS}), 0, None),
        (json.dumps({"params": STEPS}), None, None),
        (json.dumps({"params": {"bsp.max_super_step": "many"}}), 7, None),
        (json.dumps({"params": {"bsp.max_super_step": None}}), 7, None),
        (json.dumps({"params": ["bsp.max_super_step"]}), 7, None),
        ("[20]", 7, None),
        ("no JSON", 7, None),
        (None, 7, None),
    ],
)
def test_the_total_is_told_where_the_counter_fits_into_it(given, progress, total) -> None:
    row = task(1, type="computer-dis", progress=progress)
    found = add_superstep_total(TaskDetail(task=row, raw=b"", input=given))
    assert found.task.progress_total == total
    assert found.task.progress_unit == ("supersteps" if total else "")
