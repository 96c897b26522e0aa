"""Brings the jars of a HugeGraph server onto this machine, once, through Maven."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

POM = Path(__file__).with_name("pom.xml")
VERSIONS = ("1.7.0", "1.5.0")
"""The versions that the suite starts: the graphspace paths, and the classic ones."""


class JarsUnavailable(RuntimeError):
    """The jars can't be had here; the message says why."""


def cache() -> Path:
    """The folder of the jars, shared by all checkouts: $GRAPHTOP_TEST_CACHE, else one in the user's cache."""
    chosen = os.environ.get("GRAPHTOP_TEST_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("graphtop-tests")


def resolve(version: str, say: Callable[[str], None] | None = None) -> Path:
    """The folder that holds all jars of HugeGraph `version`; downloads them when they aren't there yet.

    The folder's name holds a hash of the pom, so a changed pom is a new download. Processes that ask at the
    same time wait for the one that downloads. Raises JarsUnavailable with Maven's last words.
    """
    folder = _folder(version)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _download(version, folder, say or _to_stderr)
    return folder


def present(version: str) -> bool:
    """Whether the jars of `version` are here already."""
    return _folder(version).is_dir()


def _folder(version: str) -> Path:
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:10]
    return cache() / "hugegraph" / f"{version}-{digest}"


def _download(version: str, folder: Path, say: Callable[[str], None]) -> None:
    """Fetches into a folder beside `folder` and renames it at the end, so a half-filled one is never used."""
    mvn = shutil.which("mvn")
    if mvn is None:
        raise JarsUnavailable("Maven (mvn) is not installed")
    say(f"graphtop: downloading HugeGraph {version} for the live tests (280 jars, about a minute)...")
    began = time.monotonic()
    partial = Path(f"{folder}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    # Maven looks for plugins and leaves traces where its pom lies, so it gets a copy of it.
    partial.mkdir()
    shutil.copy(POM, partial / "pom.xml")
    goal = [f"-Dhugegraph.version={version}", "dependency:copy-dependencies", "-DincludeScope=runtime"]
    command = [mvn, "-q", "-B", "-f", str(partial / "pom.xml"), *goal, f"-DoutputDirectory={partial}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = (done.stdout + done.stderr).strip().splitlines()[-12:]
        raise JarsUnavailable(f"Maven could not fetch HugeGraph {version}:\n" + "\n".join(words))
    partial.rename(folder)
    count = len(list(folder.glob("*.jar")))
    say(f"graphtop: HugeGraph {version}: {count} jars in {time.monotonic() - began:.0f} s")


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
