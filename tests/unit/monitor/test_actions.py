"""What people did to a task of the history, from the journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.history_file import HistoryFile, place_of
from tests.unit.fakes import START, S, task
from tui.monitor.history.actions import JournalIndex, find_recorded_actions
from tui.monitor.history.reader import HistoryReader, TaskHistory

HOUR = 3_600_000
PROD = place_of("prod")
LINES = [
    {"when": "2027-01-15T07:59:59.900Z", "action": "submit"},
    {"when": "2027-01-15T08:30:00.000Z", "action": "cancel"},
    {"when": "2027-01-15T08:31:00.000Z", "action": "other id", "id": "8"},
    {"when": "2027-01-15T08:31:00.000Z", "action": "other graph", "graph": "DEFAULT/other"},
    {"when": "2027-01-15T08:31:00.000Z", "action": "other server", "url": "http://dev:8080"},
    {"when": "2027-01-15T10:00:30.000Z", "action": "delete"},
]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.jsonl"
    usual = {"by": "ann@host", "profile": "p", "url": PROD.url, "graph": "DEFAULT/hugegraph", "id": "7"}
    lines = [json.dumps({**usual, "outcome": "x", **line}) for line in LINES]
    path.write_text("\n".join([*lines[:2], "no line", *lines[2:], ""]))
    path.chmod(0o600)
    return path


@pytest.fixture
def histories(tmp_path: Path) -> list[TaskHistory]:
    """Two tasks that had the same id, the newer one first."""
    file = HistoryFile(tmp_path / "history.db")
    file.add_task(PROD, task(7, S.CANCELLED, updated=START + HOUR), seen=START)
    file.add_task(PROD, task(7, created=START + 2 * HOUR), seen=START + 2 * HOUR)
    file.close()
    with HistoryReader(file.path) as reader:
        return reader.read_histories("7")


def test_each_of_two_tasks_with_one_id_has_its_own_actions(journal: Path, histories) -> None:
    newer, older = histories
    assert [one.action for one in find_recorded_actions(journal, older)] == ["submit", "cancel"]
    assert [one.action for one in find_recorded_actions(journal, newer)] == ["delete"]


def test_the_index_finds_the_same(journal: Path, histories) -> None:
    index = JournalIndex(journal)
    for one in histories:
        assert index.find_actions(one) == find_recorded_actions(journal, one)


def test_without_a_journal_nothing_was_done(tmp_path: Path, histories) -> None:
    missing = tmp_path / "none.jsonl"
    assert find_recorded_actions(missing, histories[0]) == []
    assert JournalIndex(missing).find_actions(histories[0]) == []
