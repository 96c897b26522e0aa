"""A password that is typed reaches the server, and nothing else: no clipboard, no log, no picture."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.terminal.configured_home import SECRET, leave
from tests.terminal.conftest import Env, Open, Simulate

HOME, TO_END, CUT, COPY = "\x1b[H", "\x1b[1;2F", "\x18", "\x03"
AIDS = "TEXTUAL=debug,devtools TEXTUAL_DEBUG=1 TEXTUAL_SCREENSHOT=0 TEXTUAL_PRESS=q TEXTUAL_SHOW_RETURN=1"


def aids(folder: Path) -> Env:
    """What lets Textual log, type, draw pictures, and run other code."""
    (folder / "driver.py").write_text(f"open({str(folder / 'driver-ran')!r}, 'w')")
    return {
        **dict(aid.split("=", 1) for aid in AIDS.split()),
        "TEXTUAL_LOG": str(folder / "log"),
        "TEXTUAL_SCREENSHOT_LOCATION": str(folder),
        "TEXTUAL_SCREENSHOT_FILENAME": "picture.svg",
        "TEXTUAL_DRIVER": "driver:Driver",
        "PYTHONPATH": f"{Path(__file__).parents[2]}:{folder}",
    }


def test_a_typed_password_stays_in_its_field(graphtop: Open, simulate: Simulate, tmp_path: Path) -> None:
    server = simulate("--user", "admin", "--tasks", "20", env={"GRAPHTOP_PASSWORD": SECRET})
    folder = tmp_path / "aids"
    folder.mkdir()
    terminal = graphtop(server.url, env=aids(folder))
    terminal.wait_for("Sign in")
    typed = f"admin\t{SECRET}{HOME}{TO_END}{COPY}{CUT}{SECRET}\r"
    terminal.answer(typed, "Sign in")
    terminal.wait_for("● live")
    assert psutil.Process(terminal.process.pid).rlimit(psutil.RLIMIT_CORE)[0] == 0
    leave(terminal)
    assert b"\x1b]52" not in terminal.raw
    assert sorted(path.name for path in folder.iterdir()) == ["driver.py"]
