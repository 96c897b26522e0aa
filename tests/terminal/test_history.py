"""What a session saw stands in the history after its end, however it ended, and while another one writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal.conftest import Open, Run, Simulate
from tests.terminal.terminal_emulator import Terminal, assert_clean


def end(terminal: Terminal) -> None:
    terminal.send("q")
    assert terminal.exit_code() == 0
    assert_clean(terminal)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / ".local" / "state" / "graphtop" / "history.db"


def read(path: Path, statement: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


def has_tasks(path: Path, least: int = 1) -> Callable[[], bool]:
    def look() -> bool:
        if not path.exists():
            return False
        try:
            return read(path, "SELECT count(*) FROM task")[0][0] >= least
        except sqlite3.Error:
            # Its tables are being made.
            return False

    return look


def test_a_session_of_a_second_leaves_all_that_it_saw(
    graphtop: Open, simulate: Simulate, run: Run, history: Path
) -> None:
    server = simulate("--tasks", "60", "--pace", "0")
    terminal = graphtop(server.url)
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    end(terminal)
    ((number,),) = read(history, "SELECT count(*) FROM task WHERE status = 'success'")
    assert number > 20
    server.process.kill()
    told = run("history", "status=success", "--limit", "0").stdout
    assert len(told.splitlines()) == number


def test_two_sessions_keep_each_thing_once_and_one_that_is_killed_leaves_the_file_whole(
    graphtop: Open, simulate: Simulate, history: Path
) -> None:
    server = simulate("--tasks", "300", "--pace", "20")
    terminals = [graphtop(server.url), graphtop(server.url)]
    for terminal in terminals:
        terminal.wait_for("● live")
    terminals[0].wait(has_tasks(history, 300), "the first tasks being written")
    terminals[0].wait(
        lambda: len(read(history, "SELECT 1 FROM transition WHERE number > 0")) > 5, "some transitions"
    )
    terminals[0].process.kill()
    end(terminals[1])
    assert read(history, "PRAGMA integrity_check") == [("ok",)]
    assert read(history, "SELECT count(*) FROM watch") == [(2,)]
    repeated = read(
        history,
        "SELECT 1 FROM transition AS one JOIN transition AS next"
        " ON one.task = next.task AND next.number = one.number + 1"
        " WHERE one.status = next.status AND one.retries = next.retries",
    )
    assert not repeated
    assert not read(history, "SELECT 1 FROM task GROUP BY place, task_id HAVING count(*) > 1")


@pytest.mark.parametrize("words", ["--no-history", "demo"])
def test_nothing_is_kept_where_it_is_turned_off_nor_of_the_demo(
    graphtop: Open, simulate: Simulate, history: Path, words: str
) -> None:
    server = simulate("--tasks", "60", "--pace", "0")
    terminal = graphtop(server.url, words) if words != "demo" else graphtop("demo")
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    end(terminal)
    assert not history.exists()


def test_watch_keeps_what_it_sees(graphtop: Open, simulate: Simulate, history: Path) -> None:
    server = simulate("--tasks", "60", "--pace", "20")
    terminal = graphtop("watch", "--url", server.url)
    terminal.wait(has_tasks(history, 60), "the first tasks being written")
    terminal.send("\x03")
    assert terminal.exit_code() == 130
    host = server.url.removeprefix("http://")
    assert read(history, "SELECT profile, graph FROM place") == [(host, "hugegraph")]
