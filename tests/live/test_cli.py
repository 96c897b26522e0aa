"""The command line on real servers: what it prints, what the server then shows, and its exit codes."""

from __future__ import annotations

import json
import select
from pathlib import Path

from tests.live.commands import Call, Start
from tests.live.conftest import NewServer
from tests.live.seeded_tasks import BIG, BOOM, QUICK, SLEEP, Jobs
from tests.live.server import HugeGraphServer
from tests.live.server_config import Spec
from tests.live.server_kinds import on
from tests.support.patience import PATIENCE
from tests.support.process_memory import read_output
from tui.cli.exit_codes import (
    FAILED,
    NOT_ALLOWED,
    NOT_CONFIRMED,
    NOT_FOUND,
    OK,
    PARTLY,
    UNREACHABLE,
)

both_rocksdb = on("rocksdb_17", "rocksdb_15")
all_kinds = on("rocksdb_17", "rocksdb_15", "memory_17", "distributed_17", "auth_17")


@all_kinds
def test_submit_wait_and_list(server: HugeGraphServer, jobs: Jobs, call: Call) -> None:
    done = call(server, "submit", "-", "--wait", "--timeout", "60s", stdin="40 + 2")
    assert done.returncode == OK, done.stderr
    task = done.stdout.strip()
    assert jobs.get(int(task))["task_result"] == "42"
    boom = call(server, "submit", "-", "--wait", "--timeout", "60s", stdin=BOOM)
    assert boom.returncode == FAILED
    listed = json.loads(call(server, "ls", "-o", "json").stdout)
    assert {(one["id"], one["status"]) for one in listed} == {
        (task, "success"),
        (boom.stdout.strip(), "failed"),
    }
    assert call(server, "result", task).stdout == "42"
    assert "boom" in call(server, "result", boom.stdout.strip()).stdout
    assert json.loads(call(server, "input", task).stdout)["gremlin"] == "40 + 2"
    failed = call(server, "ls", "status=failed", "boom", "-o", "id")
    assert failed.stdout == boom.stdout


@both_rocksdb
def test_wait_says_how_tasks_ended(server: HugeGraphServer, jobs: Jobs, call: Call) -> None:
    good, bad = jobs.submit("Thread.sleep(500)"), jobs.submit(BOOM)
    done = call(server, "wait", str(good), str(bad), "--timeout", "60s")
    assert done.returncode == PARTLY
    lines = done.stdout.splitlines()
    # In the order in which they ended, which a busy machine may turn round.
    assert sorted(line.split()[:3] for line in lines) == [
        [str(good), "✓", "success"],
        [str(bad), "✗", "failed"],
    ]
    assert call(server, "wait", str(bad), "--for", "finished").returncode == OK
    assert call(server, "wait", "999999").returncode == NOT_FOUND
    slow = jobs.submit(SLEEP)
    assert call(server, "wait", str(slow), "--timeout", "1s").returncode == NOT_CONFIRMED
    jobs.wait(slow, "running")
    jobs.cancel(slow)
    assert call(server, "wait", str(slow), "--timeout", "60s").returncode == FAILED


@on("rocksdb_17", "rocksdb_15", "distributed_17", "auth_17")
def test_cancel_and_delete_are_seen_to_their_ends(server: HugeGraphServer, jobs: Jobs, call: Call) -> None:
    task = jobs.submit(SLEEP)
    jobs.wait(task, "running")
    done = call(server, "cancel", str(task), "--yes")
    assert done.returncode == OK, done.stdout + done.stderr
    assert done.stdout.startswith(f"✓ {task} cancelled")
    assert jobs.get(task)["task_status"] == "cancelled"
    done = call(server, "delete", str(task), "--yes", "-o", "jsonl")
    assert done.returncode == OK, done.stdout + done.stderr
    # Where every delete is answered with 400, no answer tells whose request it was.
    told = "gone, perhaps by another" if server.spec.scheduler == "distributed" else "deleted"
    assert json.loads(done.stdout)["outcome"] == told
    assert jobs.get(task) is None
    assert call(server, "delete", str(task), "--yes").returncode == NOT_FOUND


@both_rocksdb
def test_a_refused_delete_is_told_in_the_servers_words(
    server: HugeGraphServer, jobs: Jobs, call: Call
) -> None:
    task = jobs.submit(SLEEP)
    jobs.wait(task, "running")
    done = call(server, "delete", str(task), "--yes")
    assert done.returncode == NOT_ALLOWED
    assert f"✗ {task} refused" in done.stdout
    assert f"Can't delete incomplete task '{task}' in status RUNNING" in done.stdout
    assert jobs.get(task)["task_status"] == "running"


@both_rocksdb
def test_a_purge_of_500(server: HugeGraphServer, jobs: Jobs, call: Call) -> None:
    jobs.submit_many(500)
    failed = jobs.submit(BOOM)
    jobs.wait(failed, "failed")
    preview = call(server, "purge", "--older-than", "0s", "--status", "success", "--dry-run")
    assert preview.returncode == OK
    assert preview.stderr.splitlines()[0] == "500 tasks: 500 success"
    assert len(jobs.tasks(limit=-1)) == 501, "a dry run deletes nothing"
    done = call(server, "purge", "--older-than", "0s", "--status", "success", "--yes")
    assert done.returncode == OK, done.stderr
    assert done.stdout == ""
    assert done.stderr.endswith("Deleted 500 tasks.\n")
    assert [task["id"] for task in jobs.tasks(limit=-1)] == [failed]


