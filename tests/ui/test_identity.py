"""Whatever moves, the person reads, marks and acts on the task that was meant."""

from __future__ import annotations

from dataclasses import replace

from backend_adapters.model import Action
from backend_adapters.simulator import DEMO_HUGEGRAPH, EMPTY_HUGEGRAPH
from tests.support.faulty_hugegraph import Fault, Wrong
from tests.support.patience import PATIENCE
from tests.ui.running_app import run_app
from tui.config.options import ScreenOptions
from tui.config.resolved import OriginKind, ValueOrigin
from tui.monitor.store import ActionOverlay
from tui.screens.dialogs.help import HelpScreen
from tui.screens.dialogs.login import TypedLogin

QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
LONG = "Thread.sleep(3600000)"


async def test_the_open_detail_stays_on_its_task_when_that_leaves_the_rows() -> None:
    async with run_app() as at:
        first = await at.submit("// ends\nThread.sleep(3600000)")
        await at.submit("// stays\nThread.sleep(3600000)")
        await at.until_seen("1 Active 2")
        await at.press("1")
        await at.until_seen("tasks · active")
        await at.press("enter", "i")
        await at.until_seen("// ends")
        await at.cancel(first)
        await at.until_seen("tasks · active · 1 of 2")
        assert f"{first} · gremlin" in at.text()
        await at.press("v")
        await at.until_seen("⊘ cancelled after")
        await at.press("C")
        await at.until_seen(f"Task {first} has already finished")


async def test_the_open_detail_of_a_deleted_task_says_it_is_gone() -> None:
    async with run_app() as at:
        await at.submit("// stays\n1")
        second = await at.submit("// goes\n2")
        await at.until_seen("3 Success 2")
        await at.press("v")
        await at.until_seen("org.apache.hugegraph.job.GremlinJob")
        await at.delete(second)
        at.screen.monitor.only.poller.refresh_all()
        await at.until_seen("no longer on the server")
        assert f"{second} · gremlin" in at.text()
        await at.press("delete")
        await at.until_seen("No task is selected")


async def test_the_open_detail_of_a_stuck_task_that_was_deleted_is_gone_and_no_longer_stuck() -> None:
    async with run_app(replace(DEMO_HUGEGRAPH, pace=0.0, graphs=("hugegraph",))) as at:
        await at.press("slash", *"barrier", "enter")
        await at.until_seen("1 of")
        stuck = at.screen.monitor.view[0].id
        await at.cancel(stuck, until="cancelling")
        await at.press("enter")
        await at.until_seen("⚠ 1 stuck")
        await at.until_seen("! stuck: cancelling for over a minute")
        await at.delete(stuck, force=True)
        at.screen.monitor.only.poller.refresh_all()
        await at.until_seen("no longer on the server")
        assert "stuck: " not in at.text()


async def test_marks_of_deleted_tasks_are_taken_off() -> None:
    async with run_app() as at:
        await at.submit("1")
        second = await at.submit("2")
        await at.until_seen("3 Success 2")
        await at.press("space")
        await at.until_seen("1 marked")
        assert at.screen.parts.table.marks == (second,)
        await at.delete(second)
        await at.press("r")
        await at.until_gone("1 marked")
        await at.press("delete")
        await at.until_seen("Delete task 1")


async def test_what_is_wrong_is_said_while_rows_are_shown() -> None:
    async with run_app(QUIET) as at:
        at.server.faults.append(Fault(Wrong.BUSY, method="GET", times=1_000))
        await at.until_seen("too busy")
        assert "r to try now" in at.text()
        at.server.faults.clear()
        await at.press("r")
        await at.until_gone("too busy")


async def test_a_login_under_another_dialog_goes_on_too() -> None:
    async with run_app(replace(QUIET, auth=("admin", "pa55")), ready=False) as at:
        await at.until(at.asks_login, "the login dialog")
        await at.app.push_screen(HelpScreen([]))
        at.app._login.use_login(at.app.target.credentials, "password", TypedLogin("admin", "pa55"))
        await at.until(at.scanned, "tasks")


async def test_greyed_keys_say_why() -> None:
    by_flag = ValueOrigin(OriginKind.FLAG, "--read-only")
    options = ScreenOptions(interval=1.0, read_only=True, read_only_origin=by_flag)
    async with run_app(options=options) as at:
        await at.submit(LONG)
        await at.until_seen("running")
        await at.press("C")
        await at.until_seen("--read-only")


async def test_q_asks_while_an_action_is_under_way_and_then_obeys(monkeypatch) -> None:
    monkeypatch.setattr("tui.screens.quit_guard.QUIT_AGAIN_SECONDS", PATIENCE)
    async with run_app(replace(EMPTY_HUGEGRAPH, scheduler="distributed")) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        at.screen.monitor.only.store.overlays["1"] = ActionOverlay(Action.CANCEL, 0)
        await at.press("q")
        await at.until_seen("Press q again")
        assert not at.app._exit
        await at.press("q")
        await at.until(lambda: at.app._exit, "the end")


async def test_ctrl_c_says_which_keys_quit() -> None:
    async with run_app() as at:
        await at.press("ctrl+c")
        await at.until_seen("Press q to go back or quit, ctrl+q to quit at once.")


async def test_a_detail_that_failed_is_fetched_again_by_r() -> None:
    async with run_app() as at:
        await at.submit("// one\n1")
        await at.until_seen("success")
        at.server.faults.append(Fault(Wrong.CRASH, method="GET", path="/tasks/", times=1))
        await at.press("i")
        await at.until_seen("Couldn't read")
        await at.press("r")
        await at.until_seen("// one")
        await at.until_gone("Couldn't read")


async def test_a_task_acted_on_before_a_switch_is_not_acted_on_again_after_the_way_back(monkeypatch) -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "other"))) as at:
        await at.submit(LONG)
        await at.until_seen("1 Active 1")
        backend = at.screen.monitor.only.backend
        asked: list[object] = []

        async def act_never(*what: object) -> None:
            asked.append(what)
            await at.app._clock.sleep(10_000)

        monkeypatch.setattr(backend, "act", act_never)
        await at.ask("C")
        await at.press("y")
        await at.until(lambda: bool(asked), "the request")
        for graph in ("other", "hugegraph"):
            await at.press("b")
            await at.until_seen("Switch graph")
            await at.until_seen("hugegraph")
            await at.press(*graph, "enter")
            await at.until(lambda graph=graph: f"/{graph} " in at.lines()[0], graph)
            await at.until(at.scanned, "the scan")
        await at.until_seen("running")
        await at.ask("C")
        await at.press("y")
        await at.until_seen("Another action on it is in")
        assert at.sent("PUT") == []
