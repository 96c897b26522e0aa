"""What is set aside stays so until it changes, in the next session as well; a bad file hinders nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_adapters.model import Place, Source
from tests.unit.fakes import S, task
from tui.monitor.findings.finding import Finding, NextStep
from tui.monitor.findings.set_aside import MOST_KEPT, SetAside, make_aside_key

HERE = Source(url="http://a:8080", profile="a", dialect="hugegraph", graph="g")
THERE = Source(url="http://b:8080", profile="b", dialect="hugegraph", graph="g")


def find(rule: str = "stuck", row=None, state: str = "", subject: str = "x") -> Finding:
    step = NextStep(text="")
    return Finding(rule=rule, title=rule, evidence=(), step=step, subject=subject, task=row, state=state)


def test_it_is_kept_for_the_next_session_and_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "problems.json"
    SetAside(path).add_problem("one", 5)
    later = SetAside(path)
    later.read_file()
    assert "one" in later
    later.add_problem("two", 6)
    later.remove_problem("one")
    last = SetAside(path)
    last.read_file()
    assert ("one" in last, "two" in last) == (False, True)
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_sessions_keep_what_each_other_has_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "problems.json"
    first, second = SetAside(path), SetAside(path)
    first.add_problem("one", 1)
    second.add_problem("two", 2)
    last = SetAside(path)
    last.read_file()
    assert "one" in last
    assert "two" in last


def test_without_a_path_it_is_for_this_session() -> None:
    aside = SetAside(None)
    aside.read_file()
    aside.add_problem("one", 1)
    assert "one" in aside
    aside.remove_problem("one")
    assert not aside


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"aside": 7}', b"\xff" * 100, b"x" * 300_000])
def test_a_damaged_file_counts_as_nothing_and_is_written_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "problems.json"
    path.write_bytes(content)
    aside = SetAside(path)
    aside.read_file()
    assert not aside
    aside.add_problem("one", 1)
    again = SetAside(path)
    again.read_file()
    assert "one" in again


def test_what_others_could_write_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "problems.json"
    SetAside(path).add_problem("one", 1)
    moved = tmp_path / "other.json"
    path.rename(moved)
    path.symlink_to(moved)
    aside = SetAside(path)
    aside.read_file()
    assert not aside
    with pytest.raises(OSError, match="symbolic link"):
        aside.add_problem("two", 2)
    assert "two" in aside, "it is set aside for this session"


def test_the_oldest_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "problems.json"
    aside = SetAside(path)
    aside._change_file(lambda _: {str(number): number for number in range(MOST_KEPT + 5)})
    aside.read_file()
    assert "4" not in aside
    assert "5" in aside


def test_a_problem_is_new_with_another_state_another_task_and_in_another_place() -> None:
    row = task(7, S.CANCELLING, created=1)
    keys = {
        make_aside_key(find(row=row, state="cancelling"), HERE),
        make_aside_key(find(row=row, state="deleting"), HERE),
        make_aside_key(find(row=row, state="cancelling"), THERE),
        make_aside_key(find(row=task(7, S.CANCELLING, created=2), state="cancelling"), HERE),
        make_aside_key(find("slow", row, state="cancelling"), HERE),
    }
    assert len(keys) == 5


def test_the_number_of_a_place_is_another_one_in_each_session() -> None:
    def key(number: int) -> str:
        place = Place(number=number, profile="a", dialect="hugegraph", graph="g")
        row = task(7, S.CANCELLING, created=1, place=place)
        return make_aside_key(find(row=row, subject=f"{row.key} 1"), HERE)

    assert key(1) == key(2)


def test_failures_alike_are_new_with_the_next_one_and_not_when_an_old_one_is_forgotten() -> None:
    newest = task(9, S.FAILED, created=1)
    key = make_aside_key(find("failures", newest, "14 9", "no index"), HERE)
    assert make_aside_key(find("failures", newest, "13 9", "no index"), HERE) == key
    assert make_aside_key(find("failures", task(10, S.FAILED, created=2), "14 10", "no index"), HERE) != key
