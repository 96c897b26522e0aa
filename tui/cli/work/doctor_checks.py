"""The checks of `graphtop doctor`: each step on the way to a server's tasks."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import statistics
from collections.abc import Callable
from contextlib import aclosing
from urllib.parse import urlsplit

from msgspec.structs import replace

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import (
    WORKER_HINT,
    BackendError,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    ServerFault,
    TimedOut,
    Unreachable,
    WrongClock,
)
from backend_adapters.model import Action, Capabilities, Millis
from backend_adapters.sentences import end_sentence, join_sentences
from backend_adapters.transport.http_errors import PROXY_HINT
from backend_adapters.transport.origin import find_proxy, is_sent_in_clear
from backend_adapters.transport.tls import load_tls_context
from backend_adapters.transport.url import default_port
from tui import text
from tui.cli.exit_codes import OK, UNREACHABLE, USAGE, exit_code_of
from tui.cli.output.records import PlacedRecord
from tui.cli.work.history_check import check_history
from tui.cli.work.scheduler_check import STUCK_ADVICE, describe_stuck_tasks, find_stuck_tasks
from tui.cli.work.session import Session
from tui.config.resolved import describe_read_only
from tui.monitor.journal.file import default_journal_path
from tui.monitor.journal.reader import find_refused_deletes, find_worker_refusal, is_refused_since
from tui.monitor.server_time import CLOCKS_AGREE_WITHIN
from tui.monitor.silent_tasks import describe_silence, find_silent_tasks
from tui.monitor.unreadable import describe_unreadable

CHECKS = (
    "url",
    "dns",
    "tcp",
    "tls",
    "version",
    "login",
    "rights",
    "graph",
    "paging",
    "clock",
    "speed",
    "history",
)
SLOW_POLL = 2.0
"""Seconds; the screen asks as often as that."""
BATCHES = 5
"""Batches of tasks that are read at the most: it is a try, and a long list takes its time."""
POLLS = 5
SILENT_ADVICE = "Look for an OutOfMemoryError in the server's log."
UNKNOWN_VERSION = "Connected; the server's version is unknown."
NAMED = 5
"""Tasks that are named at the most."""


class CheckResult(PlacedRecord, frozen=True):
    """The result of one check, as `doctor` prints it."""

    check: str
    """url, dns, tcp, tls, version, login, rights, graph, paging, clock, speed or history."""
    ok: bool | None
    """null: not tried, or not to be told."""
    says: str
    do: str = ""
    """What a person can do; empty where there is nothing to do."""


class _Stop(Exception):
    """The checks that follow can't be tried."""


