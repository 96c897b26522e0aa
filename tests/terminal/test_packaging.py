"""What is installed, and what a start imports."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.terminal.term import ROOT, environment

HEAVY = {"textual", "rich", "httpx", "pydantic", "starlette", "uvicorn", "msgspec"}


def imported(tmp_path: Path, statement: str) -> set[str]:
    """The packages, one level deep, that a statement imports in a fresh interpreter."""
    code = (
        f"import json, sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\n"
        "print(json.dumps([name for name in sys.modules if '.' not in name]))"
    )
    return set(json.loads(output([sys.executable, "-c", code], tmp_path, ROOT).splitlines()[-1]))


def output(command: Sequence[str], cwd: Path, path: Path) -> str:
    """What a command prints that imports from `path`."""
    env = environment(cwd, {"PYTHONPATH": str(path)})
    return subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=True, text=True).stdout


def test_the_version_imports_nothing_heavy(tmp_path: Path) -> None:
    statement = "sys.argv = ['graphtop', '--version']; from tui.__main__ import main; main()"
    assert not imported(tmp_path, statement) & {*HEAVY, "asyncio"}


def test_the_first_frame_waits_for_no_http_client(tmp_path: Path) -> None:
    found = imported(tmp_path, "import tui.app, tui.driver, tui.cli.watch, tui.cli.demo")
    assert "textual" in found
    assert not found & {"httpx", "pydantic", "starlette", "uvicorn"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (made,) = target.glob("*.whl")
    return made


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
        assert "graphtop = tui.__main__:main" in archive.read(entry_points).decode()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"tui", "backend_adapters", entry_points.partition("/")[0]}
    for folder in ("tui", "backend_adapters"):
        wanted = {
            str(path.relative_to(ROOT))
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {name for name in names if name.startswith(f"{folder}/")} == wanted
    assert any(name.startswith("tui/styles/") and name.endswith(".tcss") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_installed_wheel_runs_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = ["-m", "pip", "install", "--no-deps", "--no-index", "--no-compile", "--quiet"]
    output(
        [sys.executable, *pip, "--disable-pip-version-check", "--target", str(target), str(wheel)],
        elsewhere,
        target,
    )
    program = str(target / "bin" / "graphtop")
    assert output([program, "--version"], elsewhere, target).startswith("graphtop ")
    # An app that can't find its style sheets fails when it is made.
    code = "import tui.app as app; print(app.__file__); print(*app.Graphtop.CSS_PATH.split())"
    where, sheet = output([sys.executable, "-c", code], elsewhere, target).splitlines()
    assert Path(where).parent == target / "tui"
    assert (target / "tui" / sheet).is_file()
