"""What the screen has kept of a server, as commands use it: they read it, and list the same as without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backend_adapters.backend import Backend
from backend_adapters.registry import open_backend
from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.transport.target import Target
from tests.cli.conftest import Done, Server
from tui.monitor.place_file import PlaceFile

PLACE = RememberedPlace(
    version="1.7.0", graph="hugegraph", graphspace="DEFAULT", store="rocksdb", highest=60, is_prompt=True
)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    """The targets that commands open."""
    targets: list[Target] = []

    def noted(target: Target) -> Backend:
        targets.append(target)
        return open_backend(target)

    monkeypatch.setattr("tui.cli.work.session.open_backend", noted)
    return targets


@pytest.mark.parametrize("place", [PLACE, RememberedPlace(version="1.0.0", graph="g", highest=9)])
def test_a_list_begins_with_what_is_remembered_and_is_the_same(
    call: Callable[..., Done], server: Server, home: Path, opened: list[Target], place: RememberedPlace
) -> None:
    file = home / ".local" / "state" / "graphtop" / "places.json"
    PlaceFile(file, Target(url=server.url)).keep(place)
    kept = file.read_bytes()
    known = call("ls", "--url", server.url, "-o", "id")
    assert known.returncode == 0
    new = call("ls", "--url", server.url, "-o", "id", env={"GRAPHTOP_NO_CACHE": "1"})
    assert [target.remembered for target in opened] == [place, None]
    assert (known.stdout, known.stderr) == (new.stdout, new.stderr)
    assert len(known.stdout.split()) == 50
    assert call("get", "60", "--url", server.url, "-o", "id").stdout == "60\n"
    assert opened[-1].remembered is None, "it has no use for it"
    assert file.read_bytes() == kept
