"""The simulated worlds are the same with every version: screenshots, snapshots and other tests show them.

A digest stands for the answers to all requests of a world. Where one has changed and was meant to, look at
the demo first, then write the new digest here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

import httpx
import pytest

from backend_adapters.simulator import (
    COMPUTER_DEMO,
    DEMO_HUGEGRAPH,
    EMPTY_HUGEGRAPH,
    HugeGraphSettings,
    hugegraph_app,
)
from backend_adapters.simulator.ges import DEMO_GES, EMPTY_GES, GesSettings, ges_app
from backend_adapters.simulator.hugegraph.task_kinds import ORDINARY_KINDS

NOW = 1_795_420_000_000
HOUR = 3600
FIRST = "/graphs/hugegraph"
GES = "/v1.0/demo-project/graphs"
CENTER = [f"{GES}/jobs?limit=2000", f"{GES}?limit=100"]
SMALL = replace(DEMO_HUGEGRAPH, history=40)
DISTRIBUTED = replace(SMALL, scheduler="distributed")
COMPUTER = replace(COMPUTER_DEMO, history=20, computer_jobs=40)


def tasks(settings: HugeGraphSettings) -> list[str]:
    """A list of each graph's tasks."""
    places = settings.split_graphs()
    return [f"/graphspaces/{space}/graphs/{graph}/tasks?limit=-1" for space, graph in places]


def details(last: int) -> list[str]:
    """The tasks of the first graph in full, up to this one."""
    return [f"{FIRST}/tasks/{number}" for number in range(1, last + 1)]


def engines(settings: GesSettings) -> list[str]:
    """What the engine of each graph does."""
    return [f"/ges{GES}/{graph}/jobs/status" for graph in settings.graphs]


WORLDS: dict[str, tuple[HugeGraphSettings | GesSettings, int, list[str], str]] = {
    "the demo": (DEMO_HUGEGRAPH, 0, tasks(DEMO_HUGEGRAPH), "54684a4575eb0ce9"),
    "the demo after an hour": (DEMO_HUGEGRAPH, HOUR, tasks(DEMO_HUGEGRAPH), "2ae48ad4695e36e2"),
    "all kinds of tasks": (
        HugeGraphSettings(history=2000, specials=False, pace=0),
        0,
        [
            f"{FIRST}/tasks?{query}"
            for query in ("limit=-1", "page=", "page=&limit=700", "page=&status=FAILED")
        ],
        "7f69540f2f8da841",
    ),
    "the texts of the demo": (SMALL, 60, details(60), "a2a2f99e9768fd8c"),
    "a quick one": (replace(SMALL, pace=3, unfinished=9, seed=8), 300, tasks(SMALL), "9e97dd405b71d378"),
    "the distributed scheduler": (DISTRIBUTED, 600, tasks(SMALL), "1b4333c6121a8f61"),
    "computer jobs": (COMPUTER, 1200, [*tasks(COMPUTER), *details(80)], "e71b5a688ed859b2"),
    "computer jobs of form A": (
        replace(COMPUTER, version="0.12.0", computer_form="A", graphspaces=(), graphs=("hugegraph",)),
        600,
        details(80),
        "2b839a92e5c615de",
    ),
    "a huge result": (replace(EMPTY_HUGEGRAPH, huge=300_000), 0, details(1), "60f987194aa4ac01"),
    "the project of the demo": (DEMO_GES, 0, CENTER, "39c2cee13dfb3520"),
    "that project after an hour": (DEMO_GES, HOUR, CENTER, "ad445d44c32ab269"),
    "its engines": (DEMO_GES, 60, engines(DEMO_GES), "13b3eb9f08b27032"),
    "a long history of jobs": (
        replace(DEMO_GES, history=1500, pace=0),
        0,
        [f"{GES}/jobs?limit=2000"],
        "f39ffc67bf32d5fb",
    ),
    "a quick project": (
        replace(EMPTY_GES, history=60, unfinished=5, pace=3, seed=8, graphs=DEMO_GES.graphs[:2]),
        600,
        [f"{GES}/jobs?limit=2000", *engines(EMPTY_GES)],
        "ece57c1695cedb89",
    ),
}


