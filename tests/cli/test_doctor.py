"""The doctor on a healthy server, and on servers that each have one thing wrong."""

from __future__ import annotations

import email.utils
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.cli.conftest import Server, simulated
from tui.cli import run
from tui.cli.work.doctor_checks import CHECKS

Doctor: TypeAlias = Callable[..., tuple[int, dict[str, dict]]]
PASSWORD = "correct horse"


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Call the doctor; gives its exit code and what it says of each check."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def called(*arguments: str) -> tuple[int, dict[str, dict]]:
        code = run(["doctor", "-o", "jsonl", *arguments])
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return code, {one["check"]: one for one in told}

    return called


def signs(told: dict[str, dict]) -> str:
    """The checks in the order told: their first letters, failed ones in capitals, not tried ones as dots.

    That of the history, which is not on the server, is left out.
    """
    shown = {True: str.lower, False: str.upper, None: lambda _: "."}
    return "".join(shown[one["ok"]](check[0]) for check, one in told.items() if check != "history")


def test_a_healthy_server(doctor: Doctor, server: Server) -> None:
    code, told = doctor("--url", server.url)
    assert code == 0
    assert list(told) == list(CHECKS)
    assert signs(told) == "udt.vlrgp.s"
    assert told["version"]["says"] == "HugeGraph 1.7.0."
    assert "The server supports cancel, delete, force delete, submit." in told["rights"]["says"]
    assert told["graph"]["says"].startswith("DEFAULT/hugegraph: 60 tasks read in ")
    assert all(not one["do"] for one in told.values())


def test_a_healthy_server_for_a_person(
    server: Server, monkeypatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["doctor", "-o", "table", "--url", server.url]) == 0
    signs_shown = [line[0] for line in capsys.readouterr().out.splitlines() if line[0] != " "]
    assert signs_shown == list("✓✓✓–✓✓✓✓✓–✓✓")


def test_a_host_without_an_address(doctor: Doctor) -> None:
    code, told = doctor("--url", "http://no-such-host.invalid:8080")
    assert (code, signs(told)[:2]) == (5, "uD")
    assert set(signs(told)[2:]) == {"."}
    assert 'Can\'t resolve host "no-such-host.invalid"' in told["dns"]["says"]


def test_a_port_on_which_nobody_listens(doctor: Doctor) -> None:
    code, told = doctor("--url", "http://127.0.0.1:9")
    assert (code, signs(told)) == (5, "udT........")
    assert told["tcp"]["says"] == "Can't connect to 127.0.0.1, port 9: Connection refused."
    assert "firewall" in told["tcp"]["do"]


def test_no_address_at_all(doctor: Doctor) -> None:
    code, told = doctor()
    assert (code, signs(told)) == (2, "U")
    assert "--url" in told["url"]["says"]


def test_an_https_address_of_an_http_server(doctor: Doctor, server: Server) -> None:
    code, told = doctor("--url", server.url.replace("http:", "https:"))
    assert (code, signs(told)) == (5, "udtT.......")
    assert "http instead of https" in told["tls"]["do"]


