"""The same screen on the other dialects: what they have is shown, what they lack is told, nothing is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from backend_adapters.simulator import (
    DEMO_GES,
    EMPTY,
    EMPTY_GES,
    GesApp,
    GesSettings,
    HugeGraphApp,
    Settings,
    ges_app,
    hugegraph_app,
)
from backend_adapters.transport.target import Credentials, Keys, Target
from tests.ui.stage import FastClock, Stage
from tui.app import Graphtop
from tui.config import Options
from tui.monitor.clock import Clock
from tui.screens.create import CreateScreen
from tui.screens.login import LoginScreen

QUIET = replace(DEMO_GES, history=60, pace=0)
TOKEN = Credentials(token=lambda: "demo-token")
COMPUTERS = replace(EMPTY, computer="on", version="1.7.0")


@asynccontextmanager
async def staged(
    server: GesApp | HugeGraphApp,
    clock: Clock,
    target: Target,
    size: tuple[int, int] = (120, 36),
    **options: bool,
) -> AsyncIterator[Stage]:
    """Run the program on a server of any kind, all of it read."""
    app = Graphtop(target, Options(interval=1.0, **options), clock=clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Stage(app, pilot, server)


@asynccontextmanager
async def cloud(
    settings: GesSettings = QUIET,
    *,
    credentials: Credentials = TOKEN,
    dialect: str = "ges",
    graph: str | None = None,
    ready: bool = True,
) -> AsyncIterator[Stage]:
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
    )
    async with staged(server, clock, target) as at:
        if ready:
            await at.until(at.drawn, "the first scan")
        yield at


@asynccontextmanager
async def computers(
    settings: Settings = COMPUTERS, dialect: str = "computerdis", **options: bool
) -> AsyncIterator[Stage]:
    clock = FastClock()
    server = hugegraph_app(settings, clock.now)
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
        await at.until_seen("GES has no call to cancel a management job")
        await at.press("L")
        await at.until_seen("There is no other list beside this one.")
        await at.press("escape", "delete")
        await at.until_seen("GES job records can't be deleted")
        assert {request.split()[0] for request in at.server.requests} == {"GET"}


async def test_an_imports_files_are_in_its_detail_and_what_was_not_counted_is_no_number() -> None:
    async with cloud(replace(EMPTY_GES, old_graphs=("fraud_ring",)), ready=False) as at:
        at.server.world.submit("ImportGraph", "fraud_ring", fate="partiallyFailed", millis=4_000)
        await at.until_seen("partial")
        await at.press("enter")
        await at.until_seen("Files")
        assert " -1" not in at.text()
        assert "partFailed" in at.text() or "failed" in at.text()
        assert "Input" not in at.text()


async def test_a_failed_job_has_its_reason_as_the_error() -> None:
    async with cloud(EMPTY_GES, ready=False) as at:
        at.server.world.submit("StartGraph", "fraud_ring", fate="failed", millis=2_000, reason="no room left")
        await at.until_seen("failed")
        await at.press("enter", "o")
        await at.until_seen("Error")
        await at.until_seen("no room left")


async def test_wrong_keys_are_asked_for_again_and_then_the_jobs_come() -> None:
    wrong = Credentials(keys=lambda: Keys("demo-ak", "not it"))
    async with cloud(credentials=wrong, ready=False) as at:
        await at.until(lambda: isinstance(at.app.screen, LoginScreen), "the login dialog")
        assert "Access key" in at.text()
        await at.press(*"demo-ak", "enter", *"demo-sk", "enter")
        await at.until_seen("ImportGraph")
        assert "demo-sk" not in at.text()


async def test_b_leads_to_one_graph_and_back_to_all() -> None:
    async with cloud() as at:
        await at.until_seen("fraud_ring")
        await at.press("b")
        await at.until_seen("Switch graph")
        await at.until_seen("● all graphs")
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
        from backend_adapters.simulator.ges.engines import WORKS

        engine = at.server.world.engines["fraud_ring"]
        stubborn = next(work for work in WORKS if not work.stoppable)
        engine.submit(stubborn, millis=600_000)
        await at.until_seen("running")
        await at.press("C")
        await at.until_seen("can't cancel task")
        assert not at.sent("DELETE")
        engine.submit(next(work for work in WORKS if work.stoppable), millis=600_000)
        await at.until(lambda: at.text().count("running") >= 2, "the second job")
        await at.ask("g", "C")
        await at.press("y")
        await at.until_seen("Cancelled")
        assert len(at.sent("DELETE")) == 1


# Computer jobs beside a graph's tasks.


async def test_l_leads_to_the_computer_jobs_and_back() -> None:
    async with computers(replace(COMPUTERS, specials=True, history=5), dialect="auto") as at:
        await at.until(lambda: "Other list" in at.lines()[-1], "the key in the footer")
        await at.press("L")
        await at.until(lambda: at.app.target.dialect == "computerdis", "the other list")
        await at.until(at.scanned, "the computer jobs")
        await at.press("L")
        await at.until(lambda: at.app.target.dialect == "hugegraph", "the tasks again")


async def test_a_server_without_computer_jobs_has_no_such_key_and_says_why() -> None:
    async with computers(replace(EMPTY, history=5), dialect="auto") as at:
        await at.until(at.scanned, "the tasks")
        await at.until(
            lambda: any("computerdis" in request for request in at.server.requests), "the question"
        )
        await at.until(lambda: bool(at.screen.elsewhere._siblings), "the answer")
        assert "Other list" not in at.lines()[-1]
        assert sum("computerdis" in request for request in at.server.requests) == 1
        await at.press("L")
        await at.until_seen("no computer jobs")


async def test_where_nothing_may_be_changed_the_palette_offers_no_new_job() -> None:
    async with computers(read_only=True) as at:
        await at.until(at.scanned, "the list")
        await at.press("colon")
        await at.until_seen("Search for commands")
        await at.press(*"create a job")
        await at.until_seen("No matches")


async def test_a_computer_job_is_created_from_the_palette_once_its_values_are_possible() -> None:
    async with computers() as at:
        await at.until(at.scanned, "the list")
        await at.press("colon")
        await at.until_seen("Search for commands")
        await at.press(*"create a job")
        await at.until_seen("create a job…")
        await at.press("enter")
        await at.until_seen("page-rank")
        await at.press(*"page-rank", "enter")
        await at.until(lambda: isinstance(at.app.screen, CreateScreen), "the dialog")
        await at.press("end", "backspace", *"500", "enter")
        await at.until_seen("worker")
        await at.until_seen("100")
        assert not at.sent("POST")
        await at.press("ctrl+u", *"5", "enter")
        await at.until_seen("accepted job")
        await at.until_seen("computer-dis:page-rank")
        assert len(at.sent("POST")) == 1
