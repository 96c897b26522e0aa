"""`graphtop problems`: what it finds in one place and in several, in each format, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from backend_adapters.errors import NotLoggedIn
from tests.cli.conftest import BOOM, Done, Server, simulated
from tests.cli.fake_session import FakeSession
from tests.unit.fakes import START, S, task, unreadable_task
from tui.cli.exit_codes import OK, PARTLY, PROBLEMS_FOUND, UNREACHABLE, USAGE
from tui.cli.work.problem_finder import ProblemFinder
from tui.config.finding_settings import FindingLimits

Run = Callable[..., Done]
GRAPH = "DEFAULT/hugegraph"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    home = tmp_path_factory.mktemp("home")
    with ExitStack() as stack:
        yield {
            "calm": simulated(stack, "--tasks", "0", "--pace", "0", home=home),
            "ill": simulated(stack, "--tasks", "3", "--pace", "0", "--unreadable", "2", home=home),
        }


@pytest.fixture
def config(servers: dict[str, Server], home: Path) -> Path:
    path = home / "config.toml"
    profiles = {name: server.url for name, server in servers.items()} | {"dead": "http://127.0.0.1:9"}
    path.write_text("".join(f'[profiles.{name}]\nurl = "{url}"\n' for name, url in profiles.items()))
    return path


@pytest.fixture
def at(call: Run, config: Path) -> Run:
    def ran(*words: str) -> Done:
        return call(*words, env={"GRAPHTOP_CONFIG": str(config)})

    return ran


def test_without_problems_it_says_so_and_ends_with_0(at: Run) -> None:
    done = at("problems", "-p", "calm")
    assert (done.returncode, done.stdout) == (OK, "")
    assert done.stderr == "graphtop: No problems found.\n"
    assert at("problems", "-p", "calm", "-o", "json").stdout == "[]\n"


def test_ls_finds_tasks_by_the_words_for_problems(at: Run) -> None:
    broken = at("ls", "status=unreadable", "-p", "ill", "-o", "id").stdout
    assert broken == "2\n"
    assert at("ls", "problem", "-p", "ill", "-o", "id").stdout == broken
    assert at("ls", "slow", "-p", "ill", "-o", "id").stdout == ""
    assert set(at("ls", "!problem", "-p", "ill", "-o", "id").stdout.split()).isdisjoint(broken.split())
    assert at("ls", "problem", "-p", "calm", "-p", "ill", "-o", "id").stdout.split() == [
        f"ill:{GRAPH}/{task_id}" for task_id in broken.split()
    ]


def test_a_problem_has_its_evidence_and_the_next_step(at: Run) -> None:
    done = at("problems", "-p", "ill")
    assert (done.returncode, done.stderr) == (PROBLEMS_FOUND, "")
    first, evidence, step, command = done.stdout.splitlines()
    assert first == "unreadable  2: 1 task that the server can't read"
    assert evidence.startswith("  1 task can't be read: 2 (")
    assert step == "  Delete what nobody needs; the server's log says what is wrong with the others:"
    assert command == "    graphtop delete -p ill 2"


def test_the_next_step_is_for_the_place_that_was_named(at: Run, servers: dict[str, Server]) -> None:
    url = servers["ill"].url
    done = at("problems", "--url", url, "--graphspace", "DEFAULT", "-o", "json")
    (found,) = json.loads(done.stdout)
    assert found["command"] == f"graphtop delete --url {url} --graphspace DEFAULT 2"
    of_several = json.loads(at("problems", "-p", "ill", "-p", "calm", "-o", "json").stdout)
    assert of_several[0]["command"] == f"graphtop delete ill:{GRAPH}/2"


def test_other_programs_get_every_field(at: Run) -> None:
    (found,) = json.loads(at("problems", "-p", "ill", "-o", "json").stdout)
    assert list(found) == [
        "rule", "title", "id", "since", "evidence", "numbers", "next", "key", "command", "ids",
        "fingerprint", "place", "profile", "graphspace", "dialect",
    ]  # fmt: skip
    assert (found["rule"], found["id"], found["ids"], found["numbers"]) == (
        "unreadable", "2", ["2"], {"tasks": 1}
    )  # fmt: skip
    assert (found["place"], found["key"], found["command"]) == (
        f"ill:{GRAPH}",
        "^D",
        "graphtop delete -p ill 2",
    )
    head, row = csv.reader(io.StringIO(at("problems", "-p", "ill", "-o", "csv").stdout))
    assert dict(zip(head, row, strict=True))["numbers"] == "tasks=1"
    assert at("problems", "-p", "ill", "-o", "id").stdout == "2\n"
    assert at("problems", "-p", "ill", "-o", "tsv").stdout.startswith("unreadable\t2\t\t1 task that")


def test_failures_are_compared_over_all_places(at: Run, servers: dict[str, Server], config: Path) -> None:
    for name in ("calm", "ill", "ill"):
        task_id = servers[name].ended(BOOM)
    done = at("problems", "-p", "calm", "-p", "ill", "-o", "json")
    assert done.returncode == PROBLEMS_FOUND
    common = json.loads(done.stdout)[0]
    assert (common["rule"], common["numbers"]) == ("failures", {"tasks": 3, "graphs": 2})
    assert (common["place"], f"ill:{GRAPH}/{task_id}" in common["ids"]) == (None, True)
    assert common["title"].startswith("3 tasks failed alike: ")
    none = at("problems", "-p", "calm", "-p", "ill", "--reasons", "none", "-o", "json")
    assert [one["rule"] for one in json.loads(none.stdout)] == ["unreadable"]
    with config.open("a") as file:
        file.write("[findings]\nfailures_alike = 4\nunreadable = false\n")
    assert at("problems", "-p", "calm", "-p", "ill").returncode == OK


def test_a_place_that_does_not_answer_is_a_problem_of_several(at: Run, config: Path) -> None:
    done = at("problems", "-p", "dead", "-p", "calm")
    assert done.returncode == PROBLEMS_FOUND
    assert done.stdout.splitlines()[0] == "no_answer  dead does not answer"
    assert "graphtop doctor -p dead" in done.stdout
    assert at("problems", "-p", "dead").returncode == UNREACHABLE
    with config.open("a") as file:
        file.write("[findings]\nno_answer = false\n")
    done = at("problems", "-p", "dead", "-p", "calm")
    assert (done.returncode, done.stdout) == (PARTLY, "")
    assert "dead" in done.stderr


def test_a_mistake_in_the_thresholds_is_told_before_anything_is_sent(at: Run, config: Path) -> None:
    with config.open("a") as file:
        file.write("[findings]\nslow_times = 0\n")
    done = at("problems", "-p", "calm")
    assert done.returncode == USAGE
    assert "slow_times must be a number between 1 and 1000." in done.stderr


async def find_rules(*rows, **limits) -> list[str]:
    fake = FakeSession(*rows)
    fake.backend.failing = {row.id: "boom" for row in rows if row.status is S.UNREADABLE}
    fake.clock.time += 3600
    finder = ProblemFinder(FindingLimits(**limits), "some")
    found = await finder.find_in_place(fake.session)
    return [f"{one.rule} {one.task_id}" for one in found.findings]


async def test_tasks_are_judged_by_what_others_of_the_server_took(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRAPHTOP_HISTORY", str(tmp_path / "none.db"))
    before = [task(n, S.SUCCESS, name=f"import {n}", updated=START + 60_000) for n in range(1, 6)]
    rows = [
        *before,
        task(7, name="import 7"),
        task(8, S.CANCELLING, updated=START),
        task(9, retries=3, name="other"),
    ]
    assert sorted(await find_rules(*rows)) == ["restored 9", "slow 7", "stuck 8"]
    assert sorted(await find_rules(*rows, slow=False, stuck_after=7200)) == ["restored 9"]
    assert await find_rules(*before, unreadable_task(3)) == ["unreadable 3"]


async def test_a_login_that_is_refused_is_told_as_such() -> None:
    fake = FakeSession()
    finder = ProblemFinder(FindingLimits(), "some")
    found = finder.report_silence(fake.session, NotLoggedIn("It wants a login."))
    assert found.findings[0].title == "fake needs a login"
