"""Texts as streams, pipes that close, signals, and questions on a terminal."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from tests.cli.conftest import SLEEP, Done, Server, simulated
from tests.fuzz.hostile_server import served
from tests.support.held_servers import HeldDeletes, HeldTexts
from tests.support.patience import PATIENCE
from tests.support.process_memory import read_output
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, Terminal, environment

Run = Callable[..., Done]
Start = Callable[..., "subprocess.Popen[bytes]"]
Open = Callable[..., Terminal]
HUGE_MB = 8


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server whose newest task has a huge result, and that task's id."""
    with ExitStack() as stack:
        home = tmp_path_factory.mktemp("home")
        server = simulated(stack, "--tasks", "5", "--pace", "0", "--huge-result", str(HUGE_MB), home=home)
        yield server, str(server.tasks()[-1]["id"])


def line_of(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode()


# --- input and result --------------------------------------------------------------------------------


def test_a_result_is_what_the_server_has(run: Run, server: Server) -> None:
    task = server.ended("40 + 2")
    done = run("result", task, "--url", server.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "42", "")
    done = run("input", task, "--url", server.url)
    assert json.loads(done.stdout)["gremlin"] == "40 + 2"


def test_secrets_go_into_a_pipe_unless_masked(call: Run, server: Server) -> None:
    task = server.ended("password = 'hunter2'\n1")
    assert "hunter2" in call("input", task, "--url", server.url).stdout
    done = call("input", task, "--mask", "--url", server.url)
    assert "hunter2" not in done.stdout
    assert "••••••" in done.stdout


def test_what_is_not_there(call: Run, server: Server) -> None:
    done = call("result", "987654", "--url", server.url)
    assert (done.returncode, done.stdout) == (3, "")
    assert "No task 987654 in DEFAULT/hugegraph on " in done.stderr
    assert "It may have been deleted." in done.stderr
    running = server.running()
    done = call("result", running, "--url", server.url)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"No result is stored for task {running} yet." in done.stderr
    server.http.put(f"/tasks/{running}", params={"action": "cancel"})


def test_a_huge_result_is_never_held_whole(start: Start, huge: tuple[Server, str]) -> None:
    server, task = huge
    some = server.ended("(1..10000).collect { it }")
    small = read_output(start("result", some, "--url", server.url))
    large = read_output(start("result", task, "--url", server.url))
    assert 200_000 < small[0] < 1_000_000
    assert large[0] > HUGE_MB * 1_000_000
    assert large[1] - small[1] < HUGE_MB * 1_000 / 2, "it was held in memory"


def test_a_file_is_written_whole_and_never_over_another(call: Run, huge, tmp_path: Path) -> None:
    server, task = huge
    file = tmp_path / "result.json"
    done = call("result", task, "-o", str(file), "--url", server.url)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"Wrote {file.stat().st_size / 1e6:.1f} MB to {file}." in done.stderr
    assert json.loads(file.read_text())[-1] == {"id": "the last one"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    file.write_text("mine")
    done = call("result", task, "-o", str(file), "--url", server.url)
    assert (done.returncode, file.read_text()) == (2, "mine")
    assert "Use -f to overwrite it" in done.stderr
    assert call("result", "987654", "-f", "-o", str(file), "--url", server.url).returncode == 3
    assert file.read_text() == "mine", "a failure left the file alone"
    assert call("result", task, "-f", "-o", str(file), "--url", server.url).returncode == 0
    assert file.stat().st_size > HUGE_MB * 1_000_000
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["result.json"]


def test_files_that_can_not_be(call: Run, huge, tmp_path: Path) -> None:
    server, task = huge
    done = call("result", task, "-o", str(tmp_path / "no" / "folder"), "--url", server.url)
    assert done.returncode == 1
    assert "No such file or directory" in done.stderr
    done = call("result", task, "-f", "-o", "/dev/full", "--url", server.url)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert call("result", task, "-f", "-o", "/dev/null", "--url", server.url).returncode == 0


def test_an_interrupted_download_leaves_no_file(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    app = HeldTexts(hugegraph_app(replace(EMPTY_HUGEGRAPH, huge=HUGE_MB * 1_000_000)))
    with served(app) as url:
        process = start("result", "1", "-f", "-o", str(folder / "out"), "--url", url)
        end = time.monotonic() + PATIENCE
        while not list(folder.glob(".out.*.part")):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert list(folder.iterdir()) == []


def test_on_a_terminal_a_text_is_harmless(terminal: Open, server: Server) -> None:
    task = server.ended("x = '\x1b]0;owned\x07 password=hunter2'\n1")
    one = terminal("input", task, "--url", server.url)
    assert one.exit_code() == 0
    assert b"owned\x07" not in one.raw
    assert b"\x1b]" not in one.raw
    assert "hunter2" not in one.text()
    assert "gremlin" in one.text()


# --- pipes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [("ls", "--limit", "0", "-o", "jsonl"), ("result",)], ids=["ls", "result"]
)
def test_a_closed_pipe_is_silent(home: Path, huge, arguments: tuple[str, ...]) -> None:
    server, task = huge
    for _ in range(30):
        server.submit()
    ids = (task,) if arguments == ("result",) else ()
    command = " ".join([*GRAPHTOP, *arguments, *ids, "--url", server.url])
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -c 10; exit ${{PIPESTATUS[0]}}"],
        env=environment(home), cwd=ROOT, capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert len(done.stdout) == 10
    assert done.stderr == b""
    # A short output fits into the pipe before its reader is gone.
    assert done.returncode in ((141,) if ids else (0, 141))


def test_a_full_disk_is_told(home: Path, server: Server) -> None:
    command = " ".join([*GRAPHTOP, "ls", "--url", server.url])
    done = subprocess.run(
        ["bash", "-c", f"{command} > /dev/full"],
        env=environment(home), cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "graphtop: Can't write the output: No space left on device."


def test_closed_streams_are_no_crash(home: Path, server: Server) -> None:
    command = " ".join([*GRAPHTOP, "ls", "--url", server.url])
    for closed in (">&-", "2>&-"):
        done = subprocess.run(
            ["bash", "-c", f"{command} {closed}"],
            env=environment(home), cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, (closed, done.stderr)
        assert "Traceback" not in done.stderr


# --- watch -------------------------------------------------------------------------------------------


def begun(server: Server, script: str) -> str:
    """A task that runs, of a script by whose name it is told from those of other tests."""
    return server.wait(server.submit(script), "running")


def test_watch_writes_what_changes_at_once(start: Start, server: Server) -> None:
    sleep = f"'written at once'; {SLEEP}"
    running = begun(server, sleep)
    env = {"GRAPHTOP_INTERVAL": "0.2"}
    process = start("watch", '"written at once"', "-o", "jsonl", "--url", server.url, env=env)
    seen = json.loads(line_of(process))
    assert (seen["id"], seen["event"], seen["before"], seen["status"]) == (running, "seen", None, "running")
    fresh = server.submit(sleep)
    told = [json.loads(line_of(process))]
    assert (told[0]["id"], told[0]["event"]) == (fresh, "new")
    server.http.put(f"/tasks/{fresh}", params={"action": "cancel"})
    while told[-1]["status"] != "cancelled":
        told.append(json.loads(line_of(process)))
    assert told[-1]["event"] == "changed"
    assert all(one["before"] != one["status"] for one in told)
    server.http.delete(f"/tasks/{running}", params={"force": "true"})
    gone = json.loads(line_of(process))
    assert (gone["id"], gone["event"]) == (running, "gone")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert process.stderr is not None
    assert process.stderr.read() == b"graphtop: Interrupted.\n"


def test_watch_with_a_filter_and_for_a_person(start: Start, server: Server) -> None:
    running = begun(server, f"'for a person'; {SLEEP}")
    wanted = ("status=failed,running", '"for a person"')
    env = {"GRAPHTOP_INTERVAL": "0.2"}
    process = start("watch", *wanted, "--color", "always", "--url", server.url, env=env)
    assert f" {running} " in line_of(process), "the watch has begun"
    server.http.put(f"/tasks/{running}", params={"action": "cancel"})
    server.wait(running, "cancelled")
    boom = server.ended("'for a person'; throw new RuntimeException('boom')")
    while f" {boom} " not in (said := line_of(process)) or "running" in said:
        assert "cancel" not in said, "the filter hides it"
    assert "✗ failed" in said
    process.terminate()
    assert process.wait(PATIENCE) == 143


def test_watch_ends_when_nobody_reads_any_more(home: Path, server: Server) -> None:
    running = begun(server, f"'read once'; {SLEEP}")
    command = " ".join([*GRAPHTOP, "watch", "read", "once", "--url", server.url])
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -1; exit ${{PIPESTATUS[0]}}"],
        env=environment(home), cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, "")
    assert f" {running} " in done.stdout
    server.http.put(f"/tasks/{running}", params={"action": "cancel"})


def test_watch_tells_of_a_lost_connection(start: Start, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = simulated(stack, "--tasks", "3", "--pace", "0", home=tmp_path)
        running = server.running()
        process = start("watch", "--url", server.url, env={"GRAPHTOP_INTERVAL": "0.2"})
        assert running in line_of(process)
        server.process.terminate()
        server.process.wait(PATIENCE)
        assert process.stderr is not None
        assert b"Retrying." in process.stderr.readline()
        assert process.poll() is None


# --- signals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_waiting(start: Start, server: Server, number: int, code: int) -> None:
    running = server.running()
    process = start("wait", server.ended(), running, "--url", server.url)
    assert "success" in line_of(process), "it waits for the other one now"
    process.send_signal(number)
    assert process.wait(PATIENCE) == code
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    server.http.put(f"/tasks/{running}", params={"action": "cancel"})


def test_an_interrupted_purge_says_what_was_done(start: Start) -> None:
    simulator = hugegraph_app(replace(EMPTY_HUGEGRAPH, history=300))
    app = HeldDeletes(simulator, 20)
    with served(app) as url:
        process = start("purge", "--older-than", "0s", "--status", "success", "--yes", "--url", url)
        assert process.stderr is not None
        assert app.holding.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        said = ""
        while "Stopping: nothing more is sent" not in said:
            said = process.stderr.readline().decode()
            assert said, "it ended before it said that it stops"
        app.let_go.set()
        last = process.stderr.read().decode().splitlines()[-1]
        assert process.wait(PATIENCE) == 130
    assert last.startswith("Deleted ")
    assert "not sent" in last
    gone = int(last.split()[1])
    assert 20 < gone < 300
    graph_tasks = next(iter(simulator.world.graphs.values()))
    assert 300 - len(graph_tasks) == gone


# --- questions on a terminal -------------------------------------------------------------------------


def test_one_task_wants_a_y(terminal: Open, server: Server) -> None:
    running = server.running()
    one = terminal("cancel", running, "--url", server.url)
    one.wait_for("[y/N]")
    assert f"{running}  ▶ running" in one.text()
    assert "Cancel 1 task on 127.0.0.1" in one.text()
    one.send("\r")
    assert one.exit_code() == 1
    assert "Nothing was sent" in one.text()
    assert server.word(running) == "running"
    one = terminal("cancel", running, "--url", server.url)
    one.wait_for("[y/N]")
    one.send("y\r")
    assert one.exit_code() == 0
    assert f"✓ {running} cancelled" in one.text()


@pytest.mark.parametrize(
    ("flags", "env", "says"),
    [
        (("--force",), {}, "removes the record but doesn't stop the job"),
        ((), {"GRAPHTOP_PRODUCTION": "1"}, "PRODUCTION: Delete 1 task"),
        (("--production",), {}, "PRODUCTION: Delete 1 task"),
    ],
)
def test_force_and_production_want_the_number(terminal: Open, server: Server, flags, env, says) -> None:
    task = server.ended()
    one = terminal("delete", task, *flags, "--url", server.url, env=env)
    one.wait_for("Type 1 to confirm:")
    assert says in one.text().replace("\n", " ")
    one.send("y\r")
    assert one.exit_code() == 1
    assert server.word(task) == "success"
    one = terminal("delete", task, *flags, "--url", server.url, env=env)
    one.wait_for("Type 1 to confirm:")
    one.send("1\r")
    assert one.exit_code() == 0
    assert server.word(task) == "gone"


def test_many_want_the_number_and_a_question_can_be_left(terminal: Open, server: Server) -> None:
    one = terminal("purge", "--older-than", "0s", "--status", "success", "--url", server.url)
    one.wait_for("to confirm:")
    assert "oldest: " in one.text()
    one.send("\x03")
    assert one.exit_code() == 130
    assert one.restored()
    assert b"Traceback" not in one.raw


def test_a_list_on_a_terminal_fits(terminal: Open, server: Server) -> None:
    for width in (60, 100):
        one = terminal("ls", "--limit", "8", "--url", server.url, width=width)
        assert one.exit_code() == 0
        lines = one.lines()
        assert lines[0].split()[:6] == ["ID", "STATUS", "TYPE", "NAME", "AGE", "TOOK"]
        assert lines[0].split()[6:] in ([], ["REASON"])
        assert [bool(line) for line in lines[1:9]] == [True] * 8
        assert all(
            "gremlin" in line or "algorithm" in line or ":" in line or "_" in line for line in lines[1:9]
        )
    assert b"\x1b[32m" in one.raw


def test_no_color(terminal: Open, server: Server) -> None:
    one = terminal("ls", "--limit", "8", "--url", server.url, env={"NO_COLOR": "1"})
    assert one.exit_code() == 0
    assert b"\x1b[3" not in one.raw
