"""Completions: what is offered for a word, and that bash, zsh and fish put it on the line."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend_adapters.backend import Batch
from backend_adapters.errors import Unreachable
from backend_adapters.model import Scope, TaskStatus
from backend_adapters.transport.target import Timeouts
from tests.cli.conftest import Server
from tests.support.history_file import HistoryFile, place_of
from tests.support.patience import PATIENCE
from tests.support.requirements import require_program
from tests.terminal.terminal_emulator import ROOT, Terminal, environment
from tests.unit.fakes import START, task
from tui.cli import run as graphtop
from tui.cli.commands.completion import SCRIPTS
from tui.cli.completion import candidates
from tui.cli.completion.complete import FilesWanted, list_candidates, rejoin_words
from tui.cli.registry import COMMANDS, parser_of

CONFIG = """
[profiles.prod]
url = "http://db.example:8080"
user = "ann"

[profiles.dev]
url = "http://127.0.0.1:9"

[profiles."a b"]
url = "http://127.0.0.1:9"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def offered(config: Path) -> Callable[..., list[str]]:
    """What is offered for the last of some words."""

    def offer(*words: str, **environ: str) -> list[str]:
        return [one.value for one in list_candidates(words, {"GRAPHTOP_CONFIG": str(config), **environ})]

    return offer


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_a_parser_and_every_flag_is_offered(offered, command: str) -> None:
    parser = parser_of(command)
    flags = {action.option_strings[-1] for action in parser._actions if action.option_strings}
    words = [command] if command else []
    assert set(offered(*words, "-")) == {flag for flag in flags if flag.startswith("-")}
    assert set(offered(*words, "--h")) == {flag for flag in flags if flag.startswith("--h")}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str) -> None:
    assert len(COMMANDS[command].help.split()) > 2


def test_each_command_is_offered_with_what_it_does(config: Path) -> None:
    found = {offer.value: offer.about for offer in list_candidates([""], {"GRAPHTOP_CONFIG": str(config)})}
    assert {name: found[name] for name in COMMANDS} == {
        name: command.help for name, command in COMMANDS.items()
    }


def test_the_help_lists_each_command_with_what_it_does(capsys) -> None:
    with pytest.raises(SystemExit):
        graphtop(["--help"])
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for name, command in COMMANDS.items():
        assert lines.count(f"{name} {command.help}") == 1


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("jou|", "journal"),
        ("d|", "delete demo doctor dev"),
        ("pr|", "problems prod"),
        ("prod |", "dev a b"),
        ("prod dev |", "a b"),
        ("config |", "init check path example schema"),
        ("config check --prod|", "--production"),
        ("config check -p pro|", "prod"),
        ("completion |", "bash zsh fish"),
        ("completion bash |", ""),
        ("help d|", "delete demo doctor"),
        ("help ls |", ""),
        ("--url http://127.0.0.1:9 --utc p|", "prod"),
        ("ls --profile |", "prod dev a b"),
        ("ls --profile=d|", "--profile=dev"),
        ("ls -p d|", "dev"),
        ("get -pdev --prof|", ""),
        ("ls -p prod -p |", "dev a b"),
        ("ls -pprod --profile=|", "--profile=dev --profile=a b"),
        ("ls -p prod --prof|", "--profile"),
        ("watch --al|", "--all"),
        ("ls --all --al|", ""),
        ("submit --al|", ""),
        ("ls --sort re|", "reason retries"),
        ("ls --color=|", "--color=auto --color=always --color=never"),
        ("ls --reverse --rev|", ""),
        ("journal --id 7 --i|", "--id"),
        ("ls --limit |", ""),
        ("ls st|", "status="),
        ("ls rebuild to|", "took>"),
        ("ls status=failed,su|", "status=failed,success"),
        ("ls prof|", "profile="),
        ("ls profile=p|", "profile=prod"),
        ("ls place=prod,d|", "place=prod,dev"),
        ("ls dialect=ges-|", "dialect=ges-graph dialect=ges-v2 dialect=ges-v1-2019"),
        ("purge --status |", "success partial failed cancelled"),
        ("purge --status=failed,partial,c|", "--status=failed,partial,cancelled"),
        ("wait --for |", "success finished gone"),
        ("journal --outcome un|", "unconfirmed under-way"),
        ("history --export |", "trace csv jsonl"),
        ("history --id |", ""),
        ("stats b|", "by"),
        ("stats by |", "type name place"),
        ("stats by n|", "name"),
        ("stats by name ty|", "type="),
        ("ls -- --re|", ""),
        ("nonsense --nothing |", ""),
        ("prod --as|", "--ascii"),
        ("demo --se|", "--seed"),
        ("get --url http://127.0.0.1:9 |", ""),
        ("get --url ::: |", ""),
        ("get -p nobody |", ""),
        ("get -p prod |", ""),
    ],
)  # fmt: skip
def test_offers(offered, words: str, wanted: str) -> None:
    before = words.removesuffix("|").split(" ")
    assert " ".join(offered(*before)) == wanted


