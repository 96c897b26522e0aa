"""Profiles as a person uses them at a shell: nothing configured, a name, a mistake; no secret anywhere."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.patience import PATIENCE
from tests.terminal.configured_home import SECRET, configure, leave
from tests.terminal.conftest import Open, Run, Simulate
from tests.terminal.terminal_emulator import ROOT, environment
from tests.tls import CA, SERVER_CERT, SERVER_KEY
from tui.cli.exit_codes import USAGE

# --- the welcome --------------------------------------------------------------------------------------


def test_nothing_configured_welcomes_and_leads_to_a_server(
    graphtop: Open, simulate: Simulate, tmp_path: Path
) -> None:
    url = simulate("--tasks", "20").url
    terminal = graphtop(width=80, height=24)
    terminal.wait_for("it is checked as you type")
    assert "No server at hand?" in terminal.text()
    terminal.send(url)
    terminal.wait_for("✓ HugeGraph 1.7.0, dialect hugegraph")
    assert "2 graphs: DEFAULT/hugegraph" in terminal.text()
    terminal.send("\r")
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    leave(terminal)
    assert not list(tmp_path.rglob("*.toml")), "nothing is saved"


def test_the_welcome_shows_what_is_wrong_and_can_be_left(graphtop: Open) -> None:
    terminal = graphtop(width=80, height=24)
    terminal.wait_for("it is checked as you type")
    terminal.send("http://127.0.0.1:1")
    terminal.wait_for("refused the connection")
    leave(terminal)


def test_the_welcome_leads_to_the_demo(graphtop: Open) -> None:
    terminal = graphtop()
    terminal.wait_for("No server at hand?")
    terminal.send("\r")
    terminal.wait_for("demo · DEFAULT/hugegraph")
    terminal.wait_for("● live")
    leave(terminal)


def test_the_welcome_needs_a_terminal(run: Run) -> None:
    done = run()
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == "graphtop: The screen needs a terminal, but standard input or output is not one.\n"


# --- profiles -----------------------------------------------------------------------------------------


def test_a_name_opens_its_profile_and_p_switches(graphtop: Open, simulate: Simulate, tmp_path: Path) -> None:
    one, two = simulate("--tasks", "20").url, simulate("--tasks", "20", "--seed", "8").url
    configure(
        tmp_path,
        f"[profiles.one]\nurl = '{one}'\ngraph = 'supply_chain'\n"
        f"[profiles.two]\nurl = '{two}'\nproduction = true\nread_only = true\n",
    )
    terminal = graphtop("one")
    terminal.wait_for("one · DEFAULT/supply_chain")
    terminal.wait_for("● live")
    terminal.send("P")
    terminal.wait_for("Switch profile")
    terminal.wait_for("PRODUCTION, read-only")
    terminal.send("two\r")
    terminal.wait_for("two · DEFAULT/hugegraph")
    for word in ("PRODUCTION", "read-only", "● live"):
        terminal.wait(lambda word=word: word in terminal.lines()[0], word)  # type: ignore[misc]
    terminal.send("C")
    terminal.wait_for("set by the profile two")
    leave(terminal)


def test_the_default_profile_opens_by_itself(graphtop: Open, simulate: Simulate, tmp_path: Path) -> None:
    url = simulate("--tasks", "20").url
    configure(
        tmp_path, f"default_profile = 'home'\n[profiles.home]\nurl = '{url}'\n[profiles.b]\nurl = 'h'\n"
    )
    terminal = graphtop()
    terminal.wait_for("home · DEFAULT/hugegraph")
    leave(terminal)


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (
            ("prdo",),
            "[profiles.prod]\nurl = 'h'",
            'No profile "prdo". Did you mean prod?',
        ),
        (("-p", "x"), "[profiles.prod]\nurl = 'h'", 'No profile "x". Use one of prod.'),
        (("-p", "x"), "", 'No profile "x". ~/.config/graphtop/config.toml has no profiles.'),
        (
            ("prod",),
            "[profiles.prod]\nurl = 3",
            "~/.config/graphtop/config.toml:2: url must be a string in quotes.",
        ),
        (("prod", "-p", "b"), "[profiles.prod]\nurl = 'h'", '"prod" and --profile b name two profiles'),
        (
            (),
            "default_profile = 'x'\n[profiles.x]\nurl = 3",
            "config.toml:3: url must be a string in quotes.",
        ),
        (
            ("prod",),
            "[profiles.prod]\nurl = 'h'\nca_file = 'no.pem'",
            "ca_file names a file that can't be read",
        ),
    ],
)
def test_mistakes_are_told_before_the_screen_opens(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], text: str, said: str
) -> None:
    configure(tmp_path, text)
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# --- graphtop config ----------------------------------------------------------------------------------


def test_config_path_and_example(run: Run, tmp_path: Path) -> None:
    path = run("config", "path").stdout.strip()
    assert path == str(tmp_path / ".config" / "graphtop" / "config.toml")
    example = run("config", "example").stdout
    configure(tmp_path, example)
    done = run("config", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert run("config", "path", env={"GRAPHTOP_CONFIG": "/x/y.toml"}).stdout == "/x/y.toml\n"


def test_config_check_says_where_each_value_comes_from(run: Run, tmp_path: Path) -> None:
    configure(
        tmp_path,
        "[profiles.prod]\nurl = 'https://h:8443'\nuser = 'admin'\npassword_command = 'echo c4nary-Sesame'\n",
    )
    done = run("config", "check", "-p", "prod", "--graph", "g", env={"GRAPHTOP_INTERVAL": "5"})
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["url"] == ["https://h:8443", "~/.config/graphtop/config.toml:2"]
    assert rows["graph"] == ["g", "--graph"]
    assert rows["interval"] == ["5", "GRAPHTOP_INTERVAL"]
    assert rows["dialect"] == ["auto", "default", "(GRAPHTOP_DIALECT)"]
    assert rows["password_command"] == ["echo", "…", "~/.config/graphtop/config.toml:4"]
    assert rows["login"] == ["password_command", "(~/.config/graphtop/config.toml:4)"]
    assert SECRET not in done.stdout


def test_config_check_tells_all_that_is_wrong(run: Run, tmp_path: Path) -> None:
    configure(
        tmp_path,
        f"[profiles.a]\nurl = 'h'\npassword = '{SECRET}'\nread_olny = true\n"
        "[profiles.b]\nurl = 'h'\nca_file = 'x'\n"
        "[screen]\ntheme = 'graphtop-drak'\n",
    )
    done = run("config", "check")
    assert done.returncode == USAGE
    where = "graphtop: ~/.config/graphtop/config.toml"
    lines = done.stderr.splitlines()
    assert lines[0].startswith(
        f'{where}:3: Unknown key "password" in [profiles.a]. Keep secrets out of this file'
    )
    assert lines[1] == f'{where}:4: Unknown key "read_olny" in [profiles.a]. Did you mean read_only?'
    assert lines[2].startswith(f"{where}:7: ca_file names a file that can't be read: no such file")
    assert lines[3].startswith(f'{where}:9: Unknown theme "graphtop-drak". Did you mean graphtop-dark?')
    assert len(lines) == 4
    assert SECRET not in done.stdout + done.stderr


def test_config_check_with_variables_that_are_wrong(run: Run) -> None:
    done = run("config", "check", env={"GRAPHTOP_INTERVAL": "soon"})
    assert done.returncode == USAGE
    assert done.stderr == "graphtop: GRAPHTOP_INTERVAL must be a number of seconds.\n"


# --- secrets ------------------------------------------------------------------------------------------


def sources(folder: Path, host: str) -> dict[str, tuple[str, dict[str, str | None]]]:
    """Every way that a secret can come, as lines of a profile and variables."""
    (folder / "pw").write_text(f"{SECRET}\n")
    (folder / "pw").chmod(0o600)
    (folder / "ask.py").write_text(f"print({SECRET!r})")
    (folder / ".netrc").write_text(f"machine {host} login admin password {SECRET}\n")
    (folder / ".netrc").chmod(0o600)
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(folder / 'ask.py'))}"
    return {
        "variable": ("user = 'admin'", {"GRAPHTOP_PASSWORD": SECRET}),
        "file": (f"user = 'admin'\npassword_file = '{folder}/pw'", {}),
        "command": (f'user = "admin"\npassword_command = "{command}"', {}),
        "netrc": ("netrc = true", {}),
    }


@pytest.mark.parametrize("source", ["variable", "file", "command", "netrc"])
def test_a_secret_logs_in_and_is_seen_nowhere(
    graphtop: Open, simulate: Simulate, tmp_path: Path, source: str
) -> None:
    server = simulate("--user", "admin", "--tasks", "20", env={"GRAPHTOP_PASSWORD": SECRET})
    lines, env = sources(tmp_path, "127.0.0.1")[source]
    configure(tmp_path, f"[profiles.p]\nurl = '{server.url}'\n{lines}\n")
    terminal = graphtop("p", env=env)
    terminal.wait_for("● live")
    terminal.wait_for("✓ success")
    assert SECRET not in " ".join(psutil.Process(terminal.process.pid).cmdline())
    leave(terminal)
    assert SECRET.encode() not in terminal.raw


def test_a_file_that_others_can_read_is_warned_about(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text(SECRET)
    file.chmod(0o644)
    done = run("http://127.0.0.1:9", "--user", "u", "--password-file", str(file))
    assert f"graphtop: Others can read {file}, which holds a secret. Run: chmod 600 {file}\n" in done.stderr
    assert SECRET not in done.stderr


# --- TLS ----------------------------------------------------------------------------------------------


def test_insecure_says_so_all_the_time(graphtop: Open, https: str) -> None:
    terminal = graphtop(https, "--insecure", width=80, height=24)
    terminal.wait_for("● live")
    assert "INSECURE" in terminal.lines()[0]
    leave(terminal)
    assert b"INSECURE: the server's certificate is not checked." in terminal.raw


def test_an_own_ca_in_a_profile(graphtop: Open, https: str, tmp_path: Path) -> None:
    configure(tmp_path, f"[profiles.p]\nurl = '{https}'\nca_file = '{CA}'\n[profiles.q]\nurl = '{https}'\n")
    terminal = graphtop("p")
    terminal.wait_for("● live")
    assert "INSECURE" not in terminal.text()
    terminal.send("P")
    terminal.wait_for("Switch profile")
    terminal.send("q\r")
    terminal.wait_for("is not trusted")
    leave(terminal)


HTTPS = """\
import asyncio, sys, uvicorn
from backend_adapters.simulator import DEMO_HUGEGRAPH, hugegraph_app

async def main():
    secured = dict(ssl_certfile=sys.argv[1], ssl_keyfile=sys.argv[2])
    app = hugegraph_app(DEMO_HUGEGRAPH)
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical", **secured)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await serving

asyncio.run(main())
"""


@pytest.fixture
def https(tmp_path: Path) -> Iterator[str]:
    """A simulated server behind https, at localhost."""
    process = subprocess.Popen(
        [sys.executable, "-c", HTTPS, SERVER_CERT, SERVER_KEY],
        env=environment(tmp_path),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    yield f"https://localhost:{int(process.stdout.readline())}"
    process.kill()
    process.communicate(timeout=PATIENCE)