REFUSED: dict[str, tuple[HugeGraphSettings | GesSettings, list[str], str]] = {
    "of a HugeGraph": (
        EMPTY_HUGEGRAPH,
        [
            f"{FIRST}/tasks/7",
            f"{FIRST}/tasks/x",
            f"{FIRST}/tasks?ids=",
            f"{FIRST}/tasks?ids=x",
            f"{FIRST}/tasks?limit=x",
            f"{FIRST}/tasks?limit=-2",
            f"{FIRST}/tasks?status=x",
            f"{FIRST}/tasks?page=x",
            f"{FIRST}/tasks?page=&limit=0",
            f"{FIRST}/tasks?ids=1&status=NEW",
            "/graphs/none/tasks",
            "/graphspaces/none",
            "/none",
        ],
        "fd10fbba4126b5db",
    ),
    "of one with graphspaces": (
        replace(DEMO_HUGEGRAPH, history=0, specials=False, pace=0),
        [
            "/graphspaces/none",
            "/graphspaces/none/graphs",
            "/graphs/none",
            "/graphspaces/finance/graphs/none/tasks",
        ],
        "77d321eb0fc16b39",
    ),
    "of one that can not page": (
        replace(EMPTY_HUGEGRAPH, backend="memory"),
        [f"{FIRST}/tasks?page={more}" for more in ("", "&limit=0", "&status=NEW")],
        "dedb11f3d26b5412",
    ),
    "of a project": (
        EMPTY_GES,
        [
            f"{GES}/jobs?offset=-1",
            f"{GES}/jobs?status=pending",
            f"{GES}/jobs?startTime=x",
            f"{GES}/none/jobs/none/status",
            "/v2/other/graphs/jobs",
            "/v2/demo-project/graphs/none/jobs/none/status",
            f"/ges{GES}/none/jobs/status",
            f"/ges{GES}/fraud_ring/jobs/none/status",
            f"/ges{GES}/fraud_ring/jobs/status?limit=0",
            "/ges/v1.0/other/graphs/fraud_ring/jobs/status",
            "/none",
        ],
        "e0d907e926ea1691",
    ),
}


async def answers(
    settings: HugeGraphSettings | GesSettings, seconds: int, paths: Iterable[str]
) -> tuple[set[int], str]:
    """The codes that a world answers with so many seconds after its start, and the digest of the answers."""
    clock = [NOW]
    app = (
        ges_app(settings, lambda: clock[0])
        if isinstance(settings, GesSettings)
        else hugegraph_app(settings, lambda: clock[0])
    )
    clock[0] += seconds * 1000
    digest = hashlib.sha256()
    codes: set[int] = set()
    headers = {"X-Auth-Token": "demo-token"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulated", headers=headers) as http:
        for path in paths:
            answer = await http.get(path)
            codes.add(answer.status_code)
            digest.update(b"%d " % answer.status_code + answer.content)
    return codes, digest.hexdigest()[:16]


@pytest.mark.parametrize("name", WORLDS)
async def test_a_world_is_the_same_as_ever(name: str) -> None:
    settings, seconds, paths, digest = WORLDS[name]
    assert await answers(settings, seconds, paths) == ({200}, digest)


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_the_same_as_ever(name: str) -> None:
    settings, paths, digest = REFUSED[name]
    assert (await answers(settings, 0, paths))[1] == digest


def test_the_texts_of_every_kind_of_task_are_the_same_as_ever() -> None:
    """Of each so many that the rare ones are among them."""
    digest = hashlib.sha256()
    for kind in ORDINARY_KINDS:
        for salt in range(40):
            parts = (kind.name(salt), kind.input(salt, "g"), kind.failure(salt))
            digest.update(repr(parts).encode())
        for salt in range(3):
            digest.update(kind.result(salt).encode())
    assert digest.hexdigest()[:16] == "2a5c01ae68f36d77"
