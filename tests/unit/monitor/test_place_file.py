"""The cache of places: what is written is read again, and whatever else is there counts as nothing."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace as replace_settings
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from backend_adapters.hugegraph.adapter import HugeGraphBackend
from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.support.one_place import watch_one
from tests.support.other_user import give_away, need_root
from tests.support.patience import PATIENCE
from tui.monitor import place_file
from tui.monitor.listener import Listener
from tui.monitor.place_file import MOST_DRAFTS, MOST_PLACES, PlaceFile, open_place_file

TARGET = Target(url="http://graph.example:8080")
PLACE = RememberedPlace(version="1.7.0", graph="g", graphspace="DEFAULT", store="rocksdb", highest=42)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "places.json"


def recalled(path: Path, target: Target = TARGET) -> RememberedPlace | None:
    return PlaceFile(path, target).recall()


def test_what_is_kept_is_recalled_for_that_place_alone(path: Path) -> None:
    assert recalled(path) is None
    PlaceFile(path, TARGET).keep(PLACE)
    assert recalled(path) == PLACE
    for other in (
        replace(TARGET, url="http://graph.example:8081"),
        replace(TARGET, graph="g"),
        replace(TARGET, graphspace="DEFAULT"),
        replace(TARGET, dialect="computerdis"),
        replace(TARGET, paths="classic"),
        replace(TARGET, project="p"),
    ):
        assert recalled(path, other) is None
        PlaceFile(path, other).keep(replace(PLACE, highest=7))
    assert recalled(path) == PLACE


def test_the_file_is_private_and_holds_neither_secret_nor_user_nor_address(path: Path) -> None:
    login = Credentials("ann-the-admin", lambda: "c4nary-password")
    target = replace(TARGET, url="https://h.example/t0k3n/?key=s3cr3t", credentials=login, profile="prod")
    PlaceFile(path, target).keep(PLACE)
    written = path.read_text()
    for word in ("ann", "c4nary", "h.example", "t0k3n", "s3cr3t", "prod"):
        assert word not in written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["places.json"], "no draft is left"


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"x": 1}',
        b"[" * 100_000,
        b'{"%s": {"seen": 1, "place": {"highest": "many"}}}',
        b'{"%s": {"seen": 1}}',
        b'{"%s": {"seen": 1, "place": {"version": 17}}}',
        b" " * 300_000,
    ],
)
def test_a_broken_file_counts_as_none_and_is_replaced(path: Path, written: bytes) -> None:
    PlaceFile(path, TARGET).keep(PLACE)
    key = next(iter(json.loads(path.read_text())))
    path.write_bytes(written.replace(b"%s", key.encode()))
    assert recalled(path) is None
    PlaceFile(path, TARGET).keep(PLACE)
    assert recalled(path) == PLACE


def test_what_a_later_version_adds_is_left_out(path: Path) -> None:
    PlaceFile(path, TARGET).keep(PLACE)
    entries = json.loads(path.read_text())
    for entry in entries.values():
        entry["place"]["mood"] = "good"
        entry["more"] = [1]
    path.write_text(json.dumps(entries))
    assert recalled(path) == PLACE


def make_link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


def make_hard_link(path: Path) -> None:
    path.with_name("elsewhere").write_text("{}")
    path.hardlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize("make", [make_link, make_hard_link, os.mkfifo, os.mkdir])
def test_what_is_no_file_of_its_own_is_not_read(path: Path, make: Callable[[Path], None]) -> None:
    path.parent.mkdir(mode=0o700)
    make(path)
    assert recalled(path) is None
    PlaceFile(path, TARGET).keep(PLACE)
    assert not path.with_name("elsewhere").exists() or path.with_name("elsewhere").read_text() == "{}"


def test_in_a_folder_that_others_can_write_to_nothing_is_read_or_written(path: Path) -> None:
    PlaceFile(path, TARGET).keep(PLACE)
    path.parent.chmod(0o777)
    assert recalled(path) is None
    PlaceFile(path, TARGET).keep(replace(PLACE, highest=43))
    path.parent.chmod(0o700)
    assert recalled(path) == PLACE


def test_what_belongs_to_another_user_is_not_read(path: Path) -> None:
    need_root()
    PlaceFile(path, TARGET).keep(PLACE)
    give_away(path)
    assert recalled(path) is None


def test_where_nothing_can_be_written_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a folder")
    PlaceFile(tmp_path / "state" / "places.json", TARGET).keep(PLACE)
    assert (tmp_path / "state").read_text() == "not a folder"


def test_of_many_places_the_last_ones_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = iter(range(1_000_000))
    monkeypatch.setattr("tui.monitor.place_file.time.time", lambda: next(moment))
    targets = [replace(TARGET, graph=f"g{number}") for number in range(MOST_PLACES + 9)]
    for target in targets:
        PlaceFile(path, target).keep(PLACE)
    assert [recalled(path, target) is not None for target in targets] == [False] * 9 + [True] * MOST_PLACES


def test_what_killed_processes_left_half_written_goes_and_nothing_else_does(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    others = [path.with_name(name) for name in ("journal.jsonl", "journal.jsonl.1", "places.jsonl")]
    halves = [path.with_name(f"places.json.{number:012x}") for number in range(MOST_DRAFTS + 5)]
    for number, file in enumerate([*others, *halves]):
        file.write_bytes(b"{")
        os.utime(file, ns=(number, number))
    PlaceFile(path, TARGET).keep(PLACE)
    assert sorted(path.parent.iterdir()) == sorted([path, *others, *halves[5:]])
    assert recalled(path) == PLACE


def test_of_two_that_write_at_once_the_file_is_whole(path: Path) -> None:
    PlaceFile(path, TARGET).keep(PLACE)
    targets = [replace(TARGET, graph=f"g{number}") for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda target: PlaceFile(path, target).keep(PLACE), targets))
        reads = list(pool.map(lambda _: json.loads(path.read_text()), range(40)))
    assert all(reads)
    assert recalled(path, targets[-1]) in (PLACE, None)


def test_it_is_written_only_when_something_else_is_known(path: Path) -> None:
    places = PlaceFile(path, TARGET)
    places.keep(PLACE)
    path.unlink()
    places.keep(PLACE)
    assert not path.exists()
    places.keep(replace(PLACE, highest=43))
    assert path.exists()


def test_who_keeps_what_is_being_written_waits_until_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, begun, write = PlaceFile(path, TARGET), threading.Event(), place_file.replace_state_file

    def write_late(*given) -> None:
        begun.set()
        # Longer than another one takes to come here.
        threading.Event().wait(0.05)
        write(*given)

    monkeypatch.setattr(place_file, "replace_state_file", write_late)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(places.keep, PLACE)
        assert begun.wait(PATIENCE)
        places.keep(PLACE)
        assert recalled(path) == PLACE


def test_neither_the_demo_nor_a_server_within_the_process_is_remembered() -> None:
    assert open_place_file(TARGET, wanted=True) is not None
    assert open_place_file(TARGET, wanted=False) is None
    assert open_place_file(replace(TARGET, demo=7), wanted=True) is None


class Ears(Listener):
    """Tells when a scan was whole."""

    def __init__(self) -> None:
        self.scanned = asyncio.Event()
        self.failed = asyncio.Event()

    def health_changed(self, health) -> None:
        if health.scanned:
            self.scanned.set()
        if health.error is not None:
            self.failed.set()


async def watch_once(path: Path, app, *, fails: bool = False) -> int:
    """Watch a server until all is read, or until it fails; how many tasks there were."""
    places = PlaceFile(path, TARGET)
    target = replace(TARGET, http=httpx.ASGITransport(app), remembered=places.recall())
    ears = Ears()
    monitor = watch_one(HugeGraphBackend(target), listener=ears, places=places)
    monitor.start_watching()
    await asyncio.wait_for((ears.failed if fails else ears.scanned).wait(), PATIENCE)
    await monitor.aclose()
    return len(monitor.only.store)


async def test_a_place_that_was_watched_is_known_at_the_next_start(path: Path) -> None:
    settings = replace_settings(EMPTY_HUGEGRAPH, history=300, unfinished=3)
    app = hugegraph_app(settings)
    assert await watch_once(path, app) == 303
    known = recalled(path)
    assert known is not None
    assert (known.version, known.graph, known.store, known.highest) == ("1.7.0", "hugegraph", "rocksdb", 303)
    app.requests.clear()
    assert await watch_once(path, app) == 303
    by_ids = [line for line in app.requests if "ids=" in line]
    assert "ids=303&" in by_ids[0], "nothing is searched for"
    assert not any("ids=17&ids=73" in line for line in by_ids)


async def test_a_server_that_was_replaced_costs_no_row(path: Path) -> None:
    await watch_once(path, hugegraph_app(replace_settings(EMPTY_HUGEGRAPH, history=300, unfinished=3)))
    other = hugegraph_app(replace_settings(EMPTY_HUGEGRAPH, history=20, unfinished=2, version="1.5.0"))
    assert await watch_once(path, other) == 22
    known = recalled(path)
    assert known is not None
    assert (known.version, known.graphspace, known.highest) == ("1.5.0", "", 22)


async def test_a_place_that_did_not_answer_is_asked_for_little_the_next_time(path: Path) -> None:
    async def down(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    PlaceFile(path, TARGET).keep(replace(PLACE, is_prompt=True))
    await watch_once(path, down, fails=True)
    assert recalled(path) == replace(PLACE, is_prompt=False)
