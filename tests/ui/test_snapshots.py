"""Pictures of every screen at the sizes that it must look right at. Look at each before it is committed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from textual.pilot import Pilot

from backend_adapters.simulator import (
    COMPUTER_DEMO,
    EMPTY_HUGEGRAPH,
    HugeGraphSettings,
    hugegraph_app,
)
from backend_adapters.simulator.ges import DEMO_GES, ges_app
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from screenshots.cells import PictureApp
from tests.support.faulty_hugegraph import FaultyHugeGraph
from tests.support.held_servers import HeldHugeGraph
from tests.ui.picture_app import QUIET, ROOMY, SMALL, USUAL, WALL, app, steps
from tests.ui.running_app import NO_PROBLEMS, FrozenClock, read_screen, wait_for_rest, wait_until
from tests.ui.simulated_profiles import StageProfiles
from tui.config.options import ScreenOptions
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile

MANY = replace(QUIET, graphs=("hugegraph", "social", "society", "ledger", "risk"))

PROFILES = """
[profiles.dev]
url = "http://localhost:8080"
[profiles.prod-eu]
url = "https://graph.example:8443"
production = true
[profiles.reporting]
url = "https://replica.graph.example:8443/hugegraph"
read_only = true
[profiles.lab]
url = "https://10.0.0.7:8443"
insecure = true
"""


def make_profiles(folder: Path, monkeypatch: pytest.MonkeyPatch, profiles: str) -> StageProfiles:
    """The profiles of a file whose path is the same on every machine."""
    path = folder / "config.toml"
    path.write_text(profiles)
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(path))
    return StageProfiles({"graph.example": FaultyHugeGraph(QUIET)}, "~/.config/graphtop/config.toml")


def welcomed(folder: Path, monkeypatch: pytest.MonkeyPatch, profiles: str) -> PictureApp:
    """The program with nothing to watch yet."""
    return PictureApp(
        None,
        ScreenOptions(),
        clock=FrozenClock(),
        profile_source=make_profiles(folder, monkeypatch, profiles),
    )


async def seen(pilot: Pilot, words: str) -> None:
    """Wait until these words are on the screen."""
    await wait_until(
        pilot, lambda: any(words in line for line in read_screen(pilot.app)), f"seeing {words!r}"
    )


def cloud(dialect: str = "ges", *, graph: str | None = None, **options: object) -> PictureApp:
    """The program on a project of GES whose time stands still."""
    clock = FrozenClock()
    server = ges_app(replace(DEMO_GES, pace=0.0), clock.now)
    target = Target(
        url="https://ges.example",
        profile="cloud",
        dialect=dialect,
        graph=graph,
        project=DEMO_GES.project,
        credentials=Credentials(token=lambda: DEMO_GES.tokens[0]),
        http=httpx.ASGITransport(server),
        now=lambda: clock.now() / 1000,
    )
    return PictureApp(target, ScreenOptions(**{"findings": NO_PROBLEMS, **options}), clock=clock)


def computers() -> PictureApp:
    """The program on the computer jobs of a server whose time stands still."""
    clock = FrozenClock()
    server = hugegraph_app(replace(COMPUTER_DEMO, pace=0.0), clock.now)
    target = Target(
        url="http://fork.example:8080",
        profile="olap",
        dialect="computerdis",
        http=httpx.ASGITransport(server),
    )
    return PictureApp(target, ScreenOptions(findings=NO_PROBLEMS), clock=clock)


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY, WALL], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_list(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=steps())


@pytest.mark.parametrize(
    ("size", "theme"),
    [(USUAL, "graphtop-dark"), (ROOMY, "graphtop-dark"), (ROOMY, "graphtop-light")],
    ids=["80x24", "120x36", "light"],
)
def test_the_last_known_rows(snap_compare, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    clock = FrozenClock()
    server = HeldHugeGraph(QUIET, clock.now)
    target = Target(
        url="http://graph.example:8080",
        profile="prod-eu",
        graph="hugegraph",
        http=httpx.ASGITransport(server),
    )

    async def live() -> None:
        at = PictureApp(target, ScreenOptions(findings=NO_PROBLEMS), clock=clock, rows_folder=tmp_path)
        async with at.run_test() as pilot:
            await wait_for_rest(pilot)

    async def connect(pilot: Pilot) -> None:
        await seen(pilot, "connecting")
        await pilot.press("down", "down")

    asyncio.run(live())
    server.hold()
    clock.moment += 7_200_000
    old = PictureApp(
        target, ScreenOptions(theme=theme, findings=NO_PROBLEMS), clock=clock, rows_folder=tmp_path
    )
    assert snap_compare(old, terminal_size=size, run_before=connect)


def test_the_list_in_the_light(snap_compare) -> None:
    assert snap_compare(app(theme="graphtop-light"), terminal_size=ROOMY, run_before=steps())


def test_the_list_in_ascii(snap_compare) -> None:
    assert snap_compare(app(ascii=True), terminal_size=USUAL, run_before=steps())


def test_all_columns_and_marks(snap_compare) -> None:
    keys = steps("w", "down", "space", "space", "space")
    assert snap_compare(app(utc=True), terminal_size=WALL, run_before=keys)


async def group_failures(pilot: Pilot) -> None:
    """The failures grouped by their causes, once all of these have been read."""
    await steps("4")(pilot)
    store = pilot.app.screen.monitor.only.store
    while store.unread_reasons:
        # Those on the screen are read.
        await steps("G")(pilot)
    await steps("B", "enter")(pilot)


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_failures_by_cause(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=group_failures)


@pytest.mark.parametrize(
    ("size", "ascii", "theme"),
    [(USUAL, False, "graphtop-dark"), (ROOMY, True, "graphtop-dark"), (ROOMY, False, "graphtop-light")],
    ids=["80x24", "ascii", "light"],
)
def test_failures_of_one_cause(snap_compare, size: tuple[int, int], ascii: bool, theme: str) -> None:
    async def unfold(pilot: Pilot) -> None:
        await group_failures(pilot)
        await steps("g", "down", "down", "enter", "down")(pilot)

    assert snap_compare(app(ascii=ascii, theme=theme), terminal_size=size, run_before=unfold)


def test_groups_beside_what_is_told_of_one(snap_compare) -> None:
    async def tell(pilot: Pilot) -> None:
        await group_failures(pilot)
        await steps("v")(pilot)

    assert snap_compare(app(), terminal_size=ROOMY, run_before=tell)


def test_tasks_by_status(snap_compare) -> None:
    assert snap_compare(app(), terminal_size=USUAL, run_before=steps("B", "enter", "enter"))


def test_choosing_the_groups(snap_compare) -> None:
    assert snap_compare(app(), terminal_size=USUAL, run_before=steps("4", "B"))


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_overview_of_a_failure(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=steps("4", "v"))


def test_the_error_of_a_failure(snap_compare) -> None:
    assert snap_compare(app(), terminal_size=ROOMY, run_before=steps("4", "enter"))


def test_an_input_with_its_secrets_hidden(snap_compare) -> None:
    keys = steps("slash", *"warehouse", "enter", "i")
    assert snap_compare(app(), terminal_size=ROOMY, run_before=keys)


def test_a_result_full_screen_with_a_search(snap_compare) -> None:
    keys = steps("slash", *"suppliers", "enter", "o", "f", "slash", *"port", "enter")
    assert snap_compare(app(), terminal_size=USUAL, run_before=keys)


def test_a_running_task_and_what_depends(snap_compare) -> None:
    keys = steps("slash", *"personByCity", "enter", "enter")
    assert snap_compare(app(), terminal_size=ROOMY, run_before=keys)


def test_cancel_one(snap_compare) -> None:
    assert snap_compare(app(), terminal_size=USUAL, run_before=steps("C"))


def test_delete_some(snap_compare) -> None:
    keys = steps("down", "down", "down", "space", "space", "space", "delete")
    assert snap_compare(app(), terminal_size=ROOMY, run_before=keys)


def test_force_delete_in_production(snap_compare) -> None:
    assert snap_compare(app(production=True), terminal_size=ROOMY, run_before=steps("F"))


def test_help(snap_compare) -> None:
    assert snap_compare(app(), terminal_size=ROOMY, run_before=steps("question_mark"))


def test_a_filter_being_typed_wrongly(snap_compare) -> None:
    keys = steps("slash", *"type=gremlin age>soon", "enter")
    assert snap_compare(app(), terminal_size=USUAL, run_before=keys)


async def all_counted(pilot: Pilot, settings: HugeGraphSettings) -> None:
    """Wait until the picker says of each graph what goes on there: each is asked on its own."""

    def count() -> int:
        shown = " ".join(read_screen(pilot.app))
        return shown.count("none running") + shown.count("unfinished of")

    await wait_until(pilot, lambda: count() == len(settings.graphs), "the counts of all graphs")


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_switching_the_graph(snap_compare, size: tuple[int, int]) -> None:
    async def answered(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        await pilot.press("b")
        await all_counted(pilot, QUIET)
        await wait_for_rest(pilot)

    assert snap_compare(app(), terminal_size=size, run_before=answered)


@pytest.mark.parametrize(
    ("size", "ascii", "theme"),
    [(USUAL, False, ""), (ROOMY, False, ""), (USUAL, True, "ansi-dark")],
    ids=["80x24", "120x36", "ascii"],
)
def test_marked_graphs(snap_compare, size: tuple[int, int], ascii: bool, theme: str) -> None:
    async def mark(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        await pilot.press("b")
        await all_counted(pilot, MANY)
        await pilot.press("ctrl+@", "end", "ctrl+@", *"so")
        await wait_for_rest(pilot)

    assert snap_compare(app(MANY, ascii=ascii, theme=theme), terminal_size=size, run_before=mark)


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_palette(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=steps("down", "colon"))


@pytest.mark.parametrize("typed", ["cr", "del", "sh ta"])
def test_the_palette_with_words(snap_compare, typed: str) -> None:
    assert snap_compare(app(), terminal_size=USUAL, run_before=steps("colon", *typed))


def test_the_palette_where_nothing_may_be_changed(snap_compare) -> None:
    keys = steps("enter", "colon", "end")
    assert snap_compare(app(read_only=True), terminal_size=ROOMY, run_before=keys)


@pytest.mark.parametrize("theme", ["graphtop-light", "ansi-dark"])
def test_the_palette_in_other_colours(snap_compare, theme: str) -> None:
    keys = steps("colon", *"del", "down")
    assert snap_compare(app(theme=theme), terminal_size=USUAL, run_before=keys)


def test_the_palette_in_ascii(snap_compare) -> None:
    assert snap_compare(app(ascii=True), terminal_size=USUAL, run_before=steps("colon", *"theme"))


def say_things(pilot: Pilot) -> None:
    """What a person may be told within a minute."""
    advice = (
        "The server accepted the cancel of task 283 (202), but the task is still CANCELLING after 30 s."
        " If its server server-1 is gone, only a force delete removes it."
    )
    told = pilot.app.notify
    told("Saved 4.2 kB to hugegraph-347-input.json.", timeout=3600)
    for _ in range(3):
        told("Nothing to save: no text here, or not yet.", severity="warning", timeout=3600)
    log = pilot.app.messages
    place = "prod-eu · DEFAULT/hugegraph"
    for text, failed in (
        ("cancel 347 → cancelled (8.2 s, 202)", False),
        ("cancel 283 → not confirmed (30.4 s, 202)", True),
    ):
        log.end_action(log.begin_action(text, place), text, has_failed=failed)
    told(advice, severity="error")
    told(f"2 cancelled · 1 not confirmed\n{advice} {advice}", severity="error")


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_toasts(snap_compare, size: tuple[int, int]) -> None:
    async def told(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        say_things(pilot)
        await seen(pilot, "M shows all")
        await wait_for_rest(pilot)

    shown = app(QUIET if size == USUAL else EMPTY_HUGEGRAPH, utc=True)
    assert snap_compare(shown, terminal_size=size, run_before=told)


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_messages(snap_compare, size: tuple[int, int]) -> None:
    async def told(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        say_things(pilot)
        await pilot.press("M")
        await seen(pilot, "force delete removes it.")
        await wait_for_rest(pilot)

    assert snap_compare(app(utc=True), terminal_size=size, run_before=told)


def test_messages_in_ascii_and_light(snap_compare) -> None:
    async def told(pilot: Pilot) -> None:
        await wait_for_rest(pilot)
        say_things(pilot)
        await pilot.press("M")
        await seen(pilot, "force delete removes it.")
        await wait_for_rest(pilot)

    light = app(utc=True, ascii=True, theme="graphtop-light")
    assert snap_compare(light, terminal_size=USUAL, run_before=told)


def test_no_tasks_yet(snap_compare) -> None:
    assert snap_compare(app(EMPTY_HUGEGRAPH), terminal_size=USUAL, run_before=steps())


def test_an_unknown_graph(snap_compare) -> None:
    assert snap_compare(app(graph="nope"), terminal_size=USUAL, run_before=steps())


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_welcome(snap_compare, size: tuple[int, int], tmp_path: Path, monkeypatch) -> None:
    assert snap_compare(welcomed(tmp_path, monkeypatch, PROFILES), terminal_size=size)


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_welcome_without_profiles(
    snap_compare, size: tuple[int, int], tmp_path: Path, monkeypatch
) -> None:
    assert snap_compare(welcomed(tmp_path, monkeypatch, ""), terminal_size=size)


def test_the_welcome_has_tried_an_address(snap_compare, tmp_path: Path, monkeypatch) -> None:
    async def tried(pilot: Pilot) -> None:
        await pilot.press(*"graph.example:8080")
        await seen(pilot, "dialect hugegraph")

    assert snap_compare(welcomed(tmp_path, monkeypatch, PROFILES), terminal_size=USUAL, run_before=tried)


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_welcome_says_why_an_address_failed(
    snap_compare, size: tuple[int, int], tmp_path: Path, monkeypatch
) -> None:
    async def failed(pilot: Pilot) -> None:
        await pilot.press(*"graph.exmaple:8080")
        await seen(pilot, "Couldn't connect")

    assert snap_compare(welcomed(tmp_path, monkeypatch, PROFILES), terminal_size=size, run_before=failed)


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_welcome_asks_for_the_project_of_ges(
    snap_compare, size: tuple[int, int], tmp_path: Path, monkeypatch
) -> None:
    async def asked(pilot: Pilot) -> None:
        await pilot.press(*"127.0.0.1:8090", "tab", "right", "right", "enter")
        await seen(pilot, "required")

    assert snap_compare(welcomed(tmp_path, monkeypatch, ""), terminal_size=size, run_before=asked)


def test_a_place_as_a_profile(snap_compare, tmp_path: Path, monkeypatch) -> None:
    async def shown(pilot: Pilot) -> None:
        await pilot.press(*"graph.example:8080")
        await seen(pilot, "dialect hugegraph")
        await pilot.press("ctrl+s")
        await seen(pilot, "Save as profile")

    assert snap_compare(welcomed(tmp_path, monkeypatch, PROFILES), terminal_size=USUAL, run_before=shown)


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_saving_a_view(
    snap_compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    save_views()
    keys = steps("slash", *"status=failed", "enter", "colon", *"sa vi", "enter", *"night shift")
    assert snap_compare(app(), terminal_size=size, run_before=keys)


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_opening_a_view(
    snap_compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    save_views()
    assert snap_compare(app(), terminal_size=size, run_before=steps("colon", *"op vi", "enter"))


def save_views() -> None:
    """Two views of several places."""
    prod = ViewPlace(profile="prod-eu", graphspace="DEFAULT", graph="hugegraph")
    more = (prod, ViewPlace(profile="reporting", graphs=("*",)), ViewPlace(profile="lab", graph="test"))
    ViewsFile().save_view(SavedView(name="night shift", places=more, filter="status=failed age<12h"))
    ViewsFile().save_view(SavedView(name="everything", places=more))


def test_switching_the_profile(snap_compare, tmp_path: Path, monkeypatch) -> None:
    staged = app(insecure=True, profile_source=make_profiles(tmp_path, monkeypatch, PROFILES))
    assert snap_compare(staged, terminal_size=ROOMY, run_before=steps("P"))


@pytest.mark.parametrize("size", [USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_marked_profiles(
    snap_compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    staged = app(profile_source=make_profiles(tmp_path, monkeypatch, PROFILES))
    assert snap_compare(staged, terminal_size=size, run_before=steps("P", "ctrl+@", "down", "tab"))


def test_a_login(snap_compare) -> None:
    settings = replace(QUIET, auth=("admin", "secret"))
    assert snap_compare(app(settings), terminal_size=USUAL, run_before=steps())


@pytest.mark.parametrize("size", [SMALL, USUAL, ROOMY], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_jobs_of_a_project(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(cloud(), terminal_size=size, run_before=steps())


@pytest.mark.parametrize("size", [USUAL, ROOMY, WALL], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_files_of_an_import(snap_compare, size: tuple[int, int]) -> None:
    keys = steps("slash", *"partial", "enter", "enter")
    assert snap_compare(cloud("ges-v2"), terminal_size=size, run_before=keys)


def test_the_jobs_of_a_graphs_engine(snap_compare) -> None:
    app = cloud("ges-graph", graph="fraud_ring")
    assert snap_compare(app, terminal_size=ROOMY, run_before=steps("enter"))


def test_computer_jobs(snap_compare) -> None:
    assert snap_compare(computers(), terminal_size=ROOMY, run_before=steps("enter", "i"))


def test_creating_a_computer_job(snap_compare) -> None:
    keys = steps("colon", *"create a job", "enter", *"page-rank", "enter")
    assert snap_compare(computers(), terminal_size=ROOMY, run_before=keys)


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=lambda size: f"{size[0]}x{size[1]}")
def test_an_empty_tab(snap_compare, size: tuple[int, int]) -> None:
    picture = app(replace(EMPTY_HUGEGRAPH, history=12))
    assert snap_compare(picture, terminal_size=size, run_before=steps("1"))


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=lambda size: f"{size[0]}x{size[1]}")
def test_an_empty_detail(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(EMPTY_HUGEGRAPH), terminal_size=size, run_before=steps("i"))
