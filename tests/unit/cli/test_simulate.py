"""The flags of `graphtop simulate`, as the simulated servers take them, and what it says of itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

import pytest

from backend_adapters.simulator import COMPUTER_DEMO, DEMO_HUGEGRAPH, HugeGraphApp
from backend_adapters.simulator.ges import DEMO_GES, GesApp
from tui.cli import run as graphtop
from tui.cli.commands import simulate

ADDRESS = "http://127.0.0.1:8080"
QUIET = ("--pace", "0")
BOTH, GES = "--dialect hugegraph or computerdis", "--dialect ges or ges-v2"


@pytest.fixture
def names() -> list[str]:
    """The names that the served server is told to answer to."""
    return []


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> Callable[..., tuple[object, str, int]]:
    """Run the command; gives the server that it would serve, host and port, and says the address."""

    def run(*flags: str) -> tuple[object, str, int]:
        seen: list[tuple[object, str, int]] = []
        names.clear()

        def serve(app: object, host: str, port: int, say: Callable[[str], None], allowed: list[str]) -> None:
            seen.append((app, host, port))
            say(ADDRESS)
            names.extend(allowed)

        monkeypatch.setattr("backend_adapters.simulator.serve.serve_app", serve)
        assert graphtop(["simulate", *flags]) == 0
        return seen[0]

    return run


@pytest.mark.parametrize(
    ("flags", "spaces"),
    [
        ("--backend hstore", DEMO_HUGEGRAPH.graphspaces),
        ("--backend hstore --version 1.8.0", DEMO_HUGEGRAPH.graphspaces),
        ("--backend hstore --version 1.5.0", ()),
        ("--backend memory", ()),
        ("--dialect computerdis", DEMO_HUGEGRAPH.graphspaces),
    ],
)
def test_who_has_graphspaces_besides_the_usual_one(served, flags: str, spaces: tuple[str, ...]) -> None:
    told = served(*flags.split())[0].world.settings
    assert told.graphspaces == spaces
    assert told.graphs == (DEMO_HUGEGRAPH.graphs if spaces else DEMO_HUGEGRAPH.graphs[:2])


def test_without_flags_it_is_the_demo_on_a_port(served, capsys) -> None:
    app, host, port = served()
    assert isinstance(app, HugeGraphApp)
    told = app.world.settings
    assert (told, host, port) == (
        replace(DEMO_HUGEGRAPH, graphs=DEMO_HUGEGRAPH.graphs[:2], graphspaces=()),
        "127.0.0.1",
        8080,
    )
    assert (
        capsys.readouterr().out
        == f"A simulated HugeGraph server listens on {ADDRESS}. Stop it with Ctrl+C.\n"
    )


def test_it_acts_as_what_comes_after_1_7(served) -> None:
    told = served("--version", "1.8.0")[0].world.settings
    assert (told.version, told.spares_results) == ("1.8.0", True)
    assert not DEMO_HUGEGRAPH.spares_results


def test_every_flag_of_hugegraph_reaches_the_server(served, monkeypatch) -> None:
    monkeypatch.setenv("GRAPHTOP_PASSWORD", "pw")
    flags = (
        "--port 0 --host 0.0.0.0 --seed 3 --tasks 1000 --unfinished 4 --pace 2.5 --version 1.5.0"
        " --scheduler distributed --backend memory --user admin --huge-result 200 --unreadable 7,12"
    )
    app, host, port = served(*flags.split())
    told = app.world.settings
    assert (host, port) == ("0.0.0.0", 0)
    assert (told.seed, told.history, told.unfinished, told.pace, told.specials) == (3, 1000, 4, 2.5, True)
    assert (told.version, told.scheduler, told.backend) == ("1.5.0", "distributed", "memory")
    assert (told.auth, told.huge) == (("admin", "pw"), 200_000_000)
    assert told.unreadable == {7, 12}
    assert (told.graphs, told.graphspaces) == (("hugegraph", "supply_chain"), ())


def count_tasks(app: HugeGraphApp) -> dict[str, int]:
    return {f"{space}/{graph}": len(tasks) for (space, graph), tasks in app.world.graphs.items()}


def test_named_graphs_have_their_own_numbers_of_tasks(served) -> None:
    app = served(*QUIET, "--tasks", "9", "--unfinished", "4", "--graphs", "social,fraud/risk:20")[0]
    assert count_tasks(app) == {"DEFAULT/social": 13, "fraud/risk": 20}
    assert app.world.settings.graphspaces == ("DEFAULT", "fraud")


def test_many_graphs_are_served_by_their_number(served) -> None:
    app = served(*QUIET, "--graphs", "500:3")[0]
    counts = count_tasks(app)
    assert (len(counts), set(counts.values())) == (500, {3})
    assert list(counts)[:2] == ["DEFAULT/graph_001", "DEFAULT/graph_002"]
    assert app.world.settings.graphspaces == ()


def test_many_graphs_get_together_as_much_as_one(served) -> None:
    app = served("--graphs", "50:0")[0]
    world = app.world
    world.clock = lambda: world.start + 650_000
    world.advance_to_now()
    assert 60 <= sum(count_tasks(app).values()) <= 140


def test_computer_jobs_are_counted_too(served) -> None:
    def count_jobs(*flags: str) -> list[int]:
        app = served("--dialect", "computerdis", *QUIET, *flags)[0]
        return [
            sum(task.kind.type == "computer-dis" for task in tasks) for tasks in app.world.graphs.values()
        ]

    assert count_jobs("--tasks", "30") == [30, 0, 0, 0]
    assert count_jobs("--tasks", "30", "--graphs", "a,b:7") == [30, 7]


def test_it_answers_late(served) -> None:
    app, _, _ = served("--delay", "50ms", "--seed", "3")
    assert (app.seconds, app.app.world.settings.seed) == (0.05, 3)
    assert isinstance(served("--delay", "0")[0], HugeGraphApp)


def test_a_server_at_rest_has_no_special_tasks(served) -> None:
    assert not served("--pace", "0")[0].world.settings.specials


def test_computer_jobs_have_a_server_of_their_own(served, capsys) -> None:
    app, _, _ = served("--dialect", "computerdis", "--unreadable", "3")
    assert app.world.settings.unreadable == {3}
    assert app.world.settings.computer == COMPUTER_DEMO.computer != DEMO_HUGEGRAPH.computer
    assert capsys.readouterr().out == (
        f"Its computer jobs, from another terminal:\n\n  graphtop {ADDRESS} --dialect computerdis\n\n"
        f"A simulated HugeGraph server with computer jobs listens on {ADDRESS}. Stop it with Ctrl+C.\n"
    )


@pytest.mark.parametrize(("dialect", "other"), [("ges", "ges-v2"), ("ges-v2", "ges")])
def test_ges_has_its_own_flags_and_says_how_to_get_in(served, capsys, dialect: str, other: str) -> None:
    flags = "--seed 3 --tasks 9 --unfinished 4 --pace 0 --throttle 30 --token-life 60"
    app, _, _ = served("--dialect", dialect, *flags.split())
    assert isinstance(app, GesApp)
    told = app.settings
    assert (told.seed, told.history, told.unfinished, told.pace, told.specials) == (3, 9, 4, 0.0, False)
    assert (told.throttle, told.token_life) == (30, 60_000)
    assert capsys.readouterr().out == (
        "The project is demo-project. Its jobs, from another terminal:\n\n"
        "  HUAWEICLOUD_SDK_AK=demo-ak HUAWEICLOUD_SDK_SK=demo-sk \\\n"
        f"    graphtop {ADDRESS} --dialect {dialect} --project demo-project\n\n"
        f"--dialect {other} uses the other version of the API. GRAPHTOP_TOKEN=demo-token works\n"
        f"instead of the two keys; {ADDRESS}/v3/auth/tokens gives demo tokens for demo-password.\n\n"
        f"A simulated GES project listens on {ADDRESS}. Stop it with Ctrl+C.\n"
    )


def test_without_flags_ges_is_the_demo(served) -> None:
    told = served("--dialect", "ges")[0].settings
    assert (told, told.token_life, told.throttle) == (DEMO_GES, 86_400_000, None)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--dialect ges --huge-result 200", "--huge-result is for --dialect hugegraph, not for ges."),
        ("--dialect ges --backend memory", f"--backend is for {BOTH}, not for ges."),
        ("--dialect ges-v2 --unreadable 7", f"--unreadable is for {BOTH}, not for ges-v2."),
        ("--throttle 3", f"--throttle is for {GES}, not for hugegraph."),
        ("--dialect computerdis --token-life 3", f"--token-life is for {GES}, not for computerdis."),
        (
            "--version 1.5.0 --graphs a,fraud/risk",
            "HugeGraph 1.5.0 has no graphspaces: name the graphs without.",
        ),
        ("--dialect ges --graphs a", f"--graphs is for {BOTH}, not for ges."),
        ("--user admin", "--user needs a password in GRAPHTOP_PASSWORD."),
    ],
)  # fmt: skip
def test_flags_that_do_not_fit_are_told(monkeypatch, capsys, flags: str, said: str) -> None:
    monkeypatch.delenv("GRAPHTOP_PASSWORD", raising=False)
    assert graphtop(["simulate", *flags.split()]) == 2
    assert capsys.readouterr().err == f"graphtop: {said}\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "tasks"])
def test_an_address_that_others_reach_is_warned_about(served, names, capsys, host: str) -> None:
    served("--host", host, "--allow-host", "demo", "--allow-host", "tasks-demo")
    assert names == ["demo", "tasks-demo"]
    assert capsys.readouterr().err == (
        f"graphtop: Warning: anyone who can reach {host} can use this server. "
        f"It answers to the names localhost and {host}, and to those of --allow-host.\n"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_an_address_of_this_machine_alone_needs_no_word(served, capsys, host: str) -> None:
    served("--host", host)
    assert capsys.readouterr().err == ""


def test_a_port_that_is_taken_is_told(monkeypatch, capsys) -> None:
    def serve(*_: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr("backend_adapters.simulator.serve.serve_app", serve)
    assert graphtop(["simulate", "--port", "81", "--host", "h"]) == 1
    assert capsys.readouterr().err == "graphtop: Can't listen on h, port 81: Address already in use.\n"


@pytest.mark.parametrize(
    ("read", "words", "value"),
    [
        (simulate.parse_port, "0", 0),
        (simulate.parse_port, "65535", 65535),
        (simulate.parse_amount, "0", 0),
        (simulate.parse_amount, "200", 200),
        (simulate.parse_task_numbers, "7", {7}),
        (simulate.parse_task_numbers, "7,12,7", {7, 12}),
        (simulate.parse_graphs, "a,b_2:7", (("a", None), ("b_2", 7))),
        (simulate.parse_graphs, "fraud/risk:0", (("fraud/risk", 0),)),
        (simulate.parse_graphs, "2:5,x", (("graph_1", 5), ("graph_2", 5), ("x", None))),
        (simulate.parse_pace, "0", 0.0),
        (simulate.parse_pace, "1.5", 1.5),
        (simulate.parse_pace, "100", 100.0),
        (simulate.parse_delay, "50ms", 0.05),
        (simulate.parse_delay, "2s", 2.0),
        (simulate.parse_delay, "60000ms", 60.0),
        (simulate.parse_delay, "0", 0.0),
    ],
)
def test_numbers_are_read_up_to_their_limits(read, words: str, value: float) -> None:
    assert read(words) == value


@pytest.mark.parametrize(
    ("read", "words", "said"),
    [
        (simulate.parse_port, "65536", "must be between 0 and 65535"),
        (simulate.parse_amount, "-1", "must be a whole number, 0 or more"),
        (simulate.parse_amount, "1.5", "must be a whole number, 0 or more"),
        (simulate.parse_amount, "٣", "must be a whole number, 0 or more"),
        (simulate.parse_task_numbers, "", "must be a whole number, 0 or more"),
        (simulate.parse_task_numbers, "7,,8", "must be a whole number, 0 or more"),
        (simulate.parse_task_numbers, "7,x", "must be a whole number, 0 or more"),
        (simulate.parse_graphs, "a,,b", '"" is not a name such as social or fraud/risk'),
        (simulate.parse_graphs, "4x", '"4x" is not a name such as social or fraud/risk'),
        (simulate.parse_graphs, "a:b", "must be a whole number, 0 or more"),
        (simulate.parse_graphs, "0", "must be 1 to 10,000 graphs"),
        (simulate.parse_graphs, "99999999999", "must be 1 to 10,000 graphs"),
        (simulate.parse_pace, "-0.1", "must be between 0 and 100"),
        (simulate.parse_pace, "100.1", "must be between 0 and 100"),
        (simulate.parse_pace, "nan", "must be between 0 and 100"),
        (simulate.parse_pace, "quick", "must be a number"),
        (simulate.parse_delay, "50", "must be a time such as 50ms or 2s, 60s at the most"),
        (simulate.parse_delay, "61s", "must be a time such as 50ms or 2s, 60s at the most"),
        (simulate.parse_delay, "-1s", "must be a time such as 50ms or 2s, 60s at the most"),
    ],
)
def test_numbers_beyond_their_limits_are_told(read, words: str, said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        read(words)
    assert str(refused.value) == said
