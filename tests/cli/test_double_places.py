"""Tasks of a graph and its computer jobs in one command: the jobs are in both lists, and are told of once."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from backend_adapters.model import Source
from backend_adapters.transport.target import Target
from tests.cli.conftest import Done, Server, simulated
from tests.cli.fake_session import make_connection, options_of
from tests.support.patience import PATIENCE
from tests.unit.fakes import START, FakeBackend, FakeClock, S, task
from tui.cli.commands.problems import Options, ProblemPrinter
from tui.cli.exit_codes import INTERRUPTED, OK, PARTLY
from tui.cli.work import session_set
from tui.cli.work.session_set import PlaceToOpen, run_sessions

Run = Callable[..., Done]
GRAPH = "DEFAULT/hugegraph"
FAILED_JOBS = tuple(task(n, S.FAILED, type="computer-dis", reason="Boom", created=START) for n in (1, 2))
JOB = {"algorithm": "page-rank", "worker": 1, "params": {}}

CONFIG = """
[profiles.all]
url = "{url}"
graphs = ["*"]
[profiles.tasks]
url = "{url}"
[profiles.olap]
url = "{url}"
dialect = "computerdis"
[profiles.refused]
url = "{url}"
graph = "hugegraph"
graphspace = "DEFAULT"
dialect = "computerdis"
token_command = "false"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with tasks and with computer jobs, some of which have failed."""
    with ExitStack() as stack:
        flags = ("--dialect", "computerdis", "--tasks", "8", "--pace", "0")
        yield simulated(stack, *flags, home=tmp_path_factory.mktemp("home"))


@pytest.fixture
def config(server: Server, home: Path) -> dict[str, str]:
    path = home / "config.toml"
    path.write_text(CONFIG.format(url=server.url))
    return {"GRAPHTOP_CONFIG": str(path)}


def find_jobs(server: Server) -> set[str]:
    return {str(task["id"]) for task in server.tasks() if task["task_type"].startswith("computer")}


@pytest.mark.parametrize("first", ["all", "tasks"])
def test_each_job_is_listed_once_in_its_own_list(call: Run, config, server: Server, first: str) -> None:
    jobs = find_jobs(server)
    done = call("ls", "-p", first, "-p", "olap", "--limit", "0", "-o", "id", env=config)
    ids = done.stdout.split()
    listed = [one for one in ids if "/hugegraph/" in one]
    assert Counter(one.rpartition("/")[2] for one in listed) == Counter(
        str(one["id"]) for one in server.tasks()
    )
    assert {one.rpartition("/")[2] for one in ids if one.startswith("olap:")} == jobs
    assert (done.returncode, done.stderr) == (OK, "")
    newest = call("ls", "-p", first, "-p", "olap", "--limit", "3", "-o", "id", env=config)
    assert newest.stdout.split() == ids[:3]


def test_jobs_stay_with_the_tasks_where_their_own_list_can_not_be_read(call: Run, config, server) -> None:
    done = call("ls", "-p", "tasks", "-p", "refused", "--limit", "0", "-o", "id", env=config)
    assert done.returncode == PARTLY
    assert {one.rpartition("/")[2] for one in done.stdout.split()} >= find_jobs(server)


class ListBackend(FakeBackend):
    """One of two lists of the same graph, whose jobs are in both."""

    def __init__(self, profile: str, dialect: str) -> None:
        super().__init__(FakeClock(), FAILED_JOBS)
        self._is_at = replace(super().source, profile=profile, dialect=dialect)

    @property
    def source(self) -> Source:
        return self._is_at


def test_jobs_that_failed_are_not_counted_twice(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    dialects = {"tasks": "hugegraph", "olap": "computerdis"}

    def open_backend(target: Target) -> ListBackend:
        return ListBackend(target.profile, dialects[target.profile])

    monkeypatch.setattr(session_set, "open_backend", open_backend)
    places = [
        PlaceToOpen(connection=make_connection(Target(url="http://fake", profile=name))) for name in dialects
    ]
    finder = ProblemPrinter(options_of(Options, reasons="none"))
    assert run_sessions(places, finder.look_in_several) == OK
    assert capsys.readouterr() == ("", "graphtop: No problems found.\n")


@pytest.mark.parametrize("first", ["all", "tasks"])
def test_a_watch_tells_each_change_of_a_job_once(start, config, server: Server, first: str) -> None:
    watching = start(
        "watch", "-p", first, "-p", "olap", "-o", "jsonl", env={**config, "GRAPHTOP_INTERVAL": "0.2"}
    )
    told: list[str] = []

    def read_until(*ids: str) -> None:
        while not {*ids} <= {*told}:
            told.append(json.loads(watching.stdout.readline())["id"])

    read_until(f"{first}:{GRAPH}/{server.running()}")
    job = str(server.http.post("/jobs/computerdis", json=JOB).json()["task_id"])
    # The list of all tasks has both; the job stays queued.
    read_until(f"{first}:{GRAPH}/{server.running()}", f"olap:{GRAPH}/{job}")
    assert [one for one in told if one.endswith(f":{GRAPH}/{job}")] == [f"olap:{GRAPH}/{job}"]
    watching.send_signal(signal.SIGINT)
    assert watching.wait(PATIENCE) == INTERRUPTED
