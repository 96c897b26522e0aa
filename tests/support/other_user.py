"""A second user of the machine, who owns files and runs programs; only root can play it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

OTHER = 65534
"""The number of the second user, who has no rights to anything of the suite."""


def need_root() -> None:
    """Skip the test where there can be no second user."""
    if os.geteuid():
        pytest.skip("Only root can act as a second user, and this suite does not run as root.")


def give_away(path: Path) -> Path:
    """Let a file, a folder or a link belong to the second user."""
    os.chown(path, OTHER, OTHER, follow_symlinks=False)
    return path


@contextmanager
def shared_folder(mode: int) -> Iterator[Path]:
    """A new folder with this mode in one as /tmp is, where every user can reach it."""
    with TemporaryDirectory() as name:
        Path(name).chmod(mode)
        yield Path(name)


def as_other(script: str, folder: Path) -> None:
    """Run a script of the shell as the second user, in a folder that it can reach."""
    subprocess.run(["sh", "-ec", script], cwd=folder, user=OTHER, group=OTHER, extra_groups=[], check=True)


@contextmanager
def held_by_other(number: int) -> Iterator[None]:
    """Let a process of the second user hold an open file, with its lock, in place of this one."""
    with subprocess.Popen(
        ["sleep", "3600"], pass_fds=[number], user=OTHER, group=OTHER, extra_groups=[]
    ) as process:
        os.close(number)
        try:
            yield
        finally:
            process.kill()