@on("distributed_17")
def test_a_purge_on_the_scheduler_that_refuses_what_it_does(
    server: HugeGraphServer, jobs: Jobs, call: Call
) -> None:
    jobs.submit_many(30)
    done = call(server, "purge", "--older-than", "0s", "--status", "success", "--yes")
    assert done.returncode == OK, done.stdout + done.stderr
    assert done.stderr.endswith("Deleted 30 of 30 tasks (30 perhaps by someone else)\n")
    assert jobs.tasks(limit=-1) == []


@both_rocksdb
def test_a_result_of_25_mb_in_flat_memory(
    server: HugeGraphServer, jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    some, big = jobs.submit("'a' * 300000"), jobs.submit(BIG)
    jobs.wait(some, "success")
    jobs.wait(big, "success")
    little = read_output(start(server, "result", str(some)))
    much = read_output(start(server, "result", str(big)))
    assert little[0] == 300_002
    assert much[0] > 20_000_000
    assert much[1] - little[1] < 8_000, f"{much[1]} kB against {little[1]} kB: it was held in memory"
    file = tmp_path / "big.json"
    process = start(server, "result", str(big), "-o", str(file))
    assert process.wait(PATIENCE) == OK
    entries = json.loads(file.read_text())
    assert len(entries) == 300_000
    assert entries[-1]["name"] == "vertex number 300000"


@on("auth_17")
def test_logins(server: HugeGraphServer, jobs: Jobs, call: Call) -> None:
    jobs.submit_many(3)
    user, password = server.auth
    assert len(call(server, "ls", "-o", "id").stdout.split()) == 3
    none = call(server, "ls", env={}, flags=[])
    assert (none.returncode, none.stdout) == (NOT_ALLOWED, "")
    wrong = call(server, "ls", env={"GRAPHTOP_PASSWORD": "hunter2-wrong"})
    assert wrong.returncode == NOT_ALLOWED
    assert "hunter2" not in wrong.stderr
    told = json.loads(call(server, "doctor", "-o", "json").stdout)
    assert password not in str(told)
    assert next(one["says"] for one in told if one["check"] == "login") == f"Accepted: user='{user}'"
    done = call(server, "doctor", "-o", "table", env={}, flags=[])
    assert done.returncode == NOT_ALLOWED
    assert "✗ login" in done.stdout


@all_kinds
def test_the_doctor_finds_a_healthy_server_healthy(server: HugeGraphServer, jobs: Jobs, call: Call) -> None:
    jobs.submit_many(2)
    done = call(server, "doctor", "-o", "json")
    assert done.returncode == OK, done.stdout
    told = {one["check"]: one for one in json.loads(done.stdout)}
    assert [check for check, one in told.items() if one["ok"] is False] == []
    assert told["version"]["says"] == f"HugeGraph {server.spec.version}."
    assert told["graph"]["says"].split(": ")[1].startswith("2 tasks read in ")
    assert told["paging"]["ok"] is (None if server.spec.backend == "memory" else True)


@on("rocksdb_17")
def test_the_doctor_on_a_graph_that_is_not_there(server: HugeGraphServer, jobs: Jobs, call: Call) -> None:
    done = call(server, "doctor", "--graph", "nope", "-o", "table")
    assert done.returncode == NOT_FOUND
    assert "✗ graph" in done.stdout
    assert "hugegraph" in done.stdout


def test_the_doctor_on_a_server_that_dies_and_comes_back(
    new_server: NewServer, call: Call, start: Start
) -> None:
    server = new_server(Spec(backend="memory"))
    with Jobs(server) as jobs:
        task, gone = jobs.submit(SLEEP), jobs.submit(QUICK)
        jobs.wait(task, "running")
        jobs.wait(gone, "success")
        jobs.delete(gone)
    waiting = start(server, "wait", str(gone), str(task), "--for", "gone", "-o", "jsonl")
    # It has looked once when it tells of the one that is gone.
    assert json.loads(waiting.stdout.readline())["id"] == str(gone)
    server.kill()
    done = call(server, "doctor", "-o", "table")
    assert done.returncode == UNREACHABLE
    assert "✗ tcp" in done.stdout
    assert "Connection refused" in done.stdout
    assert waiting.poll() is None, "it waits on"
    server.start()
    # The memory backend has forgotten it.
    assert waiting.wait(PATIENCE) == OK
    assert waiting.stderr.read().count(b"Retrying.") == 1
    assert call(server, "doctor").returncode == OK


@both_rocksdb
def test_watch_tells_of_a_whole_life(server: HugeGraphServer, jobs: Jobs, start: Start) -> None:
    process = start(server, "watch", "-o", "jsonl", env={"GRAPHTOP_INTERVAL": "0.2"})
    # It watches as soon as it tells of one that came after it.
    while not select.select([process.stdout], [], [], 0.5)[0]:
        jobs.submit(QUICK)
    task = jobs.submit("Thread.sleep(3000)")
    told = []
    while not told or told[-1]["status"] != "success":
        line = json.loads(process.stdout.readline())
        told += [line] if line["id"] == str(task) else []
    assert told[0]["event"] == "new"
    jobs.delete(task)
    # What has ended is looked at seldom: the line comes with the next full reading.
    process.terminate()
    assert process.wait(PATIENCE) == 143
