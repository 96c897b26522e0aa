"""`graphtop prod dev`, `--all`, a view of several places: what is opened together, asked, and left out."""

from __future__ import annotations

import getpass
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cli.conftest import Done
from tests.cli.fake_screen import Opening, replace_screen
from tui.cli.commands import launch
from tui.cli.work import connect, joint_places
from tui.connection import login
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile

FILE = """\
[profiles.prod]
url = "https://h:8443"
production = true
read_only = true
insecure = true
[profiles.dev]
url = "http://dev:8080/graphs/g"
journal = false
cache = false
[profiles.wide]
url = "http://wide:8080"
graphs = ["*", "finance/test*"]
[profiles.asking]
url = "https://asking:8443"
user = "ann"
[profiles.other]
url = "https://other:8443"
user = "bob"
"""

INSECURE = "graphtop: prod: INSECURE: the server's certificate is not checked.\n"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Opening]:
    """What the screen was opened with, which opens not."""
    seen: list[Opening] = []
    replace_screen(monkeypatch, seen.append, launch, joint_places)
    monkeypatch.setattr(joint_places, "find_screen_obstacle", lambda: "")
    return seen


class Prompts:
    """A person at the prompts, who types the next of some answers: a password, nothing, or `^D`."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.asked: list[str] = []

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        answer = self.answers.pop(0)
        if answer == "^D":
            raise EOFError
        return answer


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """A person at the prompts."""
    prompts = Prompts()
    monkeypatch.setattr(getpass, "getpass", prompts.ask)
    terminal = SimpleNamespace(isatty=lambda: True)
    for module in (connect, login):
        monkeypatch.setattr(module, "sys", SimpleNamespace(stdin=terminal, stderr=io.StringIO()))
    return prompts


@pytest.fixture
def file(home: Path) -> dict[str, str]:
    """The variable that names a file with profiles."""
    (home / "config.toml").write_text(FILE)
    return {"GRAPHTOP_CONFIG": str(home / "config.toml")}


def names(opening: Opening) -> list[str]:
    return [one.target.profile for one in opening.destinations]


@pytest.mark.parametrize("words", ["prod dev", "-p prod -p dev", "prod --utc dev", "prod dev prod"])
def test_two_profiles_are_opened_together(
    call: Callable[..., Done], opened: list[Opening], file, words: str
) -> None:
    done = call(*words.split(), env=file)
    assert (done.returncode, done.stderr) == (7, INSECURE)
    (opening,) = opened
    assert (opening.target, names(opening), opening.notes) == (None, ["prod", "dev"], ())
    assert opening.options.utc is ("--utc" in words)


def test_each_place_has_its_own_guards_journal_and_cache(call, opened: list[Opening], file) -> None:
    call("prod", "dev", "--interval", "5", env=file)
    prod, dev = opened[0].destinations
    options = prod.options
    assert (options.production, options.read_only, options.insecure) == (True, True, True)
    assert (options.journal, options.cache) == (True, True)
    assert options.read_only_origin.attribution == "the profile prod (~/config.toml:4)"
    options = dev.options
    assert (options.production, options.read_only, options.insecure) == (False, False, False)
    assert (options.journal, options.cache) == (False, False)
    assert (prod.target.tls.insecure, dev.target.tls.insecure) == (True, False)
    assert {one.interval for one in (prod.options, dev.options, opened[0].options)} == {5.0}


def test_flags_for_safety_hold_for_all(call, opened: list[Opening], file) -> None:
    call(
        "prod",
        "dev",
        "--read-only",
        "--production",
        "--no-journal",
        "--no-cache",
        "--no-history",
        "--ascii",
        env=file,
    )
    for one in opened[0].destinations:
        options = one.options
        assert (options.read_only, options.production) == (True, True)
        assert (options.journal, options.cache, options.history, options.ascii) == (False, False, False, True)
        assert options.production_origin.text == "--production"


def test_all_is_every_profile_and_a_profile_may_have_many_graphs(call, opened, file, prompts) -> None:
    prompts.answers += ["secret", "secret"]
    assert call("--all", "--graph", "g", env=file).returncode == 2
    assert call("--all", env=file).returncode == 7
    (opening,) = opened
    assert names(opening) == ["prod", "dev", "wide", "asking", "other"]
    assert [one.graphs for one in opening.destinations] == [(), (), ("*", "finance/test*"), (), ()]


def test_a_profile_with_many_graphs_opens_them_together(call, opened: list[Opening], file) -> None:
    assert call("wide", "--utc", env=file).returncode == 7
    assert call("wide", "--graph", "one", env=file).returncode == 7
    assert call("http://h", env={"GRAPHTOP_GRAPHS": "a, b"}).returncode == 7
    many, one, variable = opened
    assert (many.target, names(many), many.destinations[0].graphs) == (
        None,
        ["wide"],
        ("*", "finance/test*"),
    )
    assert many.destinations[0].options.utc
    assert (one.target.graph, one.destinations) == ("one", ())
    assert variable.destinations[0].graphs == ("a", "b")


def test_addresses_are_opened_together_with_the_guards_of_their_profiles(call, opened, file) -> None:
    done = call("https://h:8443", "http://else:8080/graphs/g", "dev", env={**file, "GRAPHTOP_TOKEN": "x"})
    assert done.returncode == 7
    assert "graphtop: GRAPHTOP_TOKEN is not used: several places are named.\n" in done.stderr
    (opening,) = opened
    assert names(opening) == ["h:8443", "else:8080", "dev"]
    assert [one.options.production for one in opening.destinations] == [True, False, False]
    assert [one.target.graph for one in opening.destinations] == [None, "g", "g"]
    assert not any(one.target.credentials.has_login for one in opening.destinations)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("prod dve", 'No profile "dve". Did you mean dev? For a host, write http://dve'),
        ("-p prod -p dve", 'No profile "dve". Did you mean dev?'),
        ("prod dev ls", '"ls" is a command and must come first: graphtop ls -p prod -p dev …'),
        ("prod -p dev -p wide", "prod and -p dev -p wide name different places. Use only one way."),
        ("prod --all", "prod and --all name different places. Use only one way."),
        ("-p prod --all", "-p and --all name different places. Use only one."),
        (
            "prod dev --graph g",
            "--graph is about one place, and several are named. Set it in their profiles.",
        ),
        ("prod dev --name x", "--name is about one place, and several are named."),
        ("prod u:p@h", "Leave the user and the password out of the address. Use --user for the user."),
    ],
)
def test_what_can_not_be_opened_together_is_told(call, opened, file, words: str, said: str) -> None:
    done = call(*words.split(), env=file)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"graphtop: {said}\n")
    assert not opened


def test_all_without_profiles_is_told(call, opened: list[Opening], home: Path) -> None:
    done = call("--all")
    assert done.returncode == 2
    assert done.stderr.startswith("graphtop: --all names no place. The config file ")
    assert not opened


def test_each_password_is_asked_for_by_its_name_one_after_the_other(call, opened, file, prompts) -> None:
    prompts.answers += ["first", "second"]
    assert call("asking", "dev", "other", env=file).returncode == 7
    asking, dev, other = opened[0].destinations
    assert prompts.asked == [
        "asking: password for ann at asking:8443, or enter to skip: ",
        "other: password for bob at other:8443, or enter to skip: ",
    ]
    assert asking.target.credentials.password() == "first"
    assert other.target.credentials.password() == "second"
    assert not dev.target.credentials.has_login


@pytest.mark.parametrize("answer", ["", "^D"])
def test_a_password_that_is_not_typed_leaves_its_place_out(call, opened, file, prompts, answer) -> None:
    prompts.answers += [answer, "second"]
    done = call("asking", "dev", "other", env=file)
    said = "asking is left out. No password was typed. Press P on the screen to open it."
    assert (done.returncode, done.stderr.strip()) == (7, f"graphtop: {said}")
    assert (names(opened[0]), opened[0].notes) == (["dev", "other"], (said,))


def test_one_place_that_is_left_is_opened_alone(call, opened: list[Opening], file, prompts) -> None:
    prompts.answers.append("")
    assert call("asking", "dev", env=file).returncode == 7
    (opening,) = opened
    assert (opening.target.profile, opening.destinations, len(opening.notes)) == ("dev", (), 1)
    assert not opening.options.journal


def test_without_any_place_nothing_is_opened(call, opened: list[Opening], file, prompts) -> None:
    prompts.answers += ["", "^D"]
    done = call("asking", "other", env=file)
    assert done.returncode == 2
    assert done.stderr.endswith("graphtop: None of the places can be opened.\n")
    assert not opened


def test_a_profile_with_a_mistake_is_left_out(call, opened: list[Opening], file, home: Path) -> None:
    (home / "config.toml").write_text(f"{FILE}[profiles.bad]\nurl = 'h'\nnonsense = 1\n")
    done = call("dev", "bad", "wide", env=file)
    assert done.returncode == 7
    assert done.stderr.startswith("graphtop: bad is left out. ~/config.toml:")
    assert names(opened[0]) == ["dev", "wide"]


def test_nothing_is_asked_where_there_can_be_no_screen(call, file, prompts) -> None:
    done = call("asking", "other", env={**file, "TERM": "dumb"})
    assert done.returncode == 2
    assert "The screen needs a terminal" in done.stderr
    assert prompts.asked == []


def test_a_view_of_several_places_opens_all_of_them(call, opened, file, home: Path) -> None:
    places = (
        ViewPlace(profile="prod", graphspace="DEFAULT", graph="social", dialect="hugegraph"),
        ViewPlace(url="http://x:8080", graphs=("*",)),
        ViewPlace(profile="dev", graph=""),
    )
    views = ViewsFile(home / ".local" / "state" / "graphtop" / "views.json")
    views.save_view(SavedView(name="night", places=places, filter="status=failed"))
    views.save_view(SavedView(name="all", places=places[1:2]))
    assert call("--view", "night", env=file).returncode == 7
    assert call("--view", "all", env=file).returncode == 7
    night, all_graphs = opened
    prod, other, dev = night.destinations
    assert (prod.target.profile, prod.target.graph, prod.target.graphspace) == ("prod", "social", "DEFAULT")
    assert prod.options.read_only
    assert (other.target.url, other.graphs) == ("http://x:8080", ("*",))
    assert (dev.target.profile, dev.target.graph) == ("dev", None), "the view names no graph"
    assert night.view.filter == "status=failed"
    assert [one.graphs for one in all_graphs.destinations] == [("*",)]
