"""Which of Textual's variables count, and that no core dump is made of a process with logins in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tui.process_guard import find_debugging_aids

ASK = """\
import ctypes, os, resource
from tui.process_guard import guard_process
environ = {"TEXTUAL_LOG": "x", "TEXTUAL_FPS": "30", **os.environ}
guard_process(environ)
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3), "TEXTUAL_LOG" in environ)
"""


def test_what_logs_types_or_writes_is_dropped_and_what_looks_otherwise_stays() -> None:
    aids = [
        "TEXTUAL",
        "TEXTUAL_LOG",
        "TEXTUAL_DRIVER",
        "TEXTUAL_PRESS",
        "TEXTUAL_SCREENSHOT",
        "TEXTUAL_SCREENSHOT_LOCATION",
        "TEXTUAL_SCREENSHOT_FILENAME",
        "TEXTUAL_DEBUG",
        "TEXTUAL_DEVTOOLS_HOST",
        "TEXTUAL_DEVTOOLS_PORT",
        "TEXTUAL_SHOW_RETURN",
        "TEXTUAL_WHATEVER_COMES",
    ]
    looks = [
        "TEXTUAL_COLOR_SYSTEM",
        "TEXTUAL_ANIMATIONS",
        "TEXTUAL_DISABLE_KITTY_KEY",
        "ESCDELAY",
        "NO_COLOR",
        "TEXTUALLY",
    ]
    assert find_debugging_aids(dict.fromkeys(aids + looks, "1")) == aids


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells whether a process is dumpable"
)
@pytest.mark.parametrize(("variable", "expected"), [({}, "0 0 False"), ({"GRAPHTOP_DEV": "1"}, "7 1 True")])
def test_no_core_dump_is_made_but_in_development(variable: dict[str, str], expected: str) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_CORE, (7, resource.RLIM_INFINITY))\n{ASK}"
    done = subprocess.run(
        [sys.executable, "-c", limited], env=variable, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == expected
