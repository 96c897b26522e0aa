"""The picker of graphs: what it says of each graph, what it asks for it, and when it asks nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from msgspec import structs

from backend_adapters.errors import BadAnswer
from backend_adapters.model import RunningCount, Scope
from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.support.faulty_hugegraph import Fault, FaultyHugeGraph, Wrong
from tests.ui.running_app import FastClock, RunningApp, run_app
from tests.ui.test_dialects import cloud
from tui.screens.dialogs.graph_picker import MOST_ASKED, MOST_IN_FLIGHT, describe_count

MANY = replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", *(f"g{number}" for number in range(60))), history=9)
THREE = replace(EMPTY_HUGEGRAPH, graphs=("hugegraph", "ledger", "risk"), history=9)
ENDLESS = "Thread.sleep(3600000)"


def counted(at: RunningApp) -> list[str]:
    """The graphs that were asked about, by their requests, without the one that is watched."""
    asked = [line for line in at.sent("GET") if "limit=100" in line and "status=RUNNING" in line]
    return [line.split("/graphs/")[1].split("/")[0] for line in asked if "page=" not in line]


async def test_it_says_what_is_known_of_this_graph_and_what_runs_in_the_others() -> None:
    async with run_app(THREE, clock=FastClock()) as at:
        await at.submit(ENDLESS, "ledger")
        await at.press("b")
        await at.until_seen("none running")
        await at.until_seen("1 running")
        lines = at.lines()
        (here,) = [line for line in lines if "★" in line]
        assert "hugegraph" in here
        assert "0 unfinished of 9 tasks" in here
        (other,) = [line for line in lines if "1 running" in line]
        assert "ledger" in other
        assert sorted(counted(at)) == ["ledger", "risk"]


async def test_only_what_is_on_the_screen_is_asked_about_and_never_more_than_a_few_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_app(MANY) as at:
        flying, most, asked = 0, 0, []
        count = at.screen.monitor.only.backend.count_running

        async def watch(scope: Scope) -> RunningCount | None:
            nonlocal flying, most
            asked.append(scope.graph)
            flying += 1
            most = max(most, flying)
            try:
                await asyncio.sleep(0)
                return await count(scope)
            finally:
                flying -= 1

        monkeypatch.setattr(at.screen.monitor.only.backend, "count_running", watch)
        await at.press("b")
        await at.until_seen("none running")
        picker = at.app.screen
        visible = {choice.key.graph for choice in picker.list_visible()} - {"hugegraph"}
        assert 10 < len(visible) < 40
        await at.until(lambda: set(asked) == visible, "all that is visible, and nothing else")
        assert most == MOST_IN_FLIGHT
        await at.press("home")
        await at.until(lambda: len(asked) == MOST_ASKED, "as many as may be asked")
        await at.press("end", "home")
        assert len(asked) == len(set(asked)) == MOST_ASKED


async def test_a_server_in_need_is_left_alone() -> None:
    server = FaultyHugeGraph(MANY, (clock := FastClock()).now)
    async with run_app(clock=clock, server=server) as at:
        server.faults.append(
            Fault(Wrong.BUSY, path="limit=100", times=99, when=lambda _, to: "page=" not in to)
        )
        await at.press("b")
        await at.until_seen("no answer: ")
        await at.press("pagedown")
        await at.pilot.pause(0.2)
        assert len(counted(at)) <= MOST_IN_FLIGHT


async def test_nothing_is_asked_while_the_server_is_busy_and_all_of_it_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_app(THREE) as at:
        busy = True
        monkeypatch.setattr(type(at.screen.monitor.only.backend), "is_busy", property(lambda _: busy))
        await at.press("b")
        await at.until_seen("ledger")
        assert not counted(at)
        busy = False
        await at.until_seen("none running")


async def test_of_a_project_that_is_not_read_to_the_end_nothing_is_said_of_graphs_that_nobody_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with cloud() as at:
        await at.press("b")
        await at.until_seen("none unfinished")
        await at.press("escape")
        health = structs.replace(at.screen.monitor.health, partial="The rest was refused.")
        monkeypatch.setattr(type(at.screen.monitor.only), "health", property(lambda _: health))
        monkeypatch.setattr(type(at.screen.monitor.only.backend), "is_busy", True, raising=False)
        await at.press("b")
        await at.until_seen("+ jobs")
        assert "none unfinished" not in at.text()


async def test_one_graph_that_can_not_be_read_says_so_and_the_others_are_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with run_app(THREE) as at:

        async def refuse(scope: Scope) -> RunningCount | None:
            if scope.graph == "ledger":
                raise BadAnswer("It sent [/x] a web page.")
            return RunningCount(number=2)

        monkeypatch.setattr(at.screen.monitor.only.backend, "count_running", refuse)
        await at.press("b")
        await at.until_seen("no answer: It sent [/x] a web page.")
        await at.until_seen("2 running")


async def test_an_answer_that_comes_after_the_picker_was_left_changes_nothing() -> None:
    server = FaultyHugeGraph(THREE, (clock := FastClock()).now)
    async with run_app(clock=clock, server=server) as at:
        server.faults.append(Fault(Wrong.DELAY, path="limit=100", times=9, seconds=0.2))
        await at.press("b")
        await at.until(lambda: len(counted(at)) == 2, "both questions")
        picker = at.app.screen
        await at.press("escape")
        await at.until(lambda: at.app.screen is at.screen, "the list")
        assert not [worker for worker in at.app.workers if worker.group == "counts" and worker.is_running]
        picker.replace_choice(picker._choices[0])
        await at.press("b")
        await at.until_seen("none running")


@pytest.mark.parametrize(
    ("keys", "opened"),
    [
        (["ctrl+@", "down", "ctrl+@", "enter"], ["DEFAULT/hugegraph", "DEFAULT/ledger"]),
        (["home", "enter"], "all"),
        (["home", "ctrl+@", "end", "ctrl+@", "enter"], "all"),
        (["ctrl+@", "enter"], None),
        (["enter"], None),
    ],
)
async def test_marked_graphs_are_opened_together_and_the_first_entry_opens_all(
    keys: list[str], opened: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run_app(THREE, clock=FastClock()) as at:
        asked: list[object] = []
        monkeypatch.setattr(
            at.app,
            "watch_scopes",
            lambda scopes, place: asked.append([one.qualified_graph for one in scopes]),
        )
        monkeypatch.setattr(at.app, "watch_all_graphs", lambda place: asked.append("all"))
        await at.press("b")
        await at.until_seen("All graphs of this server")
        await at.press(*keys)
        await at.until(lambda: at.app.screen is at.screen, "the end of the dialog")
        assert asked == ([opened] if opened else [])
        assert len(counted(at)) <= 2


async def test_one_graph_alone_and_a_project_with_its_own_list_of_all_have_no_entry_for_all() -> None:
    async with run_app(replace(EMPTY_HUGEGRAPH, history=9)) as at:
        await at.press("b")
        await at.until_seen("0 unfinished of 9 tasks")
        assert "All graphs" not in at.text()
    async with cloud() as at:
        await at.press("b")
        await at.until_seen("all graphs")
        assert "All graphs of this server" not in at.text()


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, ""),
        (RunningCount(number=0), "none running"),
        (RunningCount(number=3), "3 running"),
        (RunningCount(number=100, more=True), "100+ running"),
    ],
)
def test_how_many_run(count: RunningCount | None, said: str) -> None:
    assert describe_count(count) == said
