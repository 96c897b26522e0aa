"""The places that a saved view hides are left out by the commands that list tasks, which say so once."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Server, simulated
from tests.support.patience import PATIENCE
from tui.cli.exit_codes import INTERRUPTED, OK, UNREACHABLE, USAGE
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile

Run = Callable[..., Done]
PROD = ViewPlace(profile="prod", dialect="hugegraph", graphspace="DEFAULT", graph="hugegraph")
LEDGER = ViewPlace(profile="prod", dialect="hugegraph", graphspace="DEFAULT", graph="ledger")
DEV = ViewPlace(profile="dev", dialect="hugegraph", graph="hugegraph")
DEAD = ViewPlace(profile="dead", dialect="hugegraph", graphspace="DEFAULT", graph="g")
GRAPHS = ViewPlace(profile="prod", graphs=("hugegraph", "ledger"))
WAY = "run graphtop --view 'at night', show {} with A, and save the view again."

CONFIG = """
[profiles.prod]
url = "{prod}"
[profiles.dev]
url = "{dev}"
[profiles.dead]
url = "http://127.0.0.1:9"
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """A server of two graphs, and an old one."""
    home, usual = tmp_path_factory.mktemp("home"), ("--pace", "0", "--tasks", "3")
    with ExitStack() as stack:
        yield {
            "prod": simulated(stack, *usual, "--graphs", "hugegraph,ledger", home=home),
            "dev": simulated(stack, *usual, "--version", "1.5.0", home=home),
        }


@pytest.fixture
def dev(servers: dict[str, Server]) -> Server:
    """The old server, which knows no graphspaces."""
    servers["dev"].http.base_url = f"{servers['dev'].url}/graphs/hugegraph"
    return servers["dev"]


@pytest.fixture
def env(servers: dict[str, Server], home: Path) -> dict[str, str]:
    path = home / "config.toml"
    path.write_text(CONFIG.format(**{name: server.url for name, server in servers.items()}))
    return {"GRAPHTOP_CONFIG": str(path), "GRAPHTOP_INTERVAL": "0.2"}


@pytest.fixture
def save(home: Path) -> Callable[..., None]:
    """Save a view of some places, of which some are hidden."""

    def saved(*places: ViewPlace, hidden: tuple[ViewPlace, ...]) -> None:
        file = ViewsFile(home / ".local" / "state" / "graphtop" / "views.json")
        file.save_view(SavedView(name="at night", places=places, hidden=hidden))

    return saved


def name_places(done: Done) -> set[str]:
    """The places of the ids that were listed."""
    return {word.rpartition("/")[0] for word in done.stdout.split()}


LIST = ("ls", "--view", "at night", "--limit", "0", "-o", "id")


@pytest.mark.parametrize(
    ("places", "hidden", "listed"),
    [
        pytest.param([GRAPHS, DEV], [LEDGER], {"prod:DEFAULT/hugegraph", "dev:hugegraph"}, id="of several"),
        # Neither profile names a graph: what the places are called is asked.
        pytest.param(
            [ViewPlace(profile="prod"), ViewPlace(profile="dev")],
            [DEV],
            {"prod:DEFAULT/hugegraph"},
            id="unnamed",
        ),
        pytest.param([GRAPHS, DEV], [DEAD, DEV, PROD], {"prod:DEFAULT/ledger"}, id="two"),
    ],
)
def test_hidden_places_are_left_out_of_a_list(
    call: Run, env, save, places: list[ViewPlace], hidden: list[ViewPlace], listed: set[str]
) -> None:
    save(*places, hidden=tuple(hidden))
    done = call(*LIST, env=env)
    assert done.returncode == OK
    assert name_places(done) == listed
    number = sum(one is not DEAD for one in hidden)
    said = "1 hidden place of the view is" if number == 1 else f"{number} hidden places of the view are"
    them = "it" if number == 1 else "them"
    assert done.stderr == f"graphtop: {said} left out. To include {them}, {WAY.format(them)}\n"


def test_a_hidden_place_is_not_missing_where_it_does_not_answer(call: Run, env, save) -> None:
    save(PROD, ViewPlace(profile="dead"), hidden=(DEAD,))
    done = call(*LIST, env=env)
    assert (done.returncode, name_places(done)) == (OK, {"prod:DEFAULT/hugegraph"})
    assert done.stderr.startswith("graphtop: 1 hidden place of the view is left out. ")
    assert len(done.stderr.splitlines()) == 1


def test_a_view_that_hides_all_of_its_places_lists_nothing(call: Run, env, save) -> None:
    save(PROD, DEV, hidden=(DEV, PROD))
    for command in ("ls", "watch", "problems"):
        done = call(command, "--view", "at night", env=env)
        assert (done.returncode, done.stdout) == (USAGE, "")
        assert done.stderr == (
            f"graphtop: All places of the view at night are hidden. To include them, {WAY.format('them')}\n"
        )


def test_hidden_places_do_not_hide_that_another_one_is_missing(call: Run, env, save) -> None:
    save(PROD, ViewPlace(profile="dead"), hidden=(PROD,))
    done = call(*LIST, env=env)
    assert (done.returncode, done.stdout) == (UNREACHABLE, "")
    assert len(done.stderr.splitlines()) == 2


def test_a_view_that_hides_nothing_says_nothing(call: Run, env, save) -> None:
    save(PROD, DEV, hidden=())
    assert call(*LIST, env=env).stderr == ""


def test_hidden_places_are_not_watched(start, env, save, servers: dict[str, Server], dev: Server) -> None:
    save(PROD, ViewPlace(profile="dev"), hidden=(DEV,))
    old = dev.running()
    watching = start("watch", "--view", "at night", "-o", "jsonl", env=env)
    told = []

    def read_until(task: str) -> None:
        while f"prod:DEFAULT/hugegraph/{task}" not in told:
            told.append(json.loads(watching.stdout.readline())["id"])

    read_until(servers["prod"].running())
    new = dev.running()
    read_until(servers["prod"].running())
    assert not {f"dev:hugegraph/{old}", f"dev:hugegraph/{new}"} & {*told}
    watching.send_signal(signal.SIGINT)
    assert watching.wait(PATIENCE) == INTERRUPTED
    said = watching.stderr.read().decode()
    assert said.count("1 hidden place of the view is left out.") == 1
