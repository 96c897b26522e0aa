"""Which server a login is sent to, as the servers see it, and what is said of the way there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters import registry
from backend_adapters.backend import Backend
from backend_adapters.transport.target import Target
from tests.cli.conftest import Done
from tui.cli.completion.complete import list_candidates
from tui.cli.work import session, session_set
from tui.connection.resolve import PLAIN_HTTP

CANARY = "c4nary-Sesame"
SAY = f"echo {CANARY}"
FILE = f"""\
[profiles.prod]
url = "https://prod.example"
user = "ann"
password_command = "{SAY}"
production = true
[profiles.plain]
url = "http://plain.example:8080"
token_command = "{SAY}"
[profiles.meant]
url = "http://meant.example:8080"
token_command = "{SAY}"
allow_plain = true
[profiles.named]
url = "http://named.example:8080"
netrc = true
[profiles.kept]
url = "http://named.example:8080"
netrc = "plain"
"""
TOKEN = {"GRAPHTOP_TOKEN": CANARY}
KEYS = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": CANARY, "HUAWEICLOUD_SDK_PROJECT_ID": "p"}

Sent = list[tuple[str, str]]
"""The host of each request, and its login."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What all servers together receive; none has anything to say."""
    seen: Sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url.host), request.headers.get("Authorization", "")))
        return httpx.Response(404, json={})

    opened = registry.open_backend

    def open_backend(target: Target) -> Backend:
        return opened(replace(target, http=httpx.MockTransport(answer)))

    monkeypatch.setattr(registry, "open_backend", open_backend)
    monkeypatch.setattr(session, "open_backend", open_backend)
    monkeypatch.setattr(session_set, "open_backend", open_backend)
    return seen


@pytest.fixture
def file(home: Path) -> dict[str, str]:
    """The variable that names the config file."""
    (home / "config.toml").write_text(FILE)
    (home / ".netrc").write_text(f"machine named.example login ann password {CANARY}\n")
    (home / ".netrc").chmod(0o600)
    return {"GRAPHTOP_CONFIG": str(home / "config.toml")}


@pytest.mark.parametrize(
    ("flags", "variables"),
    [
        (("-p", "prod", "--url", "https://evil.example"), {}),
        (("-p", "prod", "--url", "https://prod.example:8443"), {}),
        (("-p", "prod", "--url", "http://prod.example:443"), {}),
        (("-p", "prod", "--url", "https://prod.example.evil.example"), {}),
        (("-p", "prod"), {"GRAPHTOP_URL": "https://evil.example"}),
        (("-p", "plain", "--url", "http://evil.example:8080"), {}),
        (("-p", "named", "--url", "https://named.example"), {}),
        (("-p", "kept", "--url", "http://named.example:9090"), {}),
    ],
)
def test_a_profiles_login_goes_nowhere_else(call: Callable[..., Done], sent, file, flags, variables) -> None:
    done = call("ls", *flags, env={**file, **variables})
    assert f"The login of the profile {flags[1]} is not sent to" in done.stderr
    assert {login for _, login in sent} <= {""}
    assert CANARY not in done.stderr + done.stdout


@pytest.mark.parametrize("url", ["https://prod.example:443/", "https://PROD.example/graphs/g/tasks"])
def test_a_profiles_login_goes_to_its_server_however_that_is_named(call, sent, file, url) -> None:
    done = call("ls", "-p", "prod", "--url", url, env=file)
    assert {host for host, login in sent if login.startswith("Basic ")} == {"prod.example"}
    assert "is not sent" not in done.stderr


@pytest.mark.parametrize(
    ("command", "flags", "warned"),
    [
        ("ls", ("-p", "plain"), True),
        ("doctor", ("-p", "plain"), True),
        ("config check", ("-p", "plain"), True),
        ("ls", ("-p", "meant"), False),
        ("config check", ("-p", "meant"), False),
        ("ls", ("-p", "prod"), False),
        ("ls", ("--url", "http://open.example"), False),
        ("ls", ("--url", "http://127.0.0.1:9", "--token-command", SAY), False),
        ("ls", ("-p", "meant", "--url", "http://other.example", "--token-command", SAY), True),
    ],
)
def test_a_login_over_plain_http_is_warned_about(call, sent, file, command, flags, warned) -> None:
    done = call(*command.split(), *flags, env=file)
    assert (f"graphtop: {PLAIN_HTTP}\n" in done.stderr) is warned
    if command == "config check":
        assert done.returncode == 0


