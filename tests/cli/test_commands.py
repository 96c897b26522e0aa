"""The commands on a simulated server, some as subprocesses: what they print, where, and their exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import pytest

from tests.cli.conftest import BOOM, SLEEP, Done, Server, rows
from tui.cli.exit_codes import (
    FAILED,
    NOT_ALLOWED,
    NOT_CONFIRMED,
    NOT_FOUND,
    OK,
    PARTLY,
    UNREACHABLE,
    USAGE,
)
from tui.cli.registry import COMMANDS

Run = Callable[..., Done]

NOBODY = "http://127.0.0.1:9"
SERVER_COMMANDS = sorted(set(COMMANDS) - {"demo", "simulate"})


@pytest.mark.parametrize(
    "command",
    [
        "cancel",
        "delete",
        "doctor",
        "get",
        "graphs",
        "input",
        "ls",
        "purge",
        "result",
        "submit",
        "wait",
        "watch",
    ],
)
def test_the_help_fits_and_ends_with_the_exit_codes(capsys, command: str) -> None:
    from tui.cli import run

    with pytest.raises(SystemExit) as ended:
        run([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 100
    assert "exit codes: " in said
    assert "--url" in said
    assert "--profile" in said


@pytest.mark.parametrize(
    ("command", "usual"),
    [
        ("ls", "table on a terminal, otherwise tsv"),
        ("get", "table on a terminal, otherwise tsv"),
        ("cancel", "table"),
        ("wait", "table"),
    ],
)
def test_the_help_says_which_format_is_usual(capsys, command: str, usual: str) -> None:
    from tui.cli import run

    with pytest.raises(SystemExit):
        run([command, "--help"])
    assert f"id (default {usual})" in " ".join(capsys.readouterr().out.split())


# --- ls, get, graphs ---------------------------------------------------------------------------------


def test_ls_into_a_pipe_is_plain(run: Run, server: Server) -> None:
    newest = server.ended("'a name with\\ttab'")
    done = run("ls", "--url", server.url, "--limit", "5")
    assert done.returncode == OK
    assert len(rows(done)) == 5
    number, status, kind, name, created, took = rows(done)[0]
    assert "with" in name
    assert (number, status, kind) == (newest, "success", "gremlin")
    assert created.endswith("Z")
    assert took.isdigit()
    assert "\x1b" not in done.stdout
    assert done.stderr == "graphtop: Showing the newest 5; use --limit 0 to show all.\n"


def test_ls_filters_as_the_screen_does(call: Run, server: Server) -> None:
    boom = server.ended(BOOM)
    done = call("ls", "--url", server.url, "status=failed", "-o", "json", "boom", "--limit", "0")
    listed = json.loads(done.stdout)
    assert boom in {task["id"] for task in listed}
    assert {task["status"] for task in listed} == {"failed"}
    assert all("boom" in task["name"] for task in listed)
    assert re.fullmatch(r"(graphtop: Reasons? of \d+ tasks? not read. Use --reasons all .*\n)?", done.stderr)


def list_as_json(call: Run, *words: str) -> tuple[dict[str, dict[str, object]], str]:
    done = call("ls", *words, "-o", "json", "--limit", "0")
    return {task["id"]: task for task in json.loads(done.stdout)}, done.stderr


def test_ls_tells_why_tasks_failed_and_finds_them_by_that(call: Run, server: Server) -> None:
    boom = server.ended("throw new RuntimeException('kaboom')")
    fine = server.ended("1 + 1")
    listed, said = list_as_json(call, "--url", server.url)
    assert "kaboom" in str(listed[boom]["reason"])
    assert (listed[fine]["reason"], list(listed[boom])[-5:], said) == (
        None,
        ["reason", "place", "profile", "graphspace", "dialect"],
        "",
    )
    listed, said = list_as_json(call, "--url", server.url, "--reasons", "none")
    assert (listed[boom]["reason"], said) == (None, "")
    found, said = list_as_json(call, "--url", server.url, "reason=kaboom")
    assert (list(found), said) == ([boom], "")
    done = call("ls", "--url", server.url, "reason=kaboom", "-o", "id")
    assert done.stdout == f"{boom}\n"
    done = call("ls", "--url", server.url, "reason=kaboom", "-o", "table", env={"COLUMNS": "120"})
    head, row = done.stdout.splitlines()
    assert head.split()[-1] == "REASON"
    assert "RuntimeException: kaboom" in row
    done = call("ls", "--url", server.url, "--limit", "0", "-o", "tsv")
    assert "RuntimeException: kaboom" not in done.stdout
    assert done.returncode == 0
    done = call("ls", "--url", server.url, "reason=kaboom", "--reasons", "none")
    assert (done.returncode, done.stdout) == (7, "")
    assert re.search(r"Reasons? of \d+ tasks? not read. Use --reasons all to read them.", done.stderr)


def test_a_wrong_filter_is_pointed_at_before_anybody_is_asked(call: Run) -> None:
    done = call("ls", "--url", NOBODY, "gremlin", "status=faild")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == (
        'graphtop: Unknown status "faild". Did you mean failed?\n'
        "  gremlin status=faild\n"
        "                 ^^^^^\n"
    )


def test_csv_is_what_the_csv_module_reads(call: Run, server: Server) -> None:
    server.ended("'=1+1, \"quoted\"'")
    done = call("ls", "--url", server.url, "--limit", "3", "-o", "csv")
    listed = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(listed) == 3
    assert listed[0]["name"] == "'=1+1, \"quoted\"'"
    assert list(listed[0])[:5] == ["id", "status", "word", "type", "name"]


def test_get_tells_all_and_what_is_missing(call: Run, server: Server) -> None:
    one = server.ended(BOOM)
    done = call("get", one, "987654", "--url", server.url, "-o", "jsonl")
    assert done.returncode == PARTLY
    told = json.loads(done.stdout)
    assert (told["id"], told["status"], told["callable"]) == (
        one,
        "failed",
        "org.apache.hugegraph.job.GremlinJob",
    )
    assert json.loads(told["input"])["gremlin"] == BOOM
    assert "RuntimeException: boom" in told["result"]
    assert "987654" in done.stderr
    assert call("get", "987654", "--url", server.url).returncode == NOT_FOUND


def test_get_for_a_person(call: Run, server: Server) -> None:
    done = call("get", server.ended("x = 'password=hunter2'\n1"), "-o", "table", "--url", server.url)
    assert done.returncode == OK
    assert "status    " in done.stdout
    assert "✓ success" in done.stdout
    assert "result (3 B):\n  [1]" in done.stdout or "result (1 B):" in done.stdout
    assert "hunter2" not in done.stdout


def test_graphs_marks_the_one_that_is_worked_on(call: Run, spaces: Server) -> None:
    done = call("graphs", "--url", spaces.url)
    assert rows(done) == [
        ["true", "DEFAULT", "hugegraph"],
        ["false", "DEFAULT", "supply_chain"],
        ["false", "finance", "ledger"],
        ["false", "finance", "risk"],
    ]
    ids = call("graphs", "--url", spaces.url, "--graph", "supply_chain", "-o", "id").stdout.split()
    assert ids == ["DEFAULT/hugegraph", "DEFAULT/supply_chain", "finance/ledger", "finance/risk"]


@pytest.mark.parametrize("name", ["hugegraph", "anna", "supply_chain"])
def test_names_can_be_read_though_the_password_is_one_of_them(call, server, name) -> None:
    flags = ("--url", server.url, "--graph", "supply_chain", "--user", "anna")
    env = {"GRAPHTOP_PASSWORD": name}
    assert [row[2] for row in rows(call("graphs", *flags, env=env))] == ["hugegraph", "supply_chain"]
    assert "user='anna'" in call("doctor", *flags, env=env).stdout


def test_graphs_are_listed_for_who_named_a_wrong_one(call: Run, server: Server) -> None:
    done = call("graphs", "--url", server.url, "--graph", "nope")
    assert done.returncode == NOT_FOUND
    assert [row[0] for row in rows(done)] == ["false"] * 2
    assert 'no graph "nope"' in done.stderr


# --- wait, submit ------------------------------------------------------------------------------------


def test_submit_prints_the_id_and_nothing_else(run: Run, server: Server) -> None:
    done = run("submit", "-", "--url", server.url, stdin="40 + 2\n")
    assert (done.returncode, done.stderr) == (OK, "")
    task = done.stdout.strip()
    assert done.stdout == f"{task}\n"
    server.wait(task, "success")


def test_what_a_task_was_given_starts_the_same_job_again(call: Run, server: Server) -> None:
    script = "name = 'a \"quoted\" name'\nx + 1"
    body = {"gremlin": script, "bindings": {"x": 41}, "language": "gremlin-groovy", "aliases": {}}
    first = str(server.http.post("/jobs/gremlin", json=body).json()["task_id"])
    given = call("input", first, "--url", server.url).stdout
    again = call("submit", "-", "--url", server.url, stdin=given).stdout.strip()
    assert again != first
    assert call("input", again, "--url", server.url).stdout == given
    told = json.loads(call("get", again, "--url", server.url, "-o", "jsonl").stdout)
    assert told["name"] == script.partition("\n")[0]


def test_an_id_that_no_long_holds_spoils_no_other(call: Run, server: Server) -> None:
    one = server.ended()
    done = call("wait", one, str(2**63), "9" * 40, "--url", server.url)
    assert done.returncode == PARTLY
    assert done.stdout.splitlines()[0].startswith(f"{one} ✓ success")
    assert done.stdout.count("not found") == 2
    for command in (("get",), ("delete", "--yes"), ("result",)):
        assert call(*command, str(2**63), "--url", server.url).returncode == NOT_FOUND
    assert call("wait", str(2**63 - 1), "--url", server.url).returncode == NOT_FOUND


@pytest.mark.parametrize(
    ("script", "flags", "code"),
    [("1", (), OK), (BOOM, (), FAILED), (SLEEP, ("--timeout", "1s"), NOT_CONFIRMED)],
)
def test_submit_and_wait(call: Run, server: Server, script: str, flags: tuple[str, ...], code: int) -> None:
    done = call("submit", "-", "--wait", *flags, "--url", server.url, stdin=script)
    assert done.returncode == code
    assert done.stdout.strip().isdigit()
    assert done.stderr.startswith(done.stdout.strip())
    server.http.put(f"/tasks/{done.stdout.strip()}", params={"action": "cancel"})


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (("-",), "  \n", "standard input is empty"),
        (("/no/such/file",), "", "Can't read /no/such/file: No such file or directory"),
        (("-", "--timeout", "3s"), "1", "--timeout needs --wait"),
    ],
)
def test_scripts_that_can_not_be_sent(call: Run, arguments: tuple[str, ...], stdin: str, says: str) -> None:
    done = call("submit", *arguments, "--url", NOBODY, stdin=stdin)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert says in done.stderr


def test_wait_for_several(run: Run, server: Server) -> None:
    good, bad = server.ended(), server.ended(BOOM)
    done = run("wait", good, bad, "987654", "--url", server.url)
    assert done.returncode == PARTLY
    assert done.stdout.splitlines()[0].startswith(f"{good} ✓ success")
    assert f"{bad} ✗ failed" in done.stdout
    assert "987654 not found" in done.stdout


@pytest.mark.parametrize(
    ("script", "wanted", "code"), [(BOOM, "success", FAILED), (BOOM, "finished", OK), ("1", "success", OK)]
)
def test_wait_for_an_end(call: Run, server: Server, script: str, wanted: str, code: int) -> None:
    done = call("wait", server.ended(script), "--for", wanted, "--url", server.url, "-o", "jsonl")
    assert done.returncode == code
    assert json.loads(done.stdout)["ok"] is (code == OK)


def test_wait_for_none_and_for_too_long(call: Run, server: Server) -> None:
    assert call("wait", "987654", "--url", server.url).returncode == NOT_FOUND
    assert call("wait", "987654", "--for", "gone", "--url", server.url).returncode == OK
    running = server.running()
    done = call("wait", "-", "--timeout", "300ms", "--url", server.url, stdin=running)
    assert done.returncode == USAGE
    done = call("wait", "-", "--timeout", "1", "--url", server.url, stdin=f"{running}\n")
    assert done.returncode == NOT_CONFIRMED
    assert f"{running} timed out after " in done.stdout
    server.http.put(f"/tasks/{running}", params={"action": "cancel"})


# --- cancel, delete ----------------------------------------------------------------------------------


def test_cancel_is_followed_to_its_end(run: Run, server: Server) -> None:
    running = server.running()
    done = run("cancel", running, "--yes", "--url", server.url)
    assert done.returncode == OK
    assert done.stdout.startswith(f"✓ {running} cancelled")
    assert server.word(running) == "cancelled"
    assert run("cancel", running, "--yes", "--url", server.url).returncode == OK, "it is cancelled already"


def test_cancel_and_delete_of_what_can_not_be(call: Run, server: Server) -> None:
    over, running = server.ended(), server.running()
    done = call("cancel", over, "--yes", "--url", server.url)
    assert (done.returncode, done.stdout.startswith(f"✗ {over} finished first")) == (FAILED, True)
    done = call("delete", running, "--yes", "--url", server.url)
    assert done.returncode == NOT_ALLOWED
    assert f"✗ {running} refused" in done.stdout
    assert "Can't delete incomplete task" in done.stdout
    missing = call("delete", "987654", "--yes", "--url", server.url)
    assert missing.returncode == NOT_FOUND
    said = "No task 987654 in DEFAULT/hugegraph on "
    assert said in " ".join(missing.stdout.split())
    assert said in call("get", "987654", "--url", server.url).stderr
    done = call("cancel", running, "987654", "--yes", "--url", server.url, "-o", "json")
    assert done.returncode == PARTLY
    assert {(one["id"], one["outcome"]) for one in json.loads(done.stdout)} == {
        (running, "cancelled"),
        ("987654", "not found"),
    }


def test_ids_come_from_another_command(run: Run, server: Server) -> None:
    mine = [server.ended("'to be deleted'") for _ in range(3)]
    ids = run("ls", "to be deleted", "--url", server.url, "-o", "id").stdout
    assert sorted(ids.split()) == sorted(mine)
    done = run("delete", "-", "--yes", "--url", server.url, stdin=ids)
    assert done.returncode == OK
    assert [server.word(task) for task in mine] == ["gone"] * 3
    done = run("delete", "-", "--yes", "--url", server.url, stdin="")
    assert (done.returncode, done.stdout) == (OK, "")


@pytest.mark.parametrize(
    "command", [("cancel", "1"), ("delete", "1"), ("purge", "--older-than", "1d", "--status", "success")]
)
def test_without_a_terminal_nothing_is_sent_without_yes(run: Run, command: tuple[str, ...]) -> None:
    # Nobody listens at the address: had anything been sent, the exit code would tell.
    done = run(*command, "--url", NOBODY)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert (
        done.stderr == "graphtop: Use --yes to confirm: there is no terminal to ask on. Nothing was sent.\n"
    )


@pytest.mark.parametrize(
    ("env", "flags", "code", "says"),
    [
        ({"GRAPHTOP_READ_ONLY": "1"}, ("--yes",), NOT_ALLOWED, "Read-only mode, set by GRAPHTOP_READ_ONLY"),
        ({"GRAPHTOP_PRODUCTION": "1"}, ("--yes",), USAGE, "Use --yes --production to confirm"),
        ({"GRAPHTOP_PRODUCTION": "1"}, ("--yes", "--production"), UNREACHABLE, "127.0.0.1:9"),
        ({}, ("--yes",), UNREACHABLE, "127.0.0.1:9"),
    ],
)
@pytest.mark.parametrize("command", [("cancel", "1"), ("submit", "-")])
def test_read_only_and_production(call: Run, command, env, flags, code, says) -> None:
    done = call(*command, *flags, "--url", NOBODY, env=env, stdin="1")
    assert done.returncode == code
    assert says in done.stderr


# --- purge -------------------------------------------------------------------------------------------


def test_purge_previews_and_deletes(call: Run, server: Server) -> None:
    before = {task["id"] for task in server.tasks()}
    mine = [server.ended("'mine to purge'") for _ in range(12)]
    arguments = ("purge", "--older-than", "0s", "--status", "success", "mine to purge", "--url", server.url)
    done = call(*arguments, "--dry-run")
    assert done.returncode == OK
    lines = done.stderr.splitlines()
    assert lines[0] == "12 tasks: 12 success"
    assert f"oldest: task {mine[0]}, finished " in lines[1]
    assert f"newest: task {mine[-1]}, finished " in lines[2]
    assert all(server.word(task) == "success" for task in mine)
    done = call(*arguments, "--yes")
    assert (done.returncode, done.stdout) == (OK, "")
    assert done.stderr.endswith("Deleted 12 tasks.\n")
    assert {task["id"] for task in server.tasks()} == before


@pytest.mark.parametrize(
    "flags",
    [
        ("--status", "success"),
        ("--older-than", "30d"),
        ("--older-than", "30d", "--status", "running"),
        ("--older-than", "30", "--status", "success"),
        ("--older-than", "soon", "--status", "success"),
    ],
)
def test_purge_needs_both_and_only_ends(call: Run, flags: tuple[str, ...]) -> None:
    assert call("purge", *flags, "--yes", "--url", NOBODY).returncode == USAGE


# --- errors ------------------------------------------------------------------------------------------


def test_where_is_asked_for(call: Run) -> None:
    done = call("ls")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "--url" in done.stderr


@pytest.mark.parametrize(
    ("command", "flags"),
    [("ls", ()), ("result", ("1",)), ("graphs", ()), ("get", ("1",)), ("cancel", ("1", "-y"))],
)
def test_nobody_listens(call: Run, command: str, flags: tuple[str, ...]) -> None:
    done = call(command, *flags, "--url", NOBODY)
    assert (done.returncode, done.stdout) == (UNREACHABLE, "")
    assert done.stderr.startswith("graphtop: 127.0.0.1:9")
    assert "Traceback" not in done.stderr


def test_a_graph_that_is_not_there(call: Run, server: Server) -> None:
    done = call("ls", "--url", server.url, "--graph", "nope")
    assert (done.returncode, done.stdout) == (NOT_FOUND, "")
    assert "Its graphs: hugegraph, supply_chain." in done.stderr


def test_a_dialect_that_is_not_there(call: Run) -> None:
    assert call("ls", "--url", NOBODY, "--dialect", "sql").returncode == USAGE
