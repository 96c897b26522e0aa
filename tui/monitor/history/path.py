"""Where the history is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tui.monitor.state_file import find_state_folder


def find_history_path(environ: Mapping[str, str]) -> Path:
    """The history's path: GRAPHTOP_HISTORY, else in the state folder (XDG_STATE_HOME)."""
    named = environ.get("GRAPHTOP_HISTORY")
    if named:
        return Path(os.path.expanduser(named)).absolute()  # noqa: PTH111 - may lack a home
    return find_state_folder() / "history.db"