def test_the_warning_of_plain_http_names_what_silences_it_without_a_profile(call, sent, file) -> None:
    place = ("--url", "http://open.example", "--token-command", SAY)
    warned = call("ls", *place, env=file).stderr
    (name, value) = re.findall(r"(GRAPHTOP_\w+)=(\w+)", warned)[0]
    assert "PLAIN HTTP" in warned
    assert "PLAIN HTTP" not in call("ls", *place, env={**file, name: value}).stderr


def test_doctor_says_that_the_login_can_be_read(call, sent, file, monkeypatch) -> None:
    monkeypatch.setattr("tui.cli.work.doctor_checks.DoctorChecks._check_dns", _nothing)
    monkeypatch.setattr("tui.cli.work.doctor_checks.DoctorChecks._check_tcp", _nothing)
    monkeypatch.setattr(session, "open_backend", registry.open_backend)
    done = call("doctor", "-p", "plain", "-o", "tsv", env=file)
    assert "the login can be read in transit" in done.stdout


async def _nothing(*_: object) -> None:
    """Try nothing."""


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("http://ges.example", False),
        ("http://localhost.evil.example", False),
        ("https://ges.example", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
    ],
)
def test_keys_of_the_environment_go_over_tls_or_nowhere(call, sent, url: str, known: bool) -> None:
    done = call("ls", "--url", url, "--dialect", "ges", env=KEYS)
    signed = [login for _, login in sent if "AK" in login]
    assert bool(signed) is known
    told = "The keys in HUAWEICLOUD_SDK_AK are only sent over https or to this machine"
    assert (told in done.stderr) is not known
    assert done.returncode == (4 if known else 2)


def test_netrc_goes_over_tls_or_where_plain_http_is_meant(call, sent, file) -> None:
    done = call("ls", "-p", "named", env=file)
    assert (done.returncode, sent) == (2, [])
    assert "are only sent over https" in done.stderr
    assert 'set netrc = "plain" in the profile.' in done.stderr
    call("ls", "-p", "kept", env=file)
    assert {host for host, login in sent if login} == {"named.example"}
    sent.clear()
    call("ls", "-p", "named", env={**file, "GRAPHTOP_NETRC": "plain"})
    assert {host for host, login in sent if login} == {"named.example"}


@pytest.mark.parametrize(
    ("words", "variables", "hosts"),
    [
        (("--url", "https://evil.example"), TOKEN, set()),
        (("--url", "https://evil.example", "--token-file", "SECRET"), {}, set()),
        (("--url", "https://evil.example", "--user", "ann"), {"GRAPHTOP_PASSWORD": CANARY}, set()),
        (("--url", "https://evil.example"), {**TOKEN, "GRAPHTOP_URL": "https://own.example"}, set()),
        (("--url", "https://own.example:1"), {**TOKEN, "GRAPHTOP_URL": "https://own.example"}, set()),
        (("--url", "https://ges.evil.example", "--dialect", "ges"), KEYS, set()),
        (("-p", "prod", "--url", "https://evil.example"), TOKEN, set()),
        (("-p", "prod"), {"GRAPHTOP_PASSWORD": CANARY}, {"prod.example"}),
        ((), {**TOKEN, "GRAPHTOP_URL": "https://own.example"}, {"own.example"}),
        (("--url", "own.example"), {**TOKEN, "GRAPHTOP_URL": "http://own.example"}, {"own.example"}),
    ],
)  # fmt: skip
def test_tab_sends_no_login_to_what_stands_on_the_line(
    sent: Sent, file, home, monkeypatch, words, variables, hosts
) -> None:
    monkeypatch.setenv("HOME", str(home))
    (home / "secret").write_text(CANARY)
    line = [str(home / "secret") if word == "SECRET" else word for word in words]
    list_candidates(["get", *line, ""], {**file, **variables})
    assert sent, "it asks the server, though without a login"
    assert {host for host, login in sent if login} == hosts


