"""The problems that a person has set aside, in one small file of graphtop's own, until they change.

It holds no secret, no address and no text of a task: problems stand under a digest of what they are about.
What can't be read counts as nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from backend_adapters.model import Millis, Source
from tui.monitor.findings.finding import Finding
from tui.monitor.state_file import (
    digest_parts,
    find_state_folder,
    make_state_folder,
    open_state_folder,
    read_state_file,
    remove_oldest_files,
    replace_state_file,
)

MOST_KEPT = 2_000
"""Problems that are kept; the ones that were set aside longest ago are dropped."""
_MOST_DRAFTS = 4
"""Half-written files that are left."""
_LARGEST = 256 * 1024
"""Bytes of a file that is read."""
_OF_MANY = frozenset({"unreadable", "too_heavy"})
"""Rules whose findings name one task of several that they are about."""


class _Content(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    version: int = 1
    aside: dict[str, Millis] = {}
    """When each was set aside, by this machine's clock."""


class SetAside:
    """What is set aside, in this session alone where there is no path. Another process may write as well."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._moments: dict[str, Millis] = {}

    def __bool__(self) -> bool:
        """Whether anything is set aside."""
        return bool(self._moments)

    def __contains__(self, key: str) -> bool:
        """Whether a problem is set aside, by its `make_aside_key`."""
        return key in self._moments

    def read_file(self) -> None:
        """Read what is set aside. Nothing is raised: what can't be read is shown."""
        if self._path is not None:
            with suppress(OSError):
                self._moments = self._read_moments(self._path)

    def add_problem(self, key: str, now: Millis) -> None:
        """Set a problem aside. Raises OSError where that can't be kept; then it is for this session only."""
        self._moments[key] = now
        self._change_file(lambda moments: {**moments, key: now})

    def remove_problem(self, key: str) -> None:
        """Show a problem again. Raises OSError where that can't be kept."""
        self._moments.pop(key, None)
        self._change_file(lambda moments: {one: at for one, at in moments.items() if one != key})

    def _change_file(self, change: Callable[[dict[str, Millis]], dict[str, Millis]]) -> None:
        path = self._path
        if path is None:
            return
        make_state_folder(path.parent)
        moments = change(self._read_moments(path))
        newest = sorted(moments.items(), key=lambda item: item[1])[-MOST_KEPT:]
        with open_state_folder(path.parent) as folder:
            replace_state_file(path.name, folder, msgspec.json.encode(_Content(aside=dict(newest))))
            remove_oldest_files(folder, _MOST_DRAFTS, f"{path.name}.")

    def _read_moments(self, path: Path) -> dict[str, Millis]:
        """What the file has; nothing where there is none, or another version wrote it. Raises OSError."""
        try:
            data = read_state_file(path, _LARGEST)
            return {} if data is None else msgspec.json.decode(data, type=_Content).aside
        except (FileNotFoundError, ValueError, RecursionError):
            return {}


def find_aside_file() -> Path:
    """Where the problems that are set aside are kept."""
    return find_state_folder() / "problems.json"


def make_aside_key(finding: Finding, source: Source | None) -> str:
    """A digest of what a problem is about and of what would make it new; the same in each session.

    `source` is where its task is, or its place; None where it is in several. A failure that many share is
    new with the next one, not when an old one is no longer counted.
    """
    where = () if source is None else (source.url, source.dialect, source.qualified_graph)
    task = finding.task
    is_of_many = len(finding.keys) > 1 and finding.rule != "failures"
    if task is None or is_of_many or finding.rule in _OF_MANY:
        return digest_parts(finding.rule, where, finding.subject, finding.state)
    if finding.rule == "failures":
        return digest_parts(finding.rule, finding.subject, where, task.id, task.created)
    return digest_parts(finding.rule, where, task.id, task.created, finding.state)
