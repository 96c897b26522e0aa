"""A disk without room, for tests within this process."""

from __future__ import annotations

import errno
import os

import pytest

from tui.monitor.journal import file as journal_file


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no line get into the journal any more."""

    def full(file: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal_file, "_write_all", full)
