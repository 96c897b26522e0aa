"""What the history tells, from a file as a graphtop that watched writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.history_file import HistoryFile, place_of, transition
from tests.unit.fakes import START, S, task
from tui.monitor.filters import FilterError, compile_filter
from tui.monitor.history.database import HistoryError, NoHistoryYet
from tui.monitor.history.gaps import WatchGap
from tui.monitor.history.kinds import find_kind
from tui.monitor.history.reader import HistoryReader

SECOND = 1000
MINUTE = 60 * SECOND
PROD, DEV = place_of("prod"), place_of("dev", "other")
CLOUD = place_of("cloud", "", None, dialect="ges", url="https://ges")
NOW = START + 1000 * MINUTE


def ended(task_id: int, status=S.SUCCESS, *, took: int = 10 * SECOND, **more):
    created = START + task_id * MINUTE
    return task(task_id, status, **{"created": created, "updated": created + took, **more})


@pytest.fixture
def file(tmp_path: Path):
    file = HistoryFile(tmp_path / "history.db")
    yield file
    file.close()


def ids_of(file: HistoryFile, words: str = "", **more) -> list[str]:
    with HistoryReader(file.path) as reader:
        return [one.task_id for one in reader.list_tasks(compile_filter(words), NOW, **more)]


def add_some(file: HistoryFile) -> None:
    file.add_task(PROD, ended(1, name="import day 1"), seen=START)
    file.add_task(PROD, ended(2, S.FAILED, reason="Boom 17"), seen=START)
    file.add_task(PROD, task(3, S.RUNNING, created=START + 3 * MINUTE), seen=START)
    file.add_task(DEV, ended(4, type="rebuild", name="import day 2"), seen=START, gone=START)
    file.add_task(CLOUD, ended(5, graph="social", created=None, updated=START + 5 * MINUTE), seen=START)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("", "5 4 3 2 1"),
        ("status=failed", "2"),
        ("status=active", "3"),
        ("import", "4 1"),
        ("type=rebuild", "4"),
        ("!type=rebuild", "5 3 2 1"),
        ("type=rebuild import", "4"),
        ("place=prod", "3 2 1"),
        ("profile=prod,dev", "4 3 2 1"),
        ("dialect=ges", "5"),
        ("graph=social", "5"),
        ("graph=other", "4"),
        ("reason=boom", "2"),
        ("/import day \\d/", "4 1"),
        ("age<1000m", "4 3 2 1"),
        ("nothing", ""),
        ("profile=nobody", ""),
    ],
)
def test_tasks_pass_the_same_filter_as_in_a_list(file: HistoryFile, words: str, ids: str) -> None:
    add_some(file)
    assert ids_of(file, words) == ids.split()


def test_some_places_since_a_moment_and_the_oldest_first(file: HistoryFile) -> None:
    add_some(file)
    assert ids_of(file, places=[PROD, CLOUD]) == ["5", "3", "2", "1"]
    assert ids_of(file, places=[]) == []
    assert ids_of(file, since=START + 3 * MINUTE) == ["5", "4", "3"]
    assert ids_of(file, oldest_first=True) == ["5", "1", "2", "3", "4"]


def test_a_task_is_all_that_was_written_of_it(file: HistoryFile) -> None:
    add_some(file)
    with HistoryReader(file.path) as reader:
        found = {one.task_id: one for one in reader.list_tasks(compile_filter(""), NOW)}
        assert [place.name for place in reader.list_places()] == [
            "cloud",
            "dev:DEFAULT/other",
            "prod:DEFAULT/hugegraph",
        ]
        assert reader.count_tasks() == 5
    assert found["2"].headline == "Boom 17"
    assert found["2"].fingerprint == "Boom #"
    assert found["2"].duration == 10 * SECOND
    assert found["2"].ended == START + 2 * MINUTE + 10 * SECOND
    assert found["3"].ended is None
    assert found["4"].gone == START
    assert found["4"].place.qualify_id("4") == "dev:DEFAULT/other/4"
    assert found["5"].created is None
    assert found["5"].graph == "social"


def test_the_newest_of_several_tasks_that_had_an_id_comes_first(file: HistoryFile) -> None:
    file.add_task(PROD, ended(7, name="first"), seen=START)
    again = START + 500 * MINUTE
    file.add_task(PROD, task(7, S.RUNNING, created=again, name="second"), seen=again)
    file.add_task(DEV, ended(7, name="elsewhere"), seen=START)
    with HistoryReader(file.path) as reader:
        assert [one.task.name for one in reader.read_histories("7", [PROD])] == ["second", "first"]
        assert len(reader.read_histories("7")) == 3
        assert reader.read_histories("8") == []
        assert reader.read_task(PROD.key, "7").task.name == "second"
        assert reader.read_task(PROD.key, "7", START + 7 * MINUTE).task.name == "first"
        assert reader.read_task("unknown", "7") is None


def test_the_transitions_of_a_task_come_with_the_times_when_nobody_watched(file: HistoryFile) -> None:
    done = START + 60 * MINUTE
    steps = (
        transition(S.QUEUED, START),
        transition(S.RUNNING, START + MINUTE),
        transition(S.SUCCESS, done, done + 20 * MINUTE, unwatched_since=START + 5 * MINUTE),
    )
    file.add_watch(PROD, START - MINUTE, START + 5 * MINUTE)
    file.add_watch(PROD, START, START + 2 * MINUTE)
    file.add_watch(PROD, done + 20 * MINUTE, done + 30 * MINUTE)
    file.add_task(PROD, task(1, S.SUCCESS, updated=done), seen=START, transitions=steps)
    with HistoryReader(file.path) as reader:
        found = reader.read_task(PROD.key, "1")
    assert found.transitions == steps
    assert found.gaps == (WatchGap(START + 5 * MINUTE, done + 20 * MINUTE),)
    assert found.watched_until == done + 30 * MINUTE


def test_the_runs_of_a_kind_come_newest_first(file: HistoryFile) -> None:
    for number in range(1, 6):
        file.add_task(PROD, ended(number, name=f"day {number}", took=number), seen=START)
    file.add_task(PROD, ended(6, S.FAILED, name="day 6"), seen=START)
    file.add_task(PROD, ended(7, name="week 7"), seen=START)
    file.add_task(DEV, ended(8, name="day 8"), seen=START)
    kind = find_kind(task(99, name="day 99"))
    with HistoryReader(file.path) as reader:
        runs = reader.list_runs(PROD.key, kind, 3)
        assert [run.task_id for run in runs] == ["6", "5", "4"]
        assert [run.status for run in runs] == [S.FAILED, S.SUCCESS, S.SUCCESS]
        assert runs[1].took == 5
        assert reader.list_lengths(PROD.key, kind, 4) == [2, 3, 4, 5]
        assert reader.list_runs("unknown", kind, 3) == []


def test_a_filter_that_takes_too_long_says_so(file: HistoryFile) -> None:
    file.add_task(PROD, ended(40, name="a" * 60), seen=START)
    with HistoryReader(file.path) as reader, pytest.raises(FilterError):
        list(reader.list_tasks(compile_filter("/(a|aa)+b$/", 0.001), NOW))


def test_where_nothing_was_kept_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoHistoryYet, match="There is no history yet"):
        HistoryReader(tmp_path / "history.db")


def test_a_file_that_is_damaged_in_the_middle_is_an_error_with_a_sentence(file: HistoryFile) -> None:
    for number in range(1, 2000):
        file.add_task(PROD, ended(number), seen=START)
    file.close()
    data = bytearray(file.path.read_bytes())
    for at in range(8192, len(data), 4096):
        data[at : at + 200] = b"\xff" * 200
    file.path.write_bytes(data)
    with pytest.raises(HistoryError, match="is damaged"), HistoryReader(file.path) as reader:
        list(reader.list_tasks(compile_filter(""), NOW))
