"""Brings the jars of a HugeGraph server onto this machine, once, through Maven."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import platformdirs

POM = Path(__file__).with_name("pom.xml")
CLIENT_POM = Path(__file__).parent / "java_client" / "pom.xml"
VERSIONS = ("1.7.0", "1.5.0")
"""The versions that the suite starts: the graphspace paths, and the classic ones."""
CLUSTER = "1.5.0"
"""The version of PD and Store, of which there is no newer one to fetch."""

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:2.10"
"""What copies single jars; newer ones want their poms, too, of which one can't be resolved."""


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
    name = f"HugeGraph {version}"
    fill = partial(_copy_all, POM, name, (f"-Dhugegraph.version={version}",))
    return _once(_folder(version), name, fill, say or _to_stderr)


def resolve_client(say: Callable[[str], None] | None = None) -> Path:
    """The folder of the jars of the Java client. Raises JarsUnavailable."""
    name = "HugeGraph's Java client"
    folder = cache() / "hugegraph" / f"client-{_digest(CLIENT_POM)}"
    return _once(folder, name, partial(_copy_all, CLIENT_POM, name, ()), say or _to_stderr)


def resolve_service(artifact: str, say: Callable[[str], None] | None = None) -> Path:
    """The folder of a cluster's service, `hg-pd-service` or `hg-store-node`, unpacked: so it starts sooner.

    Raises JarsUnavailable.
    """
    folder = cache() / "hugegraph" / f"{artifact}-{CLUSTER}"
    return _once(folder, artifact, partial(_unpack_service, artifact), say or _to_stderr)


def resolve_struct(version: str) -> Path:
    """The jar that a server of 1.7 needs on a cluster besides; its published pom can't be resolved."""
    folder = cache() / "hugegraph" / f"struct-{version}"
    fetch = partial(_copy_jar, "hugegraph-struct", version)
    return _once(folder, "hugegraph-struct", fetch, _to_stderr) / f"hugegraph-struct-{version}.jar"


def present(version: str) -> bool:
    """Whether the jars of `version` are here already."""
    return _folder(version).is_dir()


def _folder(version: str) -> Path:
    return cache() / "hugegraph" / f"{version}-{_digest(POM)}"


def _digest(pom: Path) -> str:
    return hashlib.sha256(pom.read_bytes()).hexdigest()[:10]


def _once(folder: Path, name: str, fill: Callable[[Path], None], say: Callable[[str], None]) -> Path:
    """A folder that `fill` fills; it is renamed at the end, so that a half-filled one is never used."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            say(f"graphtop: downloading {name} for the tests of real servers (about a minute)...")
            began = time.monotonic()
            half = Path(f"{folder}.partial")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            fill(half)
            half.rename(folder)
            say(f"graphtop: {name}: {time.monotonic() - began:.0f} s")
    return folder


def _copy_all(pom: Path, name: str, properties: tuple[str, ...], folder: Path) -> None:
    """All jars that a pom asks for."""
    # Maven looks for plugins and leaves traces where its pom lies, so it gets a copy of it.
    copied = shutil.copy(pom, folder / "pom.xml")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    _maven(name, "-f", str(copied), *properties, *goal)


def _unpack_service(artifact: str, folder: Path) -> None:
    """What a Spring Boot jar is made of."""
    _copy_jar(artifact, CLUSTER, folder)
    jar = folder / f"{artifact}-{CLUSTER}.jar"
    with zipfile.ZipFile(jar) as packed:
        packed.extractall(folder)
    jar.unlink()


def _copy_jar(artifact: str, version: str, folder: Path) -> None:
    """One jar, without what its pom asks for."""
    name = f"org.apache.hugegraph:{artifact}:{version}"
    _maven(name, f"{PLUGIN}:copy", f"-Dartifact={name}", f"-DoutputDirectory={folder}")


def _maven(what: str, *arguments: str) -> None:
    """Let Maven fetch something; raises JarsUnavailable."""
    mvn = shutil.which("mvn")
    if mvn is None:
        raise JarsUnavailable("Maven (mvn) is not installed")
    command = [mvn, "-q", "-B", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = (done.stdout + done.stderr).strip().splitlines()[-12:]
        raise JarsUnavailable(f"Maven could not fetch {what}:\n" + "\n".join(words))


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