class DoctorChecks:
    """Runs all checks, and passes on each result as it comes."""

    def __init__(self, session: Session, tell: Callable[[CheckResult], None]) -> None:
        self._session = session
        self._target = session.target
        self._on_result = tell
        self._place = session.place
        """As it was named: a graph that none names is found only on the way."""
        self._done: list[str] = []
        self._code = OK

    async def run(self) -> int:
        """Check everything; returns the exit code of the first failure."""
        try:
            self._check_url()
            if self._target.demo is None and self._target.http is None:
                await self._check_network()
            await self._check_server()
            await self._check_tasks()
            self._check_paging()
            self._check_clock()
            await self._check_speed()
        except _Stop:
            pass
        for check in CHECKS:
            if check == "history":
                # It is on this machine, whatever became of the server.
                self._check_history()
            elif check not in self._done:
                self._add_result(CheckResult(check, None, "Not checked."))
        return self._code

    def _add_result(self, finding: CheckResult) -> None:
        self._done.append(finding.check)
        self._on_result(replace(finding, place=self._place))

    def _pass_check(self, check: str, says: str) -> None:
        self._add_result(CheckResult(check, True, says))

    def _fail_check(self, check: str, says: str, hint: str, code: int) -> None:
        self._code = self._code or code
        self._add_result(CheckResult(check, False, says, hint))

    def _fail_with_error(self, check: str, error: BackendError) -> None:
        self._fail_check(check, end_sentence(str(error)), self._session.find_hint(error), exit_code_of(error))

    def _check_url(self) -> None:
        """Check who can change the address: whoever can write the config file chooses the server."""
        says, settings = f"{self._target.url}, dialect {self._target.dialect}", self._session.settings
        if settings.profile and settings.untrusted:
            why = "Whoever can write to the config file chooses the server."
            self._fail_check("url", join_sentences(says, why), settings.untrusted, USAGE)
        else:
            self._pass_check("url", says)

    # The network.

    async def _check_network(self) -> None:
        parts = urlsplit(self._target.url)
        host, port = parts.hostname or "", parts.port or default_port(parts.scheme)
        proxy = find_proxy(parts.scheme, host)
        if proxy is not None:
            host, port = proxy
        via = f" (the proxy on the way to {parts.hostname})" if proxy else ""
        await self._check_dns(host, port, via)
        hint = PROXY_HINT if proxy else "Check the port, the firewall, and that the server runs."
        await self._check_tcp(host, port, via, hint)
        if parts.scheme != "https":
            self._add_result(self._describe_plain_http())
        elif proxy is not None:
            self._add_result(CheckResult("tls", None, "Not checked through the proxy."))
        else:
            await self._check_tls(host, port)

    def _describe_plain_http(self) -> CheckResult:
        """Return what plain http means here, with advice if a login is sent."""
        if self._target.credentials.has_login and is_sent_in_clear(self._target.url):
            says = "Plain http: the login can be read in transit."
            return CheckResult("tls", None, says, "Use an https address, if the server has one.")
        return CheckResult("tls", None, "Plain http: nothing is encrypted.")

    async def _check_dns(self, host: str, port: int, via: str) -> None:
        try:
            async with asyncio.timeout(self._target.timeouts.connect):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            words = getattr(error, "strerror", None) or "no answer in time"
            hint = PROXY_HINT if via else "Check the name."
            self._fail_check("dns", f'Can\'t resolve host "{host}"{via}: {words}.', hint, UNREACHABLE)
            raise _Stop from None
        addresses = list(dict.fromkeys(str(address[4][0]) for address in found))
        if addresses == [host]:
            self._pass_check("dns", f"{host}{via} is an address; there is no name to look up.")
        else:
            self._pass_check("dns", f"{host}{via} is {', '.join(addresses)}.")

    async def _check_tcp(self, host: str, port: int, via: str, hint: str) -> None:
        began = self._session.clock.monotonic()
        try:
            async with asyncio.timeout(self._target.timeouts.connect):
                _, writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError) as error:
            words = os.strerror(error.errno) if error.errno else "no answer in time"
            self._fail_check("tcp", f"Can't connect to {host}, port {port}{via}: {words}.", hint, UNREACHABLE)
            raise _Stop from None
        writer.close()
        self._pass_check("tcp", f"Port {port} accepts connections ({self._format_elapsed(began)}).")

    async def _check_tls(self, host: str, port: int) -> None:
        try:
            context = load_tls_context(self._target.tls)
            async with asyncio.timeout(self._target.timeouts.connect):
                _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
        except BackendError as error:
            self._fail_with_error("tls", error)
            raise _Stop from None
        except ssl.SSLCertVerificationError as error:
            hint = "Use --ca-file with the authority's certificate, or the host name it was issued for."
            says = end_sentence(f"The certificate is not trusted: {error.verify_message}")
            self._fail_check("tls", says, hint, UNREACHABLE)
            raise _Stop from None
        except (OSError, TimeoutError) as error:
            words = getattr(error, "reason", None) or "no answer"
            self._fail_check(
                "tls", f"No TLS with {host}: {words}.", "Is it http instead of https?", UNREACHABLE
            )
            raise _Stop from None
        shown = writer.get_extra_info("ssl_object")
        self._pass_check("tls", _describe_certificate(shown, insecure=self._target.tls.insecure))
        writer.close()

    # The server.

    async def _check_server(self) -> None:
        """Check version, login and graph: one connect finds out all three; its error says which failed."""
        try:
            info = await self._session.connect()
        except NotLoggedIn as error:
            self._add_result(CheckResult("version", None, f"{UNKNOWN_VERSION} This server needs a login."))
            self._fail_with_error("login", error)
            raise _Stop from None
        except NotAllowed as error:
            self._add_result(CheckResult("version", None, UNKNOWN_VERSION))
            self._pass_check("login", self._describe_login())
            self._fail_with_error("rights", error)
            raise _Stop from None
        except NoSuchGraph as error:
            self._add_result(CheckResult("version", None, UNKNOWN_VERSION))
            self._pass_check("login", self._describe_login())
            self._add_result(CheckResult("rights", None, "Not checked."))
            self._fail_with_error("graph", error)
            raise _Stop from None
        except WrongClock as error:
            self._fail_with_error("clock", error)
            raise _Stop from None
        except BackendError as error:
            self._fail_with_error(
                "tcp"
                if isinstance(error, (Unreachable, TimedOut)) and "tcp" not in self._done
                else "version",
                error,
            )
            raise _Stop from None
        named = f"{info.product} {info.version or '(version unknown)'}"
        self._pass_check("version", join_sentences(named, info.note))
        self._pass_check("login", self._describe_login())

    def _describe_login(self) -> str:
        summary = self._target.credentials.summary
        return f"Accepted: {summary}" if summary else "None needed."

    async def _check_tasks(self) -> None:
        """Check rights and graph: whether the first tasks can be read."""
        began, ticket, partial = self._session.clock.monotonic(), self._session.store.take_ticket(), ""
        try:
            async with aclosing(self._session.backend.snapshot()) as batches:
                # Whether a list comes in pages shows only once it is asked for, after the first batch.
                for _ in range(BATCHES):
                    batch = await anext(batches, None)
                    if batch is None:
                        break
                    self._session.store.apply_scan(batch.tasks, began=ticket)
                    partial = batch.partial or partial
                else:
                    # Only to see whether the list goes on.
                    batch = await anext(batches, None)
                more = batch is not None
        except BackendError as error:
            self._fail_with_error(
                "rights" if isinstance(error, (NotAllowed, NotLoggedIn)) else "graph", error
            )
            raise _Stop from None
        assert self._session.info is not None
        settings = self._session.settings
        read_only = describe_read_only(settings.read_only.origin) if settings.read_only.value else ""
        rights = describe_rights(self._session.info.capabilities)
        self._report_rights(join_sentences("Tasks can be read", rights, read_only))
        took = self._format_elapsed(began)
        self._report_graph(
            took, partial, describe_stuck_tasks(await find_stuck_tasks(self._session)), more=more
        )

    def _report_rights(self, says: str) -> None:
        """Report what may be done; that a server is a worker is known only from a refusal in the journal."""
        refused = find_worker_refusal(default_journal_path(os.environ), self._session.backend.source)
        if refused is None:
            self._pass_check("rights", says)
        else:
            when = refused.when[:16].replace("T", " at ")
            known = f"This server is a worker of its cluster: it refused a {refused.action} on {when} UTC."
            self._add_result(CheckResult("rights", None, f"{says} {known}", WORKER_HINT))

    def _report_graph(self, took: str, partial: str, stuck: str, *, more: bool) -> None:
        """Report how many tasks were read, and whether there may be more; `partial` says why some lack."""
        store, where = self._session.store, self._session.backend.source.qualified_graph or "all"
        some = f"{len(store):,} tasks read in {took}, {len(store.unfinished):,} unfinished"
        if more:
            some = f"{some}; there may be more"
        none = "No tasks, or none this user is allowed to see"
        silent = self._describe_silent_tasks()
        notes = join_sentences(describe_unreadable(self._session.list_unreadable()), silent, stuck)
        if partial:
            says = join_sentences(f"{where}: {some}", f"Not all tasks can be read: {partial}", notes)
            self._fail_check("graph", says, ServerFault.hint, UNREACHABLE)
        elif stuck or silent:
            advice = join_sentences(STUCK_ADVICE if stuck else "", SILENT_ADVICE if silent else "")
            self._add_result(CheckResult("graph", None, join_sentences(f"{where}: {some}", notes), advice))
        else:
            self._pass_check("graph", join_sentences(f"{where}: {some if len(store) else none}", notes))

    def _describe_silent_tasks(self) -> str:
        """Name the running tasks without a sign of life; no failure, as most jobs report no progress."""
        found = find_silent_tasks(self._session.store, self._session.store.now())
        if not found:
            return ""
        refused = find_refused_deletes(default_journal_path(os.environ), self._session.backend.source)
        sentences = [
            f"Task {task.id}: "
            f"{describe_silence(silent, refused=is_refused_since(task, refused.get(task.id)))}"
            for task, silent in found[:NAMED]
        ]
        more = [f"And {len(found) - NAMED:,} more."] if len(found) > NAMED else []
        return " ".join([*sentences, *more])

    def _check_paging(self) -> None:
        paging = self._session.backend.paging
        if paging is None:
            self._add_result(CheckResult("paging", None, "This kind of server always pages its lists."))
        elif paging:
            self._pass_check("paging", "The list comes in pages.")
        else:
            # It works all the same, only slowly where there are many.
            self._add_result(
                CheckResult("paging", None, paging.reason, "Delete old tasks with `graphtop purge`.")
            )

    def _check_clock(self) -> None:
        """Compare the clocks: by the Date of an answer, or by tasks that are dated in the future."""
        ahead = self._session.backend.clock_ahead
        if ahead is not None:
            self._report_clock(round(ahead * 1000), "Ages are by the server's clock.")
            return
        times = [t for task in self._session.store.tasks.values() for t in (task.created, task.updated) if t]
        future = max(times, default=0) - self._session.clock.now()
        if future > CLOCKS_AGREE_WITHIN:
            self._report_clock(future, "Ages are wrong.")
        else:
            self._add_result(
                CheckResult("clock", None, "Server clock unknown; no task has a future timestamp.")
            )

    def _report_clock(self, ahead: Millis, ages: str) -> None:
        if abs(ahead) <= CLOCKS_AGREE_WITHIN:
            self._pass_check("clock", "The server's clock and this machine's agree.")
            return
        far = text.format_exact_duration(round(abs(ahead) / 1000) * 1000)
        relation = "ahead of" if ahead > 0 else "behind"
        says = f"The server's clock is {far} {relation} this machine's. {ages}"
        self._fail_check("clock", says, WrongClock.hint, UNREACHABLE)

    async def _check_speed(self) -> None:
        """Measure a poll, which is what the screen sends all the time."""
        known = KnownTasks(frozenset(self._session.store.unfinished), self._session.store.newest)
        times = []
        try:
            for _ in range(POLLS):
                began = self._session.clock.monotonic()
                await self._session.backend.changes(known)
                times.append(self._session.clock.monotonic() - began)
        except BackendError as error:
            self._fail_with_error("speed", error)
            return
        median = statistics.median(times)
        says = f"A poll takes {text.format_exact_duration(round(median * 1000))} (median of {POLLS})."
        if median > SLOW_POLL:
            self._fail_check(
                "speed", says, "Use a longer --interval, and check the server's load.", UNREACHABLE
            )
        else:
            self._pass_check("speed", says)

    def _check_history(self) -> None:
        """Tell what is kept of tasks; that nothing can be is no failure, as all else works without."""
        state = check_history(os.environ, self._session.settings.history)
        self._add_result(CheckResult("history", state.ok, state.says, state.do))

    def _format_elapsed(self, began: float) -> str:
        return text.format_exact_duration(round((self._session.clock.monotonic() - began) * 1000))


def describe_rights(can: Capabilities) -> str:
    """Say what the server offers and what it lacks; what this user may do shows when it is tried."""
    named = {action.value: can.ability_for(action) for action in Action} | {"submit": can.submit}
    offered = ", ".join(name for name, ability in named.items() if ability)
    lacks = dict.fromkeys(ability.reason for ability in named.values() if not ability)
    supported = f"The server supports {offered}" if offered else "The server supports no action"
    return join_sentences(supported, *lacks)


def _describe_certificate(shown: ssl.SSLObject, *, insecure: bool) -> str:
    """Return the version of TLS, and until when the certificate is valid."""
    version = shown.version() or "TLS"
    if insecure:
        return f"{version}, but the certificate is NOT VERIFIED (insecure)."
    until = dict(shown.getpeercert() or {}).get("notAfter")
    return f"{version}, certificate valid until {until}." if until else f"{version}, certificate trusted."