@pytest.mark.parametrize(
    "words", ["submit ", "ls --ca-file ", "ls --ca-file=/e", "result 7 -o ", "ls --token-file x"]
)
def test_files_are_left_to_the_shell(offered, words: str) -> None:
    with pytest.raises(FilesWanted):
        offered(*words.split(" "))


@pytest.mark.parametrize(
    ("words", "joined", "kept"),
    [
        (["ls", "--sort", "=", "re"], ["ls", "--sort=re"], 7),
        (["ls", "--sort", "="], ["ls", "--sort="], 7),
        (["get", "--url", "http", ":", "//h", ":", "8080", "4"], ["get", "--url", "http://h:8080", "4"], 0),
        (["get", "--url", "=", "http", ":", "//h", ""], ["get", "--url=http://h", ""], 0),
        (["ls", ""], ["ls", ""], 0),
        ([], [], 0),
    ],
)
def test_what_bash_broke_is_in_one_piece_again(words, joined, kept) -> None:
    assert rejoin_words(words) == (joined, kept)


# From the server.


class Backend:
    """A server that offers what it is told to."""

    def __init__(
        self, target, ids: tuple[str, ...] = (), graphs: tuple[str, ...] = (), pause: float = 0
    ) -> None:
        self.ids, self.graphs, self.pause = ids, graphs, pause

    async def connect(self) -> None:
        if self.pause:
            await asyncio.sleep(self.pause)

    async def scopes(self):
        return tuple(Scope(graph=graph, graphspace="DEFAULT") for graph in self.graphs)

    async def snapshot(self):
        yield Batch(tasks=tuple(task(one, TaskStatus.RUNNING) for one in self.ids))

    async def aclose(self) -> None:
        pass


def serve(monkeypatch: pytest.MonkeyPatch, **offers) -> None:
    monkeypatch.setattr("backend_adapters.registry.open_backend", lambda target: Backend(target, **offers))


def test_names_that_a_shell_would_carry_out_are_not_offered(offered, monkeypatch) -> None:
    bad = ("$(reboot)", "1;reboot", "a b", "`x`", "1\n2", "\x1b[2J", "é", "", "x" * 300, "'")
    serve(monkeypatch, ids=(*bad, "7"), graphs=(*bad, "g"))
    assert offered("get", "--url", "http://h", "") == ["7"]
    assert offered("ls", "--url", "http://h", "--graph", "") == ["g"]


def test_what_is_named_already_is_not_offered_again(offered, monkeypatch) -> None:
    serve(monkeypatch, ids=("7", "8"))
    assert offered("get", "-p", "dev", "7", "") == ["8"]


def test_a_slow_server_offers_nothing(offered, monkeypatch) -> None:
    monkeypatch.setattr(candidates, "SERVER_BUDGET", 0.05)
    serve(monkeypatch, ids=("7",), pause=3600)
    assert offered("get", "-p", "dev", "") == []


