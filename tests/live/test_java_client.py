"""HugeGraph's own Java client, which must see no difference between a real server and the simulated one."""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from backend_adapters.simulator import EMPTY_HUGEGRAPH, hugegraph_app
from tests.live import jars, java_process
from tests.live.server import HugeGraphServer
from tests.live.server_kinds import on
from tests.support.patience import PATIENCE
from tests.support.requirements import skip_or_fail
from tests.support.simulated_servers import serve_in_loop

CALLS = Path(__file__).parent / "java_client" / "calls.groovy"


def make_calls(url: str, folder: Path) -> dict[str, str]:
    """What came of each call, in the order in which they were made."""
    try:
        classpath = sorted(jars.resolve_client().glob("*.jar"))
    except jars.JarsUnavailable as error:
        skip_or_fail(str(error))
    java = java_process.java(auth=False)
    assert java is not None
    done = subprocess.run(
        [java, "-XX:TieredStopAtLevel=1", "groovy.ui.GroovyMain", str(CALLS), url, "hugegraph"],
        env={**os.environ, "CLASSPATH": os.pathsep.join(map(str, classpath))},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line)


@on("rocksdb_17", "rocksdb_15")
@pytest.mark.usefixtures("jobs")
async def test_the_java_client_gets_the_same_from_the_simulated_server(
    server: HugeGraphServer, tmp_path: Path
) -> None:
    real = await asyncio.to_thread(make_calls, server.url, tmp_path)
    async with serve_in_loop(hugegraph_app(replace(EMPTY_HUGEGRAPH, version=server.spec.version))) as url:
        assert await asyncio.to_thread(make_calls, url, tmp_path) == real
    assert real["cancel"] == "true"
    assert real["delete"] == "[FAILING, ENDLESS]"
