"""The cache of places: what was known of each when it was last watched, in one small file of graphtop's own.

It holds no secret, no user and no address: places stand under a digest of theirs. What can't be read counts
as nothing, what can't be written is left out, and nobody is told: it only saves requests.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec
from msgspec.structs import replace

from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.transport.target import Target
from tui.monitor.state_file import (
    digest_parts,
    find_state_folder,
    make_state_folder,
    open_state_folder,
    read_state_file,
    remove_oldest_files,
    replace_state_file,
)

MOST_PLACES = 64
"""Places that are kept; the one that was watched longest ago is dropped."""
MOST_DRAFTS = 4
"""Half-written files that are left: of those that killed processes left behind, or that are written now."""

_LARGEST = 256 * 1024
"""Bytes of a file that is read."""


class _Entry(msgspec.Struct, frozen=True):
    """One place in the file."""

    seen: int
    """When it was written, in epoch seconds."""
    place: RememberedPlace


class PlaceFile:
    """What is remembered of one place. Nothing here raises."""

    def __init__(self, path: Path, target: Target) -> None:
        self.path = path
        self._key = make_place_key(target)
        self._kept: RememberedPlace | None = None
        self._writing = Lock()
        """Held while it is written: the first time beside the event loop, which may end meanwhile."""

    def recall(self) -> RememberedPlace | None:
        """What was kept of the place when it was last watched; None where nothing usable was."""
        with suppress(OSError, ValueError, RecursionError):
            entry = self._read_entries().get(self._key)
            self._kept = entry.place if entry is not None else None
        return self._kept

    def keep(self, place: RememberedPlace) -> None:
        """Write what is known now, unless it is what the file has; other places stay as they are."""
        with self._writing, suppress(OSError, ValueError, RecursionError):
            if place == self._kept:
                return
            self._kept = place
            make_state_folder(self.path.parent)
            self._write_entries({**self._read_entries(), self._key: _Entry(int(time.time()), place)})

    def distrust(self) -> None:
        """Keep that the place did not answer: the next start asks it for little at a time."""
        if self._kept is not None:
            self.keep(replace(self._kept, is_prompt=False))

    def _read_entries(self) -> dict[str, _Entry]:
        """What the file has; nothing where there is none, or another version wrote it otherwise."""
        try:
            data = read_state_file(self.path, _LARGEST)
            return {} if data is None else msgspec.json.decode(data, type=dict[str, _Entry])
        except (FileNotFoundError, ValueError, RecursionError):
            return {}

    def _write_entries(self, entries: dict[str, _Entry]) -> None:
        newest = sorted(entries.items(), key=lambda item: item[1].seen)[-MOST_PLACES:]
        with open_state_folder(self.path.parent) as folder:
            replace_state_file(self.path.name, folder, msgspec.json.encode(dict(newest)))
            remove_oldest_files(folder, MOST_DRAFTS, f"{self.path.name}.")


def find_place_file() -> Path:
    """Where the cache of places is."""
    return find_state_folder() / "places.json"


def open_place_file(target: Target, *, wanted: bool) -> PlaceFile | None:
    """The memory of a target; None if it is turned off, and for servers within this process."""
    if not wanted or target.demo is not None or target.http is not None:
        return None
    return PlaceFile(find_place_file(), target)


def make_place_key(target: Target) -> str:
    """A digest of what names a place: no address stands in the file, which could hold a secret."""
    named = (target.url, target.dialect, target.graphspace, target.graph)
    return digest_parts(*named, target.paths, target.project)
