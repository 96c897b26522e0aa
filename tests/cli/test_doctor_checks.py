"""The doctor's checks one by one: what each says, what to do, and the exit code."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from backend_adapters.backend import Batch
from backend_adapters.errors import (
    BackendError,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    ServerFault,
    TimedOut,
    Unreachable,
    WrongClock,
)
from backend_adapters.model import Ability
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.origin import find_proxy
from backend_adapters.transport.target import Target, Timeouts, Tls
from tests.cli.fake_session import FakeSession
from tests.tls import CA, SERVER_CERT, SERVER_KEY
from tests.unit import fakes
from tests.unit.fakes import START, S, task
from tui.cli import exit_codes
from tui.cli.work import doctor_checks as rounds
from tui.cli.work.doctor_checks import CHECKS, CheckResult, DoctorChecks, describe_rights
from tui.monitor.journal.line import JournalLine, encode_line

Told = dict[str, tuple[bool | None, str, str]]
NOT_TRIED = (None, "Not checked.", "")


async def findings(rig: FakeSession, url: str = "", **target) -> tuple[int, Told]:
    """The exit code and what was said; without an address nothing of the network is tried."""
    told: list[CheckResult] = []
    rig.session.target = Target(**{"url": url or "http://fake", **target})
    going = DoctorChecks(rig.session, told.append)
    if not url:
        going._check_network = _no_network
    code = await (going.run() if url else rig.clock.wait_for(going.run()))
    return code, {one.check: (one.ok, one.says, one.do) for one in told}


async def _no_network() -> None:
    pass


def taking(rig: FakeSession, *seconds: float) -> None:
    """Let the polls take so long, one after the other."""
    changes, times = rig.backend.changes, iter(seconds)

    async def slow(known):
        await rig.clock.sleep(next(times))
        return await changes(known)

    rig.backend.changes = slow


async def test_a_healthy_server_is_told_in_numbers() -> None:
    rig = FakeSession(task(1), task(2, S.SUCCESS), task(3, S.SUCCESS))
    rig.backend.delays["page"] = 1.25
    taking(rig, 0.1, 0.35, 0.2, 0.3, 10)
    code, told = await findings(rig, credentials=Credentials("ann"))
    assert code == 0
    history = told["history"]
    assert history[0]
    assert history[1].startswith("Nothing is kept yet: ")
    assert told == {
        "history": history,
        "url": (True, "http://fake, dialect auto", ""),
        "version": (True, "HugeGraph 1.7.0.", ""),
        "login": (True, "Accepted: user='ann'", ""),
        "rights": (True, "Tasks can be read. The server supports cancel, delete, force delete, submit.", ""),
        "graph": (True, "g: 3 tasks read in 1.2s, 1 unfinished.", ""),
        "paging": (None, "This kind of server always pages its lists.", ""),
        "clock": (None, "Server clock unknown; no task has a future timestamp.", ""),
        "speed": (True, "A poll takes 300ms (median of 5).", ""),
        "dns": NOT_TRIED,
        "tcp": NOT_TRIED,
        "tls": NOT_TRIED,
    }
    assert list(told) == ["url", *CHECKS[4:-1], "dns", "tcp", "tls", "history"]


async def test_a_server_without_a_version_and_with_a_note(monkeypatch) -> None:
    bare = replace(fakes.INFO, version=None, note="It is old.", product="GES")
    monkeypatch.setattr(fakes, "INFO", bare)
    _, told = await findings(FakeSession())
    assert told["version"] == (True, "GES (version unknown). It is old.", "")
    assert told["login"] == (True, "None needed.", "")
    assert told["graph"] == (
        True,
        "g: No tasks, or none this user is allowed to see.",
        "",
    )


@pytest.mark.parametrize(("number", "said"), [(15, "15"), (20, "20"), (50, "50"), (60, "50")])
async def test_five_batches_are_read_and_no_more(number: int, said: str) -> None:
    rig = FakeSession(*(task(number, S.SUCCESS) for number in range(1, number + 1)))
    _, told = await findings(rig)
    more = "; there may be more" if number > 50 else ""
    assert told["graph"][1] == f"g: {said} tasks read in 0ms, 0 unfinished{more}."
    assert len(rig.asked("page")) == -(-number // 10)
    assert rig.backend.snapshots_ended == 1


@pytest.mark.parametrize(
    ("pages", "finding"),
    [
        (Ability(True), (True, "The list comes in pages.", "")),
        (
            Ability(False, "It can't page."),
            (None, "It can't page.", "Delete old tasks with `graphtop purge`."),
        ),
    ],
)
async def test_whether_the_list_comes_in_pages(pages: Ability, finding) -> None:
    rig = FakeSession(task(1))
    rig.backend.paging = pages
    assert (await findings(rig))[1]["paging"] == finding


AGREE = (True, "The server's clock and this machine's agree.", "")
SET = "Set this machine's clock, or sync it with a time server."


@pytest.mark.parametrize(
    ("ahead", "finding"),
    [
        (0.0, AGREE),
        (5.0, AGREE),
        (-5.0, AGREE),
        (
            5.6,
            (
                False,
                "The server's clock is 6.0s ahead of this machine's. Ages are by the server's clock.",
                SET,
            ),
        ),
        (
            -3600.0,
            (False, "The server's clock is 1h behind this machine's. Ages are by the server's clock.", SET),
        ),
    ],
)
async def test_two_clocks_may_be_five_seconds_apart(ahead: float, finding) -> None:
    rig = FakeSession(task(1))
    rig.backend.clock_ahead = ahead
    code, told = await findings(rig)
    assert told["clock"] == finding
    assert code == (0 if finding[0] else 5)


@pytest.mark.parametrize(
    ("future", "ok"), [(5_000, None), (5_001, False)], ids=["just within", "just beyond"]
)
async def test_a_task_may_be_five_seconds_out_of_the_future(future: int, ok: bool | None) -> None:
    code, told = await findings(FakeSession(task(1, created=START + future)))
    assert (code, told["clock"][0]) == (0 if ok is None else 5, ok)


@pytest.mark.parametrize(
    ("seconds", "finding", "code"),
    [
        (2.0, (True, "A poll takes 2.0s (median of 5).", ""), 0),
        (
            2.1,
            (
                False,
                "A poll takes 2.1s (median of 5).",
                "Use a longer --interval, and check the server's load.",
            ),
            5,
        ),
    ],
)
async def test_a_poll_may_take_two_seconds(seconds: float, finding, code: int) -> None:
    rig = FakeSession(task(1))
    taking(rig, *[seconds] * 5)
    found, told = await findings(rig)
    assert (found, told["speed"]) == (code, finding)


async def test_polls_ask_for_what_is_known() -> None:
    rig = FakeSession(task(1), task(7, S.SUCCESS))
    await findings(rig)
    asked = rig.asked("changes")
    assert len(asked) == 5
    assert (set(asked[0].unfinished), asked[0].newest) == ({"1"}, "7")


async def test_a_poll_that_fails_is_told() -> None:
    rig = FakeSession(task(1))
    rig.backend.always["changes"] = TimedOut("It took too long.", hint="Wait.")
    code, told = await findings(rig)
    assert (code, told["speed"]) == (5, (False, "It took too long.", "Wait."))


OF_THIS_KIND = "Connected; the server's version is unknown."


@pytest.mark.parametrize(
    ("error", "code", "wanted"),
    [
        (
            NotLoggedIn("No.", hint="Log in."),
            4,
            {
                "version": (None, f"{OF_THIS_KIND} This server needs a login.", ""),
                "login": (False, "No.", "Log in."),
                "rights": NOT_TRIED,
            },
        ),
        (
            NotAllowed("No.", hint="Ask."),
            4,
            {
                "version": (None, OF_THIS_KIND, ""),
                "login": (True, "None needed.", ""),
                "rights": (False, "No.", "Ask."),
                "graph": NOT_TRIED,
            },
        ),
        (
            NoSuchGraph("No graph.", hint="Choose."),
            3,
            {
                "version": (None, OF_THIS_KIND, ""),
                "login": (True, "None needed.", ""),
                "rights": NOT_TRIED,
                "graph": (False, "No graph.", "Choose."),
                "paging": NOT_TRIED,
            },
        ),
        (WrongClock("Off."), 4, {"version": NOT_TRIED, "login": NOT_TRIED, "clock": (False, "Off.", SET)}),
        (ServerFault("Bad.", hint="Look."), 5, {"version": (False, "Bad.", "Look."), "tcp": NOT_TRIED}),
        (Unreachable("Away.", hint="Look."), 5, {"version": NOT_TRIED, "tcp": (False, "Away.", "Look.")}),
        (TimedOut("Late.", hint="Look."), 5, {"version": NOT_TRIED, "tcp": (False, "Late.", "Look.")}),
    ],
)
async def test_a_connection_that_fails_says_which_check_it_was(
    error: BackendError, code: int, wanted
) -> None:
    rig = FakeSession(task(1))
    rig.backend.always["connect"] = error
    found, told = await findings(rig)
    assert found == code
    assert {check: told[check] for check in wanted} == wanted
    assert (told["speed"], set(told)) == (NOT_TRIED, set(CHECKS))


@pytest.mark.parametrize(
    ("error", "check"),
    [(NotAllowed("No."), "rights"), (NotLoggedIn("No."), "rights"), (ServerFault("No."), "graph")],
)
async def test_tasks_that_can_not_be_read_are_told(error: BackendError, check: str) -> None:
    rig = FakeSession(task(1))
    rig.backend.always["snapshot"] = error
    _, told = await findings(rig)
    assert told[check] == (False, "No.", error.hint)
    assert told["graph" if check == "rights" else "rights"] == NOT_TRIED


async def test_the_exit_code_is_that_of_the_first_failure() -> None:
    rig = FakeSession(task(1, created=START + 90_000))
    rig.backend.always["changes"] = NotAllowed("No.")
    code, told = await findings(rig)
    assert (code, told["clock"][0], told["speed"][0]) == (5, False, False)


# --- the network -------------------------------------------------------------------------------------


@asynccontextmanager
async def listening(*, tls: bool = False) -> AsyncIterator[int]:
    """A port of this machine on which somebody listens."""
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(SERVER_CERT, SERVER_KEY)

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def resolving(monkeypatch, answer: Callable[[str, int], object]) -> None:
    """Let the name server give this answer."""

    async def getaddrinfo(host: str, port: int, **_: object) -> object:
        return answer(host, port)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


async def test_a_host_has_each_of_its_addresses_once(monkeypatch) -> None:
    async with listening() as port:
        here = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))
        resolving(monkeypatch, lambda host, asked: [here, here])
        _, told = await findings(FakeSession(task(1)), f"http://graph.example:{port}")
        assert told["dns"] == (True, "graph.example is 127.0.0.1.", "")
        assert told["tcp"] == (True, f"Port {port} accepts connections (0ms).", "")
        assert told["tls"] == (None, "Plain http: nothing is encrypted.", "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (TimeoutError(), "no answer in time"),
        (UnicodeError("label too long"), "no answer in time"),
    ],
)
async def test_a_host_without_an_address_is_told(monkeypatch, error: Exception, words: str) -> None:
    def fail(host: str, port: int) -> None:
        raise error

    resolving(monkeypatch, fail)
    code, told = await findings(FakeSession(task(1)), "http://nowhere.example")
    assert (code, told["dns"]) == (
        5,
        (False, f'Can\'t resolve host "nowhere.example": {words}.', "Check the name."),
    )
    assert told["tcp"] == told["version"] == NOT_TRIED


@pytest.mark.parametrize(
    ("error", "words"),
    [(OSError(111, "x"), "Connection refused"), (TimeoutError(), "no answer in time")],
)
async def test_a_port_that_takes_no_connection_is_told(monkeypatch, error: Exception, words: str) -> None:
    async def fail(host: str, port: int) -> None:
        raise error

    monkeypatch.setattr(asyncio, "open_connection", fail)
    code, told = await findings(FakeSession(task(1)), "http://127.0.0.1")
    hint = "Check the port, the firewall, and that the server runs."
    assert (code, told["tcp"]) == (5, (False, f"Can't connect to 127.0.0.1, port 80: {words}.", hint))
    assert told["tls"] == NOT_TRIED


async def test_a_connection_is_waited_for_as_long_as_the_timeout_says(monkeypatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(asyncio, "open_connection", never)
    resolving(monkeypatch, lambda host, asked: [(socket.AF_INET, 0, 0, "", (host, asked))])
    code, told = await findings(FakeSession(task(1)), "http://127.0.0.1", timeouts=Timeouts(0.01, 0.01))
    assert (code, told["tcp"][0], told["tcp"][1][-18:]) == (5, False, "no answer in time.")


async def test_a_certificate_is_good_until_its_end() -> None:
    async with listening(tls=True) as port:
        _, told = await findings(FakeSession(task(1)), f"https://localhost:{port}", tls=Tls(ca_file=CA))
    ok, says, hint = told["tls"]
    version, until = says.split(", certificate valid until ")
    assert (ok, hint, version[:5]) == (True, "", "TLSv1")
    assert until.endswith(" GMT.")


async def test_a_certificate_that_is_not_checked_is_told() -> None:
    async with listening(tls=True) as port:
        _, told = await findings(FakeSession(task(1)), f"https://localhost:{port}", tls=Tls(insecure=True))
    assert told["tls"][1].endswith(", but the certificate is NOT VERIFIED (insecure).")


async def test_a_certificate_that_is_not_trusted_is_told() -> None:
    async with listening(tls=True) as port:
        code, told = await findings(FakeSession(task(1)), f"https://localhost:{port}")
    hint = "Use --ca-file with the authority's certificate, or the host name it was issued for."
    ok, says, do = told["tls"]
    assert (code, ok, do) == (5, False, hint)
    assert re.fullmatch(r"The certificate is not trusted: .*certificate.*\.", says)
    assert told["version"] == NOT_TRIED


@pytest.mark.parametrize(
    ("reason", "words"), [("WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"), (None, "no answer")]
)
async def test_a_server_without_tls_is_told(monkeypatch, reason: str | None, words: str) -> None:
    error: OSError = TimeoutError() if reason is None else ssl.SSLError(1, "x")
    if reason is not None:
        error.reason = reason
    open_connection = asyncio.open_connection

    async def fail(*where: object, **options: object) -> object:
        if "ssl" in options:
            raise error
        return await open_connection(*where, **options)

    monkeypatch.setattr(asyncio, "open_connection", fail)
    async with listening() as port:
        code, told = await findings(FakeSession(task(1)), f"https://127.0.0.1:{port}")
    assert (code, told["tls"]) == (
        5,
        (False, f"No TLS with 127.0.0.1: {words}.", "Is it http instead of https?"),
    )


async def test_certificates_that_can_not_be_read_are_told(tmp_path) -> None:
    async with listening() as port:
        tls = Tls(ca_file=str(tmp_path / "none"))
        code, told = await findings(FakeSession(task(1)), f"https://127.0.0.1:{port}", tls=tls)
    assert (code, told["tls"][0]) == (5, False)
    assert str(tmp_path / "none") in told["tls"][1]


@pytest.mark.parametrize(
    ("scheme", "tls"),
    [
        ("http", "Plain http: nothing is encrypted."),
        ("https", "Not checked through the proxy."),
    ],
)
async def test_the_way_goes_through_a_proxy(monkeypatch, scheme: str, tls: str) -> None:
    async with listening() as port:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{port}")
        _, told = await findings(FakeSession(task(1)), f"{scheme}://graph.example")
    assert (
        told["dns"][1]
        == "127.0.0.1 (the proxy on the way to graph.example) is an address; there is no name to look up."
    )
    assert told["tcp"][:2] == (True, f"Port {port} accepts connections (0ms).")
    assert told["tls"] == (None, tls, "")


async def test_a_proxy_that_is_not_there_is_told(monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "127.0.0.1:9")
    _, told = await findings(FakeSession(task(1)), "http://graph.example")
    assert told["tcp"][1:] == (
        "Can't connect to 127.0.0.1, port 9 (the proxy on the way to graph.example): Connection refused.",
        "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or set NO_PROXY=HOST to connect directly.",
    )


@pytest.mark.parametrize(
    ("variable", "value", "proxy"),
    [
        ("http_proxy", "http://proxy.example:3128", ("proxy.example", 3128)),
        ("http_proxy", "proxy.example:3128", ("proxy.example", 3128)),
        ("http_proxy", "http://proxy.example", ("proxy.example", 80)),
        ("http_proxy", "https://proxy.example", ("proxy.example", 443)),
        ("all_proxy", "http://all.example:1", ("all.example", 1)),
        ("https_proxy", "http://proxy.example", None),
    ],
)
def test_which_proxy_is_on_the_way(monkeypatch, variable: str, value: str, proxy) -> None:
    monkeypatch.setenv(variable, value)
    assert find_proxy("http", "graph.example") == proxy
    monkeypatch.setenv("no_proxy", "graph.example")
    assert find_proxy("http", "graph.example") is None


@pytest.mark.parametrize("target", [{"demo": 7}, {"http": SimpleNamespace()}])
async def test_what_is_in_this_process_has_no_network(monkeypatch, target) -> None:
    monkeypatch.setattr(rounds, "CHECKS", ("dns", "tcp", "tls"))
    _, told = await findings(FakeSession(task(1)), "http://nowhere.invalid", **target)
    assert told["dns"] == told["tcp"] == told["tls"] == NOT_TRIED
    assert told["speed"][0]


async def test_a_batch_that_never_comes_is_no_failure() -> None:
    rig = FakeSession()

    async def nothing():
        for batch in ():
            yield Batch(batch)

    rig.backend.snapshot = nothing
    _, told = await findings(rig)
    assert told["graph"][0]


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (
            {"delete": Ability(False, "No delete."), "force_delete": Ability(False, "No force.")},
            "The server supports cancel, submit. No delete. No force.",
        ),
        (
            dict.fromkeys(("cancel", "delete", "force_delete", "submit"), Ability(False, "No.")),
            "The server supports no action. No.",
        ),
    ],
)
def test_what_a_server_lacks_is_said(lacks: dict[str, Ability], said: str) -> None:
    assert describe_rights(replace(fakes.INFO.capabilities, **lacks)) == said


async def test_tasks_that_run_without_a_sign_of_life_are_named(monkeypatch, tmp_path) -> None:
    journal = tmp_path / "journal.jsonl"
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(journal))
    rig = FakeSession(*(task(n, created=START, updated=START + n) for n in range(1, 8)), task(8, S.QUEUED))
    source = rig.backend.source
    line = JournalLine(
        when="2027-02-01T00:00:00.000Z", by="ann@desk", profile="p", url=source.url,
        graph=source.qualified_graph, id="1", action="delete", outcome="refused",
    )  # fmt: skip
    before = replace(line, id="2", when="1999-01-01T00:00:00.000Z")
    journal.write_bytes(b"\n".join([*map(encode_line, (line, before)), b"nonsense\n"]))
    rig.clock.time += 3 * 3600 + 1
    _, told = await findings(rig)
    says = told["graph"][1]
    assert (
        "Task 1: running for 3h without an update; delete was refused; the server may have lost it." in says
    )
    assert (
        "Task 2: running for 3h without an update; the server may or may not still be working on it." in says
    )
    assert says.endswith("And 2 more.")
    assert (told["graph"][0], told["graph"][2]) == (None, "Look for an OutOfMemoryError in the server's log.")


async def test_a_server_that_refused_as_a_worker_is_named_as_one(monkeypatch, tmp_path) -> None:
    journal = tmp_path / "journal.jsonl"
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(journal))
    rig = FakeSession()
    source = rig.backend.source
    line = JournalLine(
        when="2027-02-01T12:03:59.000Z", by="ann@desk", profile="p", url=source.url,
        graph=source.qualified_graph, id="1", action="cancel", outcome="refused", as_worker=True,
    )  # fmt: skip
    journal.write_bytes(encode_line(line) + b"\n")
    code, told = await findings(rig)
    good, says, todo = told["rights"]
    assert (code, good) == (exit_codes.OK, None)
    assert says.endswith(
        "This server is a worker of its cluster: it refused a cancel on 2027-02-01 at 12:03 UTC."
    )
    assert todo == "This server is a worker of its cluster: connect to the master."


OLD = replace(fakes.INFO, version="1.5.0")


async def test_a_scheduler_that_moves_nothing_is_told(monkeypatch) -> None:
    monkeypatch.setattr(fakes, "INFO", OLD)
    rig = FakeSession(task(1, S.DELETING), task(2, S.CANCELLING), task(3, S.NEW), task(4, S.SUCCESS))
    code, told = await findings(rig)
    assert (code, told["graph"]) == (
        exit_codes.OK,
        (
            None,
            "g: 4 tasks read in 0ms, 3 unfinished. No progress within 15 s: tasks 1 (deleting),"
            " 2 (cancelling), 3 (new). On a cluster the scheduler of 1.5.0 stops silently, and such tasks"
            " never finish.",
            "Remove such records with `graphtop delete --force`."
            " From 1.7.0 on, the scheduler of a cluster works.",
        ),
    )


async def test_a_scheduler_that_moves_on_is_well(monkeypatch) -> None:
    monkeypatch.setattr(fakes, "INFO", OLD)
    rig = FakeSession(task(1, S.DELETING), task(2, S.CANCELLING), task(3, S.NEW), task(4))
    sleep = rig.clock.sleep

    async def moving(seconds: float) -> None:
        await sleep(seconds)
        rig.backend.drop(1)
        rig.backend.set(2, S.CANCELLED)

    monkeypatch.setattr(rig.clock, "sleep", moving)
    _, told = await findings(rig)
    assert told["graph"][0] is True
    assert "stay" not in told["graph"][1], "task 3 waits for the one that runs"


@pytest.mark.parametrize(
    ("info", "rows"),
    [
        (OLD, (task(1), task(2, S.SUCCESS))),
        (fakes.INFO, (task(1, S.DELETING),)),
        (OLD, (task(1), task(2, S.NEW))),
    ],
    ids=["nothing waits", "another version", "one runs"],
)
async def test_nobody_waits_for_a_scheduler_without_a_reason(monkeypatch, info, rows) -> None:
    monkeypatch.setattr(fakes, "INFO", info)
    rig = FakeSession(*rows)
    began = rig.clock.monotonic()
    _, told = await findings(rig)
    assert told["graph"][0] is True
    assert rig.clock.monotonic() - began < 15


async def test_a_certificate_for_another_name_is_told_in_one_sentence(monkeypatch) -> None:
    async with listening(tls=True) as port:
        here = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))
        resolving(monkeypatch, lambda host, asked: [here])
        _, told = await findings(FakeSession(task(1)), f"https://graph.example:{port}", tls=Tls(ca_file=CA))
    assert told["tls"][1].endswith("certificate is not valid for 'graph.example'.")


async def test_a_profile_that_is_read_only_is_told_with_the_rights() -> None:
    _, told = await findings(FakeSession(task(1), read_only=True))
    assert told["rights"][1].endswith("submit. Read-only mode, set by --read-only.")
