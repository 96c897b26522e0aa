"""The command lines that show a task elsewhere: complete, in one safe line, without a secret."""

from __future__ import annotations

import shlex

import pytest

from backend_adapters.backend import TaskRequest
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target, Tls
from tui.connection.command_lines import format_curl, format_get_command, list_flags

URL = "http://h:8080/graphs/hugegraph/tasks/7"
PROD = Target(profile="prod", url="https://h:8443", graph="g", graphspace="DEFAULT")


def target(**more: object) -> Target:
    return Target(
        **{"url": "https://h:8443", "profile": "prod", "graph": "g", "graphspace": "DEFAULT", **more}
    )


def test_what_the_profile_has_is_left_out():
    assert format_get_command(["347"], list_flags(target(), PROD)) == "graphtop get 347 -p prod"
    there = target(graph=None, graphspace=None)
    assert list_flags(there, Target(profile="prod", url="https://h:8443")) == ["-p", "prod"]


def test_what_differs_from_the_profile_is_given():
    other = target(url="https://other:8443", graph="h", dialect="computerdis", profile="prod@other:8443")
    flags = ["-p", "prod", "--url", "https://other:8443", "--dialect", "computerdis", "--graph", "h"]
    assert list_flags(other, PROD) == flags


def test_a_profile_that_names_one_graph_is_not_used_where_all_are_watched():
    there = target(graph=None, graphspace=None, dialect="ges", project="p1")
    place = Target(profile="cloud", url="https://h:8443", dialect="ges", project="p1", graph="g1")
    assert list_flags(there, place) == ["--url", "https://h:8443", "--dialect", "ges", "--project", "p1"]


def test_without_a_profile_all_is_given_but_the_secret():
    credentials = Credentials("ann", password=lambda: "hunter22")
    there = target(credentials=credentials, paths="classic", tls=Tls(ca_file="/etc/my ca.pem", insecure=True))
    command = format_get_command(["1", "2"], list_flags(there))
    assert command == (
        "graphtop get 1 2 --url https://h:8443 --graphspace DEFAULT --graph g --paths classic"
        " --user ann --ca-file '/etc/my ca.pem' --insecure"
    )
    assert "hunter22" not in command


@pytest.mark.parametrize(
    ("credentials", "header", "line"),
    [
        (Credentials(), "Authorization: Bearer", f"curl -sS {URL}"),
        (Credentials("ann", password=lambda: "hunter22"), "Authorization: Bearer", f"curl -sS -u ann {URL}"),
        (
            Credentials(token=lambda: "hunter22"),
            "Authorization: Bearer",
            f'curl -sS -H "Authorization: Bearer $GRAPHTOP_TOKEN" {URL}',
        ),
        (
            Credentials(keys=lambda: AccessKeys("a", "hunter22")),
            "X-Auth-Token:",
            f'curl -sS -H "X-Auth-Token: $GRAPHTOP_TOKEN" {URL}',
        ),
    ],
)
def test_a_request_for_curl_asks_for_the_secret(credentials: Credentials, header: str, line: str):
    request = TaskRequest(URL, token_header=header)
    assert format_curl(request, target(credentials=credentials)) == line


def test_certificates_go_along():
    tls = Tls(ca_file="ca.pem", client_cert="me.pem", client_key="me.key", insecure=True)
    line = format_curl(TaskRequest(URL), target(tls=tls))
    assert line == f"curl -sS --cacert ca.pem --cert me.pem --key me.key -k {URL}"


@pytest.mark.parametrize(
    "hostile", ["a b", "$(reboot)", "`x`", "a\nreboot\n", "a\x1b[201~reboot\r", "'", "--all"]
)
def test_a_name_can_not_leave_its_word_or_its_line(hostile: str):
    words = shlex.split(format_get_command(["7"], list_flags(target(graph=hostile), PROD)))
    assert words[:5] == ["graphtop", "get", "7", "-p", "prod"]
    assert len(words) == 7
    line = format_curl(
        TaskRequest(f"http://h/{hostile}"), target(credentials=Credentials(hostile, lambda: "p"))
    )
    assert line.isprintable()
    assert len(shlex.split(line)) == 5