def test_who_would_be_asked_is_not(offered, monkeypatch, tmp_path: Path, config: Path) -> None:
    serve(monkeypatch, ids=("7",))
    secret, pipe, ran = tmp_path / "secret", tmp_path / "pipe", tmp_path / "ran"
    secret.write_text("x")
    secret.chmod(0o600)
    os.mkfifo(pipe)
    place = ["get", "--url", "http://h", "--user", "ann"]
    assert offered(*place, "") == []
    assert offered(*place, "--password-command", f"touch {ran}", "") == []
    assert offered(*place, "--password-file", str(pipe), "") == []
    assert offered(*place, "--password-file", str(tmp_path / "none"), "") == []
    assert offered(*place, "--password-file", "x" * 300, "") == []
    assert offered(*place, "--password-file", str(secret), "") == ["7"]
    assert offered(*place, "", GRAPHTOP_PASSWORD="x") == ["7"]
    assert not ran.exists()


def test_ids_and_graphs_of_a_server(offered, server: Server, monkeypatch) -> None:
    monkeypatch.setattr(candidates, "SERVER_BUDGET", 20.0)
    running, ended = server.running(), server.ended()
    place = ["--url", server.url]
    assert offered("cancel", *place, "")[:1] == [running]
    assert ended not in offered("cancel", *place, "")
    assert ended in offered("get", *place, "")
    assert offered("get", *place, ended) == [ended]
    assert "hugegraph" in offered("ls", *place, "--graph", "")
    assert "hugegraph" in offered(server.url, "--graph", "")


def test_graphspaces_of_a_server(offered, spaces: Server, monkeypatch) -> None:
    monkeypatch.setattr(candidates, "SERVER_BUDGET", 20.0)
    place = ["--url", spaces.url]
    assert "finance" in offered("ls", *place, "--graphspace", "")
    assert "ledger" in offered("ls", *place, "--graphspace", "finance", "--graph", "")
    assert "hugegraph" not in offered("ls", *place, "--graphspace", "finance", "--graph", "")


def test_an_error_of_a_server_says_nothing(offered, monkeypatch) -> None:
    def refuse(target) -> None:
        raise Unreachable("no")

    monkeypatch.setattr("backend_adapters.registry.open_backend", refuse)
    assert offered("get", "-p", "dev", "") == []


class Pages:
    """A server whose list has two pages, of tasks in no order."""

    asked = 0

    def __init__(self, target) -> None:
        self.target = target

    async def connect(self) -> None:
        assert self.target.timeouts == Timeouts(candidates.SERVER_BUDGET, candidates.SERVER_BUDGET)

    async def snapshot(self):
        Pages.asked += 1
        rows = [task(number, created=START + number % 40) for number in range(1, 61)]
        rows[10] = task(11, TaskStatus.SUCCESS, created=None, name="token=x " + "y" * 80)
        yield Batch(tasks=tuple(rows))
        Pages.asked += 1
        yield Batch(tasks=(task(99),))

    async def scopes(self):
        spaces = ("DEFAULT", "finance", "DEFAULT", None)
        return tuple(Scope(graph=f"g{number}", graphspace=space) for number, space in enumerate(spaces))

    async def aclose(self) -> None:
        Pages.asked += 100


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> type[Pages]:
    monkeypatch.setattr("backend_adapters.registry.open_backend", Pages)
    monkeypatch.setattr(Pages, "asked", 0)
    monkeypatch.setattr(candidates, "SERVER_BUDGET", 30)
    return Pages


def test_the_fifty_newest_of_the_first_page_are_offered(offered, pages: type[Pages]) -> None:
    ids = offered("get", "-p", "dev", "")
    assert pages.asked == 101, "one page is read, and the connection is closed"
    assert len(ids) == 50
    assert ids[:4] == ["39", "38", "37", "36"]
    assert "99" not in ids
    assert "11" not in ids, "a task without a time is older than all"


@pytest.mark.parametrize(
    ("command", "has"), [("cancel", False), ("wait", False), ("get", True), ("delete", True)]
)
def test_only_what_a_command_can_do_something_with_is_offered(
    offered, monkeypatch, pages, command, has
) -> None:
    monkeypatch.setattr(candidates, "IDS_MOST", 60)
    assert ("11" in offered(command, "-p", "dev", "")) is has


