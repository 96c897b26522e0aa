"""Of which places a history is kept."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.transport.target import Target
from tests.unit.fakes import FakeBackend, FakeClock
from tui.connection.demo import make_demo_target
from tui.monitor.history.set_up import make_history_writer, open_recorder
from tui.monitor.history.writer import HistoryWriter

TARGET = Target(url="http://h:8080")


@pytest.fixture
def writer(tmp_path: Path) -> HistoryWriter:
    environ = {"GRAPHTOP_HISTORY": str(tmp_path / "state" / "history.db")}
    return make_history_writer(environ, lambda: 0, days=90, megabytes=500)


def test_a_place_is_kept_unless_it_is_turned_off_or_within_this_process(writer: HistoryWriter) -> None:
    backend = FakeBackend(FakeClock(), ())
    recorder = open_recorder(writer, backend, TARGET, wanted=True)
    assert recorder is not None
    assert recorder.lists_all
    assert recorder.get_source() == backend.source
    inside = replace(TARGET, http=httpx.ASGITransport(lambda: None))
    for target in (make_demo_target(), inside):
        assert open_recorder(writer, backend, target, wanted=True) is None
    assert open_recorder(writer, backend, TARGET, wanted=False) is None


@pytest.mark.parametrize("days", [{"since": "2026-11-01"}, {"until": "2026-11-01"}])
def test_of_a_list_of_some_days_what_is_missing_may_still_be_there(writer: HistoryWriter, days: dict) -> None:
    target = replace(TARGET, **days)
    recorder = open_recorder(writer, FakeBackend(FakeClock(), ()), target, wanted=True)
    assert recorder is not None
    assert not recorder.lists_all


def test_without_news_no_file_is_made(writer: HistoryWriter) -> None:
    open_recorder(writer, FakeBackend(FakeClock(), ()), TARGET, wanted=True)
    writer.close()
    assert not writer.path.parent.exists()
    assert writer.has_ended