def test_a_guard_that_a_variable_can_not_lower_is_told(call, sent, file) -> None:
    done = call("cancel", "7", "--yes", "-p", "prod", env={**file, "GRAPHTOP_PRODUCTION": "0"})
    assert (done.returncode, sent) == (2, [])
    assert "GRAPHTOP_PRODUCTION has no effect: the profile prod sets production = true" in done.stderr
    done = call("cancel", "7", "--yes", "--url", "https://prod.example", env=file)
    assert (done.returncode, sent) == (2, [])
    assert (
        "this is a production server (set by the profile prod (~/config.toml:5)). Nothing was sent."
        in done.stderr
    )


SEVERAL = """\
default_profile = "open"
[profiles.a]
url = "https://a.example"
token_command = "echo of-a"
[profiles.b]
url = "https://b.example"
user = "bob"
password_command = "echo of-b"
[profiles.open]
url = "https://open.example"
[profiles.cloud]
url = "https://cloud.example"
dialect = "ges"
project = "p"
"""
OF_A, OF_B, OF_ENVIRONMENT = "Bearer of-a", "Basic Ym9iOm9mLWI=", f"Bearer {CANARY}"


@pytest.mark.parametrize(
    "words",
    [
        ("ls", "--all"),
        ("ls", "-p", "a", "-p", "b", "-p", "open", "-p", "cloud"),
        ("graphs", "--all"),
        ("get", "a:g/1", "b:g/1", "open:g/1", "cloud:ff80"),
        ("wait", "--timeout", "1s", "a:g/1", "b:g/1", "open:g/1", "cloud:ff80"),
        ("cancel", "--yes", "a:g/1", "b:g/1", "open:g/1", "cloud:ff80"),
    ],
)
@pytest.mark.parametrize("variables", [TOKEN, {"GRAPHTOP_PASSWORD": CANARY, "GRAPHTOP_USER": "eve"}, KEYS])
def test_of_several_places_each_gets_the_login_of_its_own_profile(call, sent, home, words, variables) -> None:
    (home / "config.toml").write_text(SEVERAL)
    done = call(*words, env={"GRAPHTOP_CONFIG": str(home / "config.toml"), **variables})
    logins = {host: {login for to, login in sent if to == host} for host, _ in sent}
    # What looks at an address before it logs in sends nothing.
    assert logins["a.example"] - {""} == {OF_A}
    assert logins["b.example"] - {""} == {OF_B}
    assert logins["open.example"] == {""}
    assert logins.get("cloud.example", {""}) == {""}
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "logins"),
    [
        (("get", "1", "b:g/1"), {("open.example", OF_ENVIRONMENT), ("b.example", OF_B)}),
        (("get", "open:g/1", "b:g/1"), {("b.example", OF_B)}),
        (("get", "open:g/1"), {("open.example", OF_ENVIRONMENT)}),
        (("get", "-p", "open", "open:g/1"), {("open.example", OF_ENVIRONMENT)}),
        (("get", "b:g/1"), {("b.example", OF_B)}),
        (("result", "a:g/1"), {("a.example", OF_A)}),
        (
            ("get", "--url", "https://open.example", "1", "a:g/1"),
            {("open.example", OF_ENVIRONMENT), ("a.example", OF_A)},
        ),
    ],
)
def test_what_logs_in_to_the_place_of_plain_ids_goes_to_no_other(call, sent, home, words, logins) -> None:
    (home / "config.toml").write_text(SEVERAL)
    call(*words, env={"GRAPHTOP_CONFIG": str(home / "config.toml"), **TOKEN})
    assert {(host, login) for host, login in sent if login} == logins
