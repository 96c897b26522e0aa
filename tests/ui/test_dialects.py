"""The same screen on the other dialects: what they have is shown, what they lack is told, nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from textual.app import App

from backend_adapters.errors import BackendError, BadAnswer, BadValue, Busy, Refused, TimedOut
from backend_adapters.model import Param, Recipe, Scope, TaskId
from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphSettings
from backend_adapters.simulator.ges import DEMO_GES, EMPTY_GES, GesApp, GesSettings, ges_app
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target
from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.support.ges_jobs import submit_job
from tests.support.patience import PATIENCE
from tests.ui.running_app import FastClock, RunningApp, hold_actions, read_screen, wait_until
from tui.app import Graphtop
from tui.config.options import ScreenOptions
from tui.monitor.clock import Clock
from tui.screens.dialogs.command_palette import PaletteScreen
from tui.screens.dialogs.create_job import CreateJobScreen
from tui.screens.tasks.navigation import _list_parameters
from tui.screens.tasks.screen import TasksScreen
from tui.styles.themes import VARIABLE_DEFAULTS

QUIET = replace(DEMO_GES, history=60, pace=0)
TOKEN = Credentials(token=lambda: "demo-token")
COMPUTERS = replace(EMPTY_HUGEGRAPH, computer="on", version="1.7.0")


@asynccontextmanager
async def staged(
    server: GesApp | FaultyHugeGraph,
    clock: Clock,
    target: Target,
    size: tuple[int, int] = (120, 36),
    **options: bool,
) -> AsyncIterator[RunningApp]:
    """Run the program on a server of any kind, all of it read."""
    app = Graphtop(target, ScreenOptions(interval=1.0, **options), clock=clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield RunningApp(app, pilot, server)


@asynccontextmanager
async def cloud(
    settings: GesSettings = QUIET,
    *,
    credentials: Credentials = TOKEN,
    dialect: str = "ges",
    graph: str | None = None,
    ready: bool = True,
) -> AsyncIterator[RunningApp]:
    # A signature holds the machine's own time, and a gateway takes it within 15 minutes of its own.
    clock = Clock() if credentials.keys() else FastClock()
    server = ges_app(settings, clock.now)
    target = Target(
        url="http://ges:8080",
        profile="cloud",
        dialect=dialect,
        project=settings.project,
        graph=graph,
        credentials=credentials,
        http=httpx.ASGITransport(server),
        now=lambda: clock.now() / 1000,
    )
    async with staged(server, clock, target) as at:
        if ready:
            await at.until(at.drawn, "the first scan")
        yield at


@asynccontextmanager
async def computers(
    settings: HugeGraphSettings = COMPUTERS, dialect: str = "computerdis", **options: bool
) -> AsyncIterator[RunningApp]:
    clock = FastClock()
    server = FaultyHugeGraph(settings, clock.now)
    target = Target(url="http://fork:8080", profile="fork", dialect=dialect, http=httpx.ASGITransport(server))
    async with staged(server, clock, target, **options) as at:
        yield at


# The jobs center of GES.


async def test_a_project_shows_the_jobs_of_all_its_graphs() -> None:
    async with cloud() as at:
        await at.until_seen("GRAPH")
        assert "all graphs · Huawei GES v1.0" in at.lines()[0]
        for word in ("supply_chain", "ImportGraph", "partial", "供应链_华东"):
            assert word in at.text()


async def test_cancel_and_delete_say_why_not_and_nothing_is_sent() -> None:
    async with cloud() as at:
        await at.until_seen("running")
        await at.press("C")
        await at.until_seen("GES can't cancel management jobs")
        await at.press("L")
        await at.until_seen("This server has no other list of jobs.")
        await at.press("escape", "delete")
        await at.until_seen("GES job records can't be deleted")
        assert {request.split()[0] for request in at.server.requests} == {"GET"}


async def test_an_imports_files_are_in_its_detail_and_what_was_not_counted_is_no_number() -> None:
    async with cloud(replace(EMPTY_GES, old_graphs=("fraud_ring",)), ready=False) as at:
        submit_job(at.server.world, "ImportGraph", "fraud_ring", outcome="partiallyFailed", millis=4_000)
        await at.until_seen("partial")
        await at.press("v")
        await at.until_seen("Files")
        assert " -1" not in at.text()
        assert "partFailed" in at.text() or "failed" in at.text()
        assert "Input" not in at.text()


async def test_a_failed_job_has_its_reason_as_the_error() -> None:
    async with cloud(EMPTY_GES, ready=False) as at:
        submit_job(
            at.server.world, "StartGraph", "fraud_ring", outcome="failed", millis=2_000, reason="no room left"
        )
        await at.until_seen("failed")
        await at.press("enter", "o")
        await at.until_seen("Error")
        await at.until_seen("no room left")


async def test_wrong_keys_are_asked_for_again_and_then_the_jobs_come() -> None:
    wrong = Credentials(keys=lambda: AccessKeys("demo-ak", "not it"))
    async with cloud(credentials=wrong, ready=False) as at:
        await at.until(at.asks_login, "the login dialog")
        assert "Access key" in at.text()
        await at.press(*"demo-ak", "enter", *"demo-sk", "enter")
        await at.until_seen("ImportGraph")
        assert "demo-sk" not in at.text()


async def test_b_leads_to_one_graph_and_back_to_all() -> None:
    async with cloud() as at:
        await at.until_seen("fraud_ring")
        await at.press("b")
        await at.until_seen("Switch graph")
        await at.until_seen("★ all graphs")
        await at.press(*"movie", "enter")
        await at.until(lambda: "movie_recs · Huawei" in at.lines()[0], "one graph in the header")
        await at.until(lambda: at.drawn() and len(at.screen.monitor.view) > 0, "its jobs")
        assert "fraud_ring" not in at.text()
        await at.press("b")
        await at.until_seen("Switch graph")
        await at.press(*"all graphs", "enter")
        await at.until(lambda: "all graphs · Huawei" in at.lines()[0], "all graphs in the header")
        await at.until_seen("fraud_ring")


# The jobs of one graph's own engine.


async def test_what_an_engine_can_stop_is_cancelled_and_what_it_can_not_is_refused_unsent() -> None:
    async with cloud(EMPTY_GES, dialect="ges-graph", graph="fraud_ring", ready=False) as at:
        from backend_adapters.simulator.ges.graph_engines import ENGINE_JOB_KINDS

        engine = at.server.world.engines["fraud_ring"]
        stubborn = next(work for work in ENGINE_JOB_KINDS if not work.is_stoppable)
        engine.submit_job(stubborn, millis=600_000)
        await at.until_seen("running")
        await at.press("C")
        await at.until_seen("can't cancel task")
        assert not at.sent("DELETE")
        engine.submit_job(next(work for work in ENGINE_JOB_KINDS if work.is_stoppable), millis=600_000)
        await at.until(lambda: at.text().count("running") >= 2, "the second job")
        await at.ask("down", "C")
        await at.press("y")
        await at.until_seen("Cancelled")
        assert len(at.sent("DELETE")) == 1


# Computer jobs beside a graph's tasks.


async def test_l_leads_to_the_computer_jobs_and_back() -> None:
    async with computers(replace(COMPUTERS, specials=True, history=5), dialect="auto") as at:
        await at.until(lambda: "Tasks/jobs" in at.lines()[-1], "the key in the footer")
        await at.press("L")
        await at.until(lambda: at.app.target.dialect == "computerdis", "the other list")
        await at.until(at.scanned, "the computer jobs")
        await at.press("L")
        await at.until(lambda: at.app.target.dialect == "hugegraph", "the tasks again")


async def test_a_server_without_computer_jobs_has_no_such_key_and_says_why() -> None:
    async with computers(replace(EMPTY_HUGEGRAPH, history=5), dialect="auto") as at:
        await at.until(at.scanned, "the tasks")
        await at.until(
            lambda: any("computerdis" in request for request in at.server.requests), "the question"
        )
        await at.until(lambda: bool(at.screen.navigation._siblings), "the answer")
        assert "Tasks/jobs" not in at.lines()[-1]
        assert sum("computerdis" in request for request in at.server.requests) == 1
        await at.press("L")
        await at.until_seen("no computer jobs")


async def test_where_nothing_may_be_changed_the_palette_says_why_no_job_can_be_created() -> None:
    async with computers(read_only=True) as at:
        await at.until(at.scanned, "the list")
        await at.press("colon", *"create a job")
        await at.until_seen("Create a job…  Read-only mode, set by")
        await at.press("enter")
        assert isinstance(at.app.screen, PaletteScreen)


async def test_a_computer_job_is_created_from_the_palette_once_its_values_are_possible() -> None:
    async with computers() as at:
        await at.until(at.scanned, "the list")
        await at.press("colon")
        await at.until_seen("type a command")
        await at.press(*"create a job")
        await at.until_seen("Create a job…")
        await at.press("enter")
        await at.until_seen("page-rank")
        await at.press(*"page-rank", "enter")
        await at.until(lambda: isinstance(at.app.screen, CreateJobScreen), "the dialog")
        await at.press("end", "backspace", *"500", "enter")
        await at.until_seen("worker")
        await at.until_seen("100")
        assert not at.sent("POST")
        await at.press("ctrl+u", *"5", "enter")
        await at.until_seen("was accepted.")
        await at.until_seen("  page-rank")
        assert len(at.sent("POST")) == 1


def recipe(*params: Param) -> Recipe:
    return Recipe(name="page-rank", params=params)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("", ""),
        ("a", "a"),
        ("a b c d", "a, b, c, d"),
        ("a b c d e", "a, b, c, d, …"),
        ("a b* c d* e", "b, d, a, c, …"),
    ],
)
def test_a_job_is_offered_with_its_first_parameters_the_required_ones_before_the_others(
    names: str, words: str
) -> None:
    params = [Param(name=name.rstrip("*"), required=name.endswith("*")) for name in names.split()]
    assert _list_parameters(recipe(*params)) == words


class Creating(App[None]):
    """The dialog that creates a job, and what became of it."""

    def __init__(self, *answers: TaskId | BackendError) -> None:
        super().__init__()
        self.answers, self.sent, self.given = list(answers), [], [None]
        params = (
            Param(name="depth", default="10", hint="1 to 100", required=True),
            Param(name="degree", hint="any"),
        )
        self.dialog = CreateJobScreen(recipe(*params), "fork · g", self.send)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    async def send(self, values: Mapping[str, str]) -> TaskId:
        self.sent.append(dict(values))
        await asyncio.sleep(0)
        answer = self.answers.pop(0)
        if isinstance(answer, BackendError):
            raise answer
        return answer

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.given.append)

    @property
    def text(self) -> str:
        return "\n".join(read_screen(self))


async def test_a_value_that_is_not_possible_is_told_at_its_field_and_sent_again_mended() -> None:
    app = Creating(BadValue("degree must be a number.", param="degree"), "7")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Create page-rank" in app.text
        assert "fork · g" in app.text
        assert "depth*" in app.text
        assert "enter create · esc back" in app.text
        assert not app.dialog.query_one("#wrong").display
        await pilot.press("down", "x", "up", "enter")
        await wait_until(pilot, lambda: "degree must be a number." in app.text, "what is wrong")
        assert app.focused is app.dialog.query_one("#param-1")
        assert not app.dialog.query_one("#yes").disabled
        await pilot.press("backspace", "enter")
        await wait_until(pilot, lambda: app.given[-1] == "7", "the job")
        assert app.sent == [{"depth": "10", "degree": "x"}, {"depth": "10"}]


async def test_what_the_server_says_no_to_is_told_with_what_to_do() -> None:
    app = Creating(Busy("It is busy.", hint="Wait."), BadValue("No.", param="other"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await wait_until(pilot, lambda: "It is busy. Wait." in app.text, "the answer")
        before = app.focused
        await pilot.press("enter")
        await wait_until(pilot, lambda: "No." in app.text, "the next answer")
        assert app.focused is before
        assert len(app.sent) == 2
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(app.given) == 2, "the end of the dialog")
        assert app.given == [None, None]


@pytest.mark.parametrize(
    ("error", "may_run"),
    [
        (BadAnswer("It told no id.", code=201, hint=""), True),
        (TimedOut("No answer came.", hint=""), True),
        (Busy("It throttles.", code=429, hint=""), False),
        (Refused("It said no.", code=400), False),
    ],
)
async def test_it_is_said_of_a_job_that_may_have_been_started_all_the_same(
    error: BackendError, may_run: bool
) -> None:
    app = Creating(error)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await wait_until(pilot, lambda: str(error) in app.text, "the answer")
        assert ("may be running anyway" in app.text) is may_run


async def test_a_required_value_that_is_missing_is_asked_for_and_nothing_is_sent() -> None:
    app = Creating("7")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+u", "down", "1", "enter")
        await wait_until(pilot, lambda: "depth is required." in app.text, "what is missing")
        assert app.focused is app.dialog.query_one("#param-0")
        assert app.focused.placeholder == "required: 1 to 100"
        assert not app.sent
        await pilot.press("5", "enter")
        await wait_until(pilot, lambda: app.given[-1] == "7", "the job")
        assert app.sent == [{"depth": "5", "degree": "1"}]


async def begin_creation(at: RunningApp) -> None:
    """Send off a job, and wait until its creation is under way."""
    await at.until(at.scanned, "the list")
    at.screen.action_create_job()
    await at.until_seen("page-rank")
    await at.press(*"page-rank", "enter")
    await at.until(lambda: isinstance(at.app.screen, CreateJobScreen), "the dialog")
    await at.press("enter")
    await at.until(lambda: at.screen.monitor.pending_creations == 1, "the creation")


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_job_whose_dialog_has_gone_is_still_created_and_told(accepted: bool, monkeypatch) -> None:
    async with computers() as at:
        await at.until(at.scanned, "the list")
        free = hold_actions(at, monkeypatch, "create")
        await begin_creation(at)
        if not accepted:
            at.server.faults.append(Fault(Wrong.CRASH, method="POST", times=10))
        at.app.switch_to(Scope(graph="hugegraph", graphspace="DEFAULT"), "auto")
        await at.until(lambda: at.screen.monitor is not None and at.scanned(), "the other list")
        assert isinstance(at.app.screen, TasksScreen)
        free.set()
        place = "fork · DEFAULT/hugegraph"
        await at.until_seen(f"{place}: job " if accepted else f"{place}, page-rank: ")
        assert len(at.sent("POST")) == 1


async def test_ctrl_q_asks_while_a_jobs_id_would_be_lost(monkeypatch) -> None:
    monkeypatch.setattr("tui.screens.quit_guard.QUIT_AGAIN_SECONDS", PATIENCE)
    async with computers() as at:
        await at.until(at.scanned, "the list")
        hold_actions(at, monkeypatch, "create")
        await begin_creation(at)
        await at.press("ctrl+q")
        await at.until_seen("A job is being created and its id is not known yet. Press ctrl+q again to quit")
        assert not at.app._exit
        await at.press("ctrl+q")
        await at.until(lambda: at.app._exit, "the end")


async def test_while_an_answer_is_awaited_nothing_is_sent_again_and_the_dialog_stays() -> None:
    app = Creating()
    never = asyncio.Event()

    async def send(values: Mapping[str, str]) -> TaskId:
        app.sent.append(values)
        await never.wait()
        return "7"

    app.dialog._send = send
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter", "escape")
        await pilot.click("#no")
        assert len(app.sent) == 1
        assert app.screen is app.dialog
        assert app.dialog.query_one("#yes").disabled
        never.set()
        await wait_until(pilot, lambda: app.given[-1] == "7", "the job")


async def test_graphs_that_can_not_be_listed_are_told_and_the_same_one_is_no_switch() -> None:
    async with computers(EMPTY_HUGEGRAPH, dialect="auto") as at:
        await at.until(at.scanned, "the tasks")
        before = at.screen
        at.server.faults.append(Fault(Wrong.CRASH, method="GET", path="graphspaces", times=1_000))
        at.server.faults.append(Fault(Wrong.CRASH, method="GET", path="/graphs", times=1_000))
        await at.press("b")
        await at.until_gone("Asking the server…")
        assert "Switch graph" in at.text()
        assert "★ DEFAULT/hugegraph" not in at.text()
        await at.press("escape")
        at.server.faults.clear()
        await at.press("b")
        await at.until_seen("★ DEFAULT/hugegraph")
        await at.press("enter")
        await at.until_gone("Switch graph")
        assert at.screen is before
