"""What is shipped, and what a start imports."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.terminal.terminal_emulator import ROOT, environment
from tui import VERSION

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


def test_a_shell_that_starts_waits_for_no_event_loop(tmp_path: Path) -> None:
    statement = "sys.argv = ['graphtop', 'completion', 'bash']; from tui.__main__ import main; main()"
    assert not imported(tmp_path, statement) & {"asyncio", "textual", "httpx", "pydantic"}


def test_the_first_frame_waits_for_no_http_client(tmp_path: Path) -> None:
    found = imported(
        tmp_path, "import tui.app, tui.textual_ext.driver, tui.cli.commands.launch, tui.cli.commands.demo"
    )
    assert "textual" in found
    assert not found & {"httpx", "pydantic", "starlette", "uvicorn"}


def test_an_adapter_is_imported_only_when_a_backend_is_opened(tmp_path: Path) -> None:
    folders = tuple(f"backend_adapters.{name}" for name in ("hugegraph", "ges", "simulator"))
    loaded = f"[name for name in sys.modules if name.startswith({folders})]"
    code = f"import sys, tui.app, tui.connection.address\nprint({loaded})"
    assert output([sys.executable, "-c", code], tmp_path, ROOT) == "[]\n"


@pytest.mark.xdist_group("packaging")
def test_the_wheel_holds_the_program_its_man_page_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
        assert "graphtop = tui.__main__:main" in archive.read(entry_points).decode()
        page = archive.read(f"graphtop-{VERSION}.data/data/share/man/man1/graphtop.1")
    assert page == (ROOT / ".tools" / "man" / "graphtop.1").read_bytes()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"tui", "backend_adapters", f"graphtop-{VERSION}.data", f"graphtop-{VERSION}.dist-info"}
    for folder in ("tui", "backend_adapters"):
        wanted = {
            str(path.relative_to(ROOT))
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {name for name in names if name.startswith(f"{folder}/")} == wanted
        assert f"{folder}/py.typed" in names
    assert any(name.startswith("tui/styles/") and name.endswith(".tcss") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.xdist_group("packaging")
def test_the_version_of_the_wheel_is_that_of_the_program(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"graphtop-{VERSION}.dist-info/METADATA").decode()
    assert f"\nVersion: {VERSION}\n" in metadata
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["dynamic"] == ["version"]
    assert "version" not in project


@pytest.mark.xdist_group("packaging")
def test_the_sdist_holds_what_a_contributor_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "README.md",
        ".tools/man/make.py",
        "pyproject.toml",
        "requirements-dev.lock",
        "requirements.lock",
        "tests/terminal/test_packaging.py",
    }
