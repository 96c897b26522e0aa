"""What can be copied of a task."""

from __future__ import annotations

import pytest

from backend_adapters.model import ODD_ID, Action
from tests.unit.fakes import S, task
from tui.fields import format_iso_moment
from tui.screens.tasks.task_facts import ODD_IDS, action_blocked_reason, copyable_fields, is_possible

WHOLE = {
    "id": "7",
    "name": "count",
    "type": "gremlin",
    "graph": "social",
    "status": "running",
    "server": "server-1",
    "created": "2026-11-23T12:00:00Z",
    "updated": "2026-11-23T12:00:01Z",
    "description": "counts",
}
NOON = 1_795_435_200_000


def test_every_field_that_has_a_value_can_be_copied_in_this_order() -> None:
    whole = task(
        7,
        name="count",
        graph="social",
        server="server-1",
        created=NOON,
        updated=NOON + 1_999,
        description="counts",
    )
    assert list(copyable_fields(whole).items()) == list(WHOLE.items())
    bare = task(7, S.RUNNING, name="", type="", raw_status="", created=None)
    assert copyable_fields(bare) == {"id": "7"}


@pytest.mark.parametrize("action", Action)
def test_nothing_makes_sense_for_tasks_whose_ids_are_none(action: Action) -> None:
    odd, good = task("--yes"), task(7)
    assert not is_possible(action, odd)
    assert action_blocked_reason(action, [odd]) == ODD_ID
    assert action_blocked_reason(action, [odd, task("..")]) == ODD_IDS
    assert action_blocked_reason(action, [odd, good]) == ""


@pytest.mark.parametrize(
    ("millis", "words"),
    [(None, ""), (0, "1970-01-01T00:00:00Z"), (NOON, "2026-11-23T12:00:00Z")],
)
def test_a_moment_is_written_for_other_programs(millis: int | None, words: str) -> None:
    assert format_iso_moment(millis) == words