def test_an_id_is_offered_with_its_status_and_the_beginning_of_its_name(
    config: Path, pages, monkeypatch
) -> None:
    monkeypatch.setattr(candidates, "IDS_MOST", 60)
    found = list_candidates(["get", "-p", "dev", "11"], {"GRAPHTOP_CONFIG": str(config)})
    assert [(one.value, one.about) for one in found] == [("11", f"success  token=•••••• {'y' * 47}")]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("ls -p dev --graph |", "g0:DEFAULT g1:finance g2:DEFAULT g3:"),
        ("ls -p dev --graphspace finance --graph |", "g1:finance"),
        ("ls -p dev --graphspace |", "DEFAULT: finance:"),
        ("dev --graph g1|", "g1:finance"),
        ("http://h --graph=g1|", "--graph=g1:finance"),
        ("journal --id |", ""),
    ],
)
def test_graphs_and_graphspaces_of_a_server_are_offered(config: Path, pages, words: str, wanted: str) -> None:
    found = list_candidates(words.removesuffix("|").split(" "), {"GRAPHTOP_CONFIG": str(config)})
    assert " ".join(f"{one.value}:{one.about}" for one in found) == wanted


def test_ids_of_the_history_are_offered_with_their_places(config: Path, tmp_path: Path) -> None:
    file, prod, dev = HistoryFile(tmp_path / "history.db"), place_of("prod"), place_of("dev")
    for number in range(60):
        file.add_task(prod, task(number, created=START + number, name="\x1b[31mred"), seen=START)
    file.add_task(prod, task("-rf", created=START + 99), seen=START)
    file.add_task(dev, task(7, created=START + 98), seen=START)
    file.close()
    environ = {"GRAPHTOP_CONFIG": str(config), "GRAPHTOP_HISTORY": str(file.path)}
    found = list_candidates(["history", "--id", ""], environ)
    assert [one.value for one in found[:2]] == ["dev:DEFAULT/hugegraph/7", "prod:DEFAULT/hugegraph/59"]
    assert found[1].about == "running  ␛[31mred"
    assert len(found) == candidates.IDS_MOST - 1
    found = list_candidates(["history", "-p", "dev", "--id", ""], environ)
    assert [one.value for one in found] == ["dev:DEFAULT/hugegraph/7"]


def test_profiles_are_offered_with_their_addresses(config: Path) -> None:
    found = list_candidates(["d"], {"GRAPHTOP_CONFIG": str(config)})
    assert [one.about for one in found if one.value == "dev"] == ["http://127.0.0.1:9"]
    (flag,) = list_candidates(["ls", "--sor"], {"GRAPHTOP_CONFIG": str(config)})
    assert flag.about.startswith("sort by age, created, ")
    about = {
        one.value: one.about for one in list_candidates(["config", ""], {"GRAPHTOP_CONFIG": str(config)})
    }
    assert about["path"] == "print the path of the config file"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("bash", "ls", "--sort", "=", "ret"), ["words", "retries\t"]),
        (("zsh", "ls", "--sort=ret"), ["words", "--sort=retries\t"]),
        (("fish", "compl"), ["words", f"completion\t{COMMANDS['completion'].help}"]),
        (("zsh", "submit", "x"), ["files"]),
        (("zsh", "ls", "--nothing="), ["words"]),
        (("zsh", "ls", "--reverse="), ["words"]),
        (("bash",), ["words", *(f"{name}\t{COMMANDS[name].help}" for name in COMMANDS)]),
    ],
)
def test_what_a_shell_is_told(monkeypatch, capsys, tmp_path: Path, words: tuple[str, ...], lines) -> None:
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(tmp_path / "none"))
    graphtop(["__complete", *words])
    assert capsys.readouterr().out == "\n".join(lines) + "\n"
    assert codes == [0]


# In real shells.


