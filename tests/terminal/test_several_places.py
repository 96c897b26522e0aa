"""Several places opened together from a shell: their passwords, a refused one, and one that is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.configured_home import SECRET, configure, leave
from tests.terminal.conftest import Open, Simulate
from tests.terminal.terminal_emulator import Terminal


@pytest.fixture
def two_places(simulate: Simulate, tmp_path: Path) -> None:
    """Profiles of two servers, of which one wants a password."""
    locked = simulate(
        "--user", "ann", "--tasks", "20", "--graphs", "ledger", env={"GRAPHTOP_PASSWORD": SECRET}
    )
    free = simulate("--tasks", "20", "--graphs", "social,tests")
    configure(
        tmp_path,
        f"[profiles.prod]\nurl = '{locked.url}'\nuser = 'ann'\nproduction = true\nallow_plain = true\n"
        f"[profiles.dev]\nurl = '{free.url}'\ngraphs = ['*']\n",
    )


def head(terminal: Terminal) -> str:
    """The line that says what is watched."""
    return terminal.lines()[0]


@pytest.mark.usefixtures("two_places")
@pytest.mark.parametrize("words", [("prod", "dev"), ("-p", "prod", "-p", "dev"), ("--all",)])
def test_two_profiles_are_shown_together_once_the_password_is_typed(
    graphtop: Open, words: tuple[str, ...]
) -> None:
    terminal = graphtop(*words)
    terminal.wait_for("prod: password for ann at 127.0.0.1:")
    assert "or enter to skip:" in terminal.text()
    terminal.send(f"{SECRET}\r")
    terminal.wait(lambda: "3 places" in head(terminal) and "● live" in head(terminal), "three places")
    for graph in ("ledger", "social", "tests"):
        terminal.wait_for(graph)
    assert "PRODUCTION" in head(terminal)
    leave(terminal)
    assert SECRET.encode() not in terminal.raw


@pytest.mark.usefixtures("two_places")
def test_a_wrong_password_of_one_place_leaves_the_others_live(graphtop: Open) -> None:
    terminal = graphtop("prod", "dev")
    terminal.wait_for("prod: password for ann at 127.0.0.1:")
    terminal.send("wrong\r")
    terminal.wait(lambda: "3 places · 1 needs a login" in head(terminal), "the place that refuses")
    terminal.wait_for("prod wants a login: press A, then enter on it.")
    assert "Sign in" not in terminal.text()
    assert "● live" in head(terminal)
    leave(terminal)


@pytest.mark.usefixtures("two_places")
@pytest.mark.parametrize("key", ["\r", "\x04"])
def test_a_place_that_is_skipped_is_opened_later(graphtop: Open, key: str) -> None:
    terminal = graphtop("prod", "dev")
    terminal.wait_for("prod: password for ann at 127.0.0.1:")
    terminal.send(key)
    terminal.wait_for("prod is left out. No password was typed.")
    terminal.wait(lambda: "2 places" in head(terminal) and "● live" in head(terminal), "the other places")
    terminal.send("P")
    terminal.wait_for("Switch profile")
    terminal.answer("prod\r", "Switch profile")
    terminal.wait_for("Sign in")
    terminal.answer(f"{SECRET}\r", "Sign in")
    terminal.wait(lambda: "prod · DEFAULT/ledger" in head(terminal) and "● live" in head(terminal), "prod")
    leave(terminal)


@pytest.mark.usefixtures("two_places")
def test_all_graphs_of_a_server_and_back(graphtop: Open) -> None:
    terminal = graphtop("dev", "--graph", "social")
    terminal.wait(
        lambda: "dev · DEFAULT/social" in head(terminal) and "● live" in head(terminal), "one graph"
    )
    terminal.send("a")
    terminal.wait(lambda: "2 places" in head(terminal) and "● live" in head(terminal), "all graphs")
    terminal.send("a")
    terminal.wait(lambda: "dev · DEFAULT/social" in head(terminal), "the one graph again")
    leave(terminal)
