"""The command line of graphtop against one server of a cluster."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.live.server import HugeGraphServer
from tests.support.patience import PATIENCE
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, environment


def graphtop(home: Path, server: HugeGraphServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a command did, with `home` as the person's home."""
    return subprocess.run(
        [*GRAPHTOP, *arguments, "--url", server.url],
        env=environment(home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