def test_a_graph_that_is_not_there(doctor: Doctor, server: Server) -> None:
    code, told = doctor("--url", server.url, "--graph", "nope")
    assert (code, signs(told)) == (3, "udt..l.G...")
    assert "Its graphs: hugegraph, supply_chain." in told["graph"]["says"]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants a login."""
    with ExitStack() as stack:
        home = tmp_path_factory.mktemp("home")
        env = {"GRAPHTOP_PASSWORD": PASSWORD}
        yield simulated(stack, "--user", "admin", "--tasks", "5", "--pace", "0", home=home, env=env)


@pytest.mark.parametrize(("password", "signs_"), [(PASSWORD, "udt.vlrgp.s"), ("wrong", "udt..L.....")])
def test_a_login(doctor: Doctor, locked: Server, monkeypatch, password: str, signs_: str) -> None:
    monkeypatch.setenv("GRAPHTOP_PASSWORD", password)
    code, told = doctor("--url", locked.url, "--user", "admin")
    assert (code, signs(told)) == (0 if "L" not in signs_ else 4, signs_)
    assert password not in str(told)
    assert ("admin" in told["login"]["says"]) is (code == 0)


def test_no_login_where_one_is_wanted(doctor: Doctor, locked: Server) -> None:
    code, told = doctor("--url", locked.url)
    assert (code, signs(told)) == (4, "udt..L.....")
    assert "--user" in told["login"]["do"]


def test_a_memory_backend_can_not_page(doctor: Doctor, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = simulated(stack, "--backend", "memory", "--tasks", "5", "--pace", "0", home=tmp_path)
        code, told = doctor("--url", server.url)
    assert (code, signs(told)) == (0, "udt.vlrg..s")
    assert "doesn't support paging" in told["paging"]["says"]


# --- servers that are none ---------------------------------------------------------------------------


@contextmanager
def serving(answers: Callable[[str], tuple[int, str, str]], ahead: float | None = None) -> Iterator[str]:
    """An HTTP server that answers as it is told, its clock so many seconds ahead, or without a Date."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, kind, body = answers(self.path)
            self.send_response_only(code)
            if ahead is not None:
                self.send_header("Date", email.utils.formatdate(time.time() + ahead, usegmt=True))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def hugegraph(path: str) -> tuple[int, str, str]:
    """A HugeGraph without any task."""
    if path.endswith("/versions"):
        body: object = {"versions": {"version": "v1", "core": "1.7.0", "api": "0.71.0.0"}}
    elif path.endswith("/graphs"):
        body = {"graphs": ["hugegraph"]}
    else:
        body = {"tasks": [], "page": None}
    return 200, "application/json", json.dumps(body)


def test_another_service_at_the_address(doctor: Doctor) -> None:
    with serving(lambda path: (200, "text/html", "<html>hello</html>")) as url:
        code, told = doctor("--url", url)
    assert (code, signs(told)) == (5, "udt.V......")
    assert "doesn't look like a HugeGraph" in told["version"]["says"]


def test_a_server_that_is_starting(doctor: Doctor) -> None:
    page = "<html><head><title>Grizzly</title></head><body><h1>Request failed.</h1></body></html>"
    with serving(lambda path: (500, "text/html", page)) as url:
        code, told = doctor("--url", url)
    assert (code, signs(told)) == (5, "udt.V......")
    assert "starting" in told["version"]["says"]


def test_a_port_that_does_not_speak_http(doctor: Doctor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for _ in range(3):
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        threading.Thread(target=answer, daemon=True).start()
        code, told = doctor("--url", f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert (code, signs(told)) == (5, "udt.V......")


@pytest.mark.parametrize(
    ("ahead", "sign", "code"), [(0, "c", 0), (-90, "C", 5), (90, "C", 5), (None, ".", 0)]
)
def test_the_clock(doctor: Doctor, ahead: float | None, sign: str, code: int) -> None:
    with serving(hugegraph, ahead) as url:
        exit_code, told = doctor("--url", url)
    assert (exit_code, signs(told)) == (code, f"udt.vlrgp{sign}s")
    if code:
        apart = "1m [23][0-9]s ahead of" if ahead > 0 else "1m [34][0-9]s behind"
        words = rf"The server's clock is {apart} this machine's\. Ages are by the server's clock\."
        assert re.fullmatch(words, told["clock"]["says"]), told["clock"]["says"]
    assert "No tasks, or none this user is allowed to see" in told["graph"]["says"]


def test_a_pipe_gets_each_check_in_a_line_of_tsv(server: Server, monkeypatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["doctor", "--url", server.url]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == list(CHECKS)
    assert lines[0] == ["url", "true", f"{server.url}, dialect auto", ""]