@pytest.fixture
def env(tmp_path: Path, config: Path) -> dict[str, str]:
    """An environment whose graphtop is this one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "graphtop"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui "$@"\n')
    program.chmod(0o700)
    (tmp_path / "script.groovy").write_text("1")
    path = f"{folder}:{os.environ['PATH']}"
    return environment(tmp_path, {"PATH": path, "GRAPHTOP_CONFIG": str(config), "PYTHONPATH": str(ROOT)})


def shell(name: str) -> str:
    return require_program(name, package=name)


def test_bash(env) -> None:
    script = """
        source <(graphtop completion bash)
        tell() {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _graphtop; echo "${COMPREPLY[*]}"
        }
        tell graphtop journ
        tell graphtop ls --sort = re
        tell graphtop ls -p ''
        tell graphtop get --url http : //127.0.0.1 : 9 ''
        cd "$HOME"; tell graphtop submit scr
        tell graphtop ls --ca-file = scr
        complete -p graphtop
    """
    done = subprocess.run(
        [shell("bash"), "--norc", "-c", script],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "journal",
        "reason retries",
        r"prod dev a\ b",
        "",
        "script.groovy",
        "script.groovy",
        "complete -F _graphtop graphtop",
    ]


@pytest.fixture
def typing(env) -> Iterator[Callable[..., Terminal]]:
    """Open a shell in a terminal."""
    opened: list[Terminal] = []

    def start(*command: str) -> Terminal:
        opened.append(Terminal([shell(command[0]), *command[1:]], env, width=100))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def _line(terminal: Terminal, typed: str, seen: str) -> None:
    terminal.send(typed)
    terminal.wait_for(seen)
    terminal.send("\x15")
    terminal.wait_gone(seen)


def test_bash_at_its_prompt(typing) -> None:
    at = typing("bash", "--norc", "--noprofile")
    at.send("PS1='> '; source <(graphtop completion bash); cd; clear\r")
    at.wait(lambda: at.text().strip() == ">", "the prompt")
    _line(at, "graphtop jour\t--lim\t5", "graphtop journal --limit 5")
    _line(at, "graphtop ls --sort=ret\t-", "graphtop ls --sort=retries -")
    _line(at, "graphtop ls stat\tfai\t-", "graphtop ls status=failed -")
    _line(at, "graphtop submit scr\t-", "graphtop submit script.groovy -")


def test_zsh_at_its_prompt(typing) -> None:
    at = typing("zsh", "-f", "-i")
    at.send("PS1='> '; autoload -U compinit; compinit -D; source <(graphtop completion zsh); cd; clear\r")
    at.wait(lambda: at.text().strip() == ">", "the prompt")
    _line(at, "graphtop jour\t--lim\t5", "graphtop journal --limit 5")
    _line(at, "graphtop ls --sort=ret\t-", "graphtop ls --sort=retries -")
    _line(at, "graphtop ls stat\tfai\t-", "graphtop ls status=failed -")
    _line(at, "graphtop submit scr\t-", "graphtop submit script.groovy -")
    at.send("graphtop completion \t\t")
    at.wait(lambda: "bash" in at.text() and "fish" in at.text(), "the shells")


def test_fish(env) -> None:
    script = """
        graphtop completion fish | source
        cd $HOME
        for line in 'graphtop journ' 'graphtop ls --sort=ret' 'graphtop ls -p ' 'graphtop submit scr'
            complete -C $line
        end
    """
    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", script],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [
        "journal",
        "--sort=retries",
        "prod",
        "dev",
        "a b",
        "script.groovy",
    ]


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("bash", "complete -F _graphtop graphtop"),
        ("zsh", "fi"),
        ("fish", "complete -c graphtop -f -k -a '(__graphtop_complete)'"),
    ],
)
def test_the_scripts_are_printed(capsys, name: str, last: str) -> None:
    assert graphtop(["completion", name]) == 0
    said = capsys.readouterr().out
    assert said == SCRIPTS[name]
    assert said.endswith(f"\n{last}\n")
