"""Folders of the tests' own: what graphtop keeps of whoever runs them, or benches, is not read nor changed.

That is the configuration and the state: the history, the journal, views, rows and places.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

FOLDERS = ("XDG_CONFIG_HOME", "XDG_STATE_HOME")
"""The variables that name them."""
BENCH_FOLDER = "BENCH_FOLDER"
"""Where they are while benches run; programs that a bench starts have the same."""
TEST_CACHE = "GRAPHTOP_TEST_CACHE"
"""Where the jars of the live tests are; it is for the tests alone."""


def leave_personal_out(environ: MutableMapping[str, str], folder: Path) -> None:
    """Take graphtop's variables and the proxies out of an environment, and name folders in `folder` in it."""
    for name in list(environ):
        if name.lower().endswith("_proxy") or (name.startswith("GRAPHTOP_") and name != TEST_CACHE):
            del environ[name]
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o700, exist_ok=True)
        environ[name] = str(folder / name)


def use_bench_folders() -> None:
    """Use folders of the benches' own in this process and in all that it starts, until it ends."""
    folder = tempfile.mkdtemp(prefix="graphtop-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[BENCH_FOLDER] = folder
    leave_personal_out(os.environ, Path(folder))


def list_bench_folders() -> dict[str, str]:
    """The variables that a program started by a bench needs to use the same folders."""
    return {name: os.environ[name] for name in (BENCH_FOLDER, *FOLDERS) if name in os.environ}
