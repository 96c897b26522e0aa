"""Servers that are not there, not ready, not permitted, or not well: the screen says so and loses nothing."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.ui.running_app import FastClock, read_screen, run_app, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.screens.dialogs.login import LoginScreen

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
LONG = "Thread.sleep(3600000)"


async def test_a_refused_connection_says_where_and_keeps_trying() -> None:
    app = Graphtop(Target(url="http://127.0.0.1:1"), ScreenOptions(), clock=FastClock())
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        said = "127.0.0.1:1 refused the connection"
        await wait_until(pilot, lambda: said in "\n".join(read_screen(app)), "the refusal")
        text = "\n".join(read_screen(app))
        assert "Retrying automatically." in text
        assert "offline" in text


async def test_a_server_that_is_starting_becomes_live_by_itself() -> None:
    server = FaultyHugeGraph()
    server.faults.append(Fault(Wrong.STARTING, times=1_000))
    async with run_app(server=server, ready=False) as at:
        await at.until_seen("starting")
        server.faults.clear()
        await at.until_seen("No tasks, or none")
        assert "live" in at.lines()[0]


async def test_an_unknown_graph_lists_those_there_are_and_b_leads_on() -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, graphs=("alpha", "beta")), graph="nope", ready=False) as at:
        await at.until_seen('no graph "nope"')
        assert "alpha" in at.text()
        assert "beta" in at.text()
        await at.press("b")
        await at.until_seen("Switch graph")
        await at.press(*"beta", "enter")
        await at.until_seen("No tasks, or none")
        assert "beta" in at.lines()[0]


async def test_a_401_asks_for_a_login_and_goes_on_with_it() -> None:
    async with run_app(replace(QUIET, auth=("admin", "pa55")), ready=False) as at:
        await at.until(at.asks_login, "the login dialog")
        first = at.app.screen
        await at.press(*"admin", "tab", *"wrong", "enter")
        await at.until(lambda: at.app.screen is not first, "the end of the login dialog")
        await at.until(at.asks_login, "the login dialog again")
        assert "Authentication failed" in at.text()
        await at.press(*"pa55", "enter")
        await at.until_seen("success")
        assert "pa55" not in at.text()


class Gateway:
    """A simulated server behind a gateway that refuses what it let in before."""

    def __init__(self, server: FaultyHugeGraph) -> None:
        self.server = server
        self.refuses = False
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.refuses:
            await self.server(scope, receive, send)
            return
        self.refused += 1
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_a_login_that_is_refused_later_is_asked_for_once_and_tried_again_all_the_same() -> None:
    clock = FastClock(400.0)
    gateway = Gateway(FaultyHugeGraph(QUIET, clock.now))
    held = Credentials("admin", lambda: "pa55")
    async with run_app(QUIET, credentials=held, clock=clock, server=gateway) as at:
        gateway.refuses = True
        await at.until(at.asks_login, "the login dialog")
        await at.press("escape")
        await at.until_seen("offline · retry")
        tries = gateway.refused
        await at.until(lambda: gateway.refused > tries + 1, "some slow tries")
        assert not isinstance(at.app.screen, LoginScreen)
        assert "retry" in at.lines()[0]
        await at.press("r")
        await at.until(at.asks_login, "the dialog again, as a person tries")
        await at.press("escape")
        gateway.refuses = False
        await at.until(lambda: "live" in at.lines()[0], "live again by itself")


async def test_right_credentials_need_no_dialog() -> None:
    async with run_app(
        replace(QUIET, auth=("admin", "pa55")), credentials=Credentials("admin", lambda: "pa55")
    ) as at:
        assert "live" in at.lines()[0]


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong.HTML,
        Wrong.STARTING,
        Wrong.INITIALIZING,
        Wrong.BUSY,
        Wrong.CRASH,
        Wrong.EMPTY,
        Wrong.CUT_JSON,
        Wrong.CUT,
        Wrong.LOST,
    ],
)
async def test_bad_answers_to_a_poll_lose_nothing_and_are_said(wrong: Wrong) -> None:
    async with run_app(QUIET) as at:
        before = [at.screen.monitor.view[row].id for row in range(20, 25)]
        at.server.faults.append(Fault(wrong, method="GET", times=1_000_000))
        await at.until(lambda: "live" not in at.lines()[0], "the header to say it")
        assert [at.row(task_id).split()[1] for task_id in before] == before
        at.server.faults.clear()
        await at.until(lambda: "live" in at.lines()[0], "live again")


async def test_a_record_of_wrong_types_is_shown_as_unreadable_and_hides_no_other() -> None:
    async with run_app() as at:
        ids = [await at.submit(LONG) for _ in range(3)]
        await at.until_seen("1 Active 3")
        at.server.faults.append(Fault(Wrong.WRONG_TYPES, method="GET", path="ids=", times=1_000_000))
        await at.until_seen("invalid fields")
        assert all(task_id in at.text() for task_id in ids)


async def test_a_slow_answer_leaves_the_keys_alive() -> None:
    async with run_app(QUIET) as at:
        asked, slow = len(at.server.requests), Fault(Wrong.DELAY, method="GET", times=1_000, seconds=3600)
        at.server.faults.append(slow)
        await at.press("r")
        await at.until(lambda: len(at.server.requests) > asked, "a request that is not answered")
        await at.press("4")
        await at.until_seen("tasks · failed")


async def test_a_detail_that_can_not_be_read_says_why_and_the_next_can() -> None:
    async with run_app(QUIET) as at:
        shown = at.screen.parts.table.cursor_key
        at.server.faults.append(Fault(Wrong.CRASH, method="GET", path=f"/tasks/{shown}", times=1_000))
        await at.press("o")
        await at.until_seen("Couldn't read the task")
        await at.press("tab", "down")
        assert at.screen.parts.table.cursor_key != shown
        await at.press("y")
        await at.until_seen('"task_status"')


async def test_a_detail_of_a_task_that_is_gone_says_so() -> None:
    async with run_app() as at:
        first, second = await at.submit("1"), await at.submit("2")
        await at.until_seen("3 Success 2")
        await at.press("p")
        await at.delete(first)
        await at.press("down", "o")
        await at.until_seen(f"Task {first} is no longer")
        await at.press("tab", "up", "y")
        await at.until_seen('"task_status"')
        assert second in at.text()


async def test_rows_deleted_by_others_go_at_the_next_refresh() -> None:
    async with run_app() as at:
        first = await at.submit("1")
        await at.submit("2")
        await at.until_seen("3 Success 2")
        await at.delete(first)
        await at.press("r")
        await at.until_seen("3 Success 1")


async def test_a_memory_server_that_began_anew_shows_only_what_is_there() -> None:
    clock = FastClock()
    old = FaultyHugeGraph(replace(EMPTY_HUGEGRAPH, backend="memory"), clock.now)
    async with run_app(clock=clock, server=old) as at:
        for number in range(5):
            await at.submit(f"// old {number}\nThread.sleep(3600000)")
        await at.until_seen("old 4")
        new = FaultyHugeGraph(replace(EMPTY_HUGEGRAPH, backend="memory"), clock.now)
        at.server.faults.append(Fault(Wrong.LOST, times=3, when=lambda _, path: "other=1" not in path))
        old.__dict__.update({name: value for name, value in new.__dict__.items() if name != "faults"})
        await at.submit("// after the restart\nThread.sleep(3600000)")
        await at.until_seen("after the restart")
        await at.until_gone("old 4")
        assert "0 All 1" in at.text()


async def test_a_25_mb_result_opens_and_leaves_the_keys_alive() -> None:
    async with run_app() as at:
        await at.submit("(1..300000).collect{ it }")
        await at.until_seen("success")
        await at.press("o")
        await at.until(lambda: len(at.screen.query_one("#result").document or ()) > 300_000, "the result", 60)
        await at.press("G")
        await at.until_seen("300000")


async def test_a_body_over_the_cap_is_cut_and_says_so() -> None:
    async with run_app() as at:
        at.screen.monitor.only.details._cap = 20_000
        await at.submit("(1..5000).collect{ it }")
        await at.until_seen("success")
        await at.press("o")
        await at.until_seen("Cut after 20.0 kB")


async def test_nothing_is_asked_of_a_server_that_refuses_the_login() -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, auth=("admin", "pa55")), ready=False) as at:
        await at.until(at.asks_login, "the login dialog")
        await at.press("escape")
        await at.until_seen("stopped")
        before, began = len(at.server.requests), at.app._clock.monotonic()
        await at.until(lambda: at.app._clock.monotonic() > began + 10, "ten intervals")
        assert len(at.server.requests) == before
        assert httpx.URL("http://stage:8080").host in at.text()
