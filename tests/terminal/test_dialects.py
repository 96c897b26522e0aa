"""The built-in servers of the other dialects: what the commands say, and that graphtop gets in as told."""

from __future__ import annotations

import httpx
import pytest

from tests.terminal.conftest import Open, Run, Simulate
from tui.cli.exit_codes import USAGE

KEYS: dict[str, str | None] = {"HUAWEICLOUD_SDK_AK": "demo-ak", "HUAWEICLOUD_SDK_SK": "demo-sk"}


@pytest.mark.parametrize(
    ("dialect", "seen"),
    [("ges", "Huawei GES v1.0"), ("ges-v2", "Huawei GES v2"), ("computerdis", "louvain")],
)
def test_the_demo_of_a_dialect(graphtop: Open, dialect: str, seen: str) -> None:
    terminal = graphtop("demo", "--dialect", dialect)
    terminal.wait_for(seen)
    terminal.wait_for("live")
    terminal.send("q")
    assert terminal.exit_code() == 0
    assert terminal.restored()


@pytest.mark.parametrize(("dialect", "version"), [("ges", "v1.0"), ("ges-v2", "v2")])
def test_a_simulated_project_lets_in_whom_it_names(
    graphtop: Open, simulate: Simulate, dialect: str, version: str
) -> None:
    server = simulate("--dialect", dialect, "--tasks", "40")
    terminal = graphtop(server.url, "--dialect", dialect, "--project", "demo-project", env=KEYS)
    terminal.wait_for(f"Huawei GES {version}")
    terminal.wait_for("fraud_ring")
    terminal.send("q")
    assert terminal.exit_code() == 0


def test_a_token_and_the_throttle(simulate: Simulate) -> None:
    server = simulate("--dialect", "ges", "--throttle", "1", "--tasks", "3", "--pace", "0")
    ask = f"{server.url}/v1.0/demo-project/graphs/jobs"
    token = {"X-Auth-Token": "demo-token"}
    first, second = (httpx.get(ask, headers=token, trust_env=False) for _ in range(2))
    assert first.json()["jobCount"] == 3
    assert second.status_code == 429


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dialect", "ges", "--version", "1.5.0"), "--version is for --dialect hugegraph, not for ges."),
        (
            ("--dialect", "ges-v2", "--user", "admin"),
            "--user is for --dialect hugegraph or computerdis, not for ges-v2.",
        ),
        (("--throttle", "3"), "--throttle is for --dialect ges or ges-v2, not for hugegraph."),
        (
            ("--dialect", "computerdis", "--token-life", "3"),
            "--token-life is for --dialect ges or ges-v2, not for computerdis.",
        ),
        (
            ("--dialect", "computerdis", "--scheduler", "local"),
            "--scheduler is for --dialect hugegraph, not for computerdis.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_flags_of_another_dialect(run: Run, arguments: tuple[str, ...], words: str) -> None:
    done = run("simulate", *arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == f"graphtop: {words}\n"


@pytest.mark.parametrize("command", ["demo", "simulate"])
def test_a_dialect_that_is_not_built_in(run: Run, command: str) -> None:
    done = run(command, "--dialect", "sql")
    assert done.returncode == USAGE
    assert "--dialect" in done.stderr
