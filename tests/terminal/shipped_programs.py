"""The program as it is shipped: built, installed, in a zip file, and without its source."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

from tests.support.lock_files import OWN_PYTHON, Lock
from tests.support.patience import PATIENCE
from tests.terminal.terminal_emulator import ROOT, environment


class Program(NamedTuple):
    """One way to run graphtop, from wherever it is called."""

    command: tuple[str, ...]
    python: Path
    """The interpreter that runs it."""
    place: Path
    """Where both packages are: a folder, or a zip file."""
    path: str | None = None
    """What PYTHONPATH holds."""

    @classmethod
    def on_path(cls, place: Path, folder: Path) -> Program:
        """Both packages in a place on the path of an environment."""
        python = folder / "bin" / "python"
        return cls((str(python), "-m", "tui"), python, place, str(place))

    def environment(self, home: Path) -> dict[str, str]:
        """A clean environment, without the checkout on the path."""
        return environment(home, {"PYTHONPATH": self.path})

    def output(self, home: Path, *arguments: str) -> str:
        """What a command prints, called from another folder."""
        return self._run(home, *self.command, *arguments)

    def evaluate(self, home: Path, code: str) -> str:
        """What its interpreter prints for some code."""
        return self._run(home, str(self.python), "-c", code)

    def _run(self, home: Path, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=home,
            env=self.environment(home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


def build(target: str, source: Path, folder: Path) -> Path:
    """Build `sdist` or `wheel` into a folder; gives the file."""
    call(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder), cwd=source)
    (made,) = folder.iterdir()
    return made


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack an sdist; gives its folder."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (made,) = folder.iterdir()
    return made


def bare_environment(folder: Path) -> Path:
    """An environment that holds what graphtop depends on, out of the running one, and nothing else."""
    call(sys.executable, "-m", "venv", "--without-pip", str(folder), cwd=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    lock = Lock((ROOT / "requirements.lock").read_text(encoding="utf-8"), OWN_PYTHON)
    for name in lock.pins:
        _link_distribution(name, site)
    return folder


def _link_distribution(name: str, site: Path) -> None:
    found = distribution(name)
    tops = {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}
    for top in tops:
        (site / top).symlink_to(str(found.locate_file(top)))


def install(wheel: Path, folder: Path) -> None:
    """Install a wheel; pip fails where it depends on what is not there, as it may ask no index."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    python = str(folder / "bin" / "python")
    call(*pip, "--python", python, "install", "--no-index", "--quiet", str(wheel), cwd=folder)


def compiled_copy(wheel: Path, folder: Path) -> Path:
    """The packages of a wheel as .pyc files only."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    assert compileall.compile_dir(folder, quiet=1, legacy=True)
    for source in folder.rglob("*.py"):
        source.unlink()
    return folder


def call(*command: str, cwd: Path) -> None:
    """Run a command that must succeed, pip without any settings; raises AssertionError with what it said."""
    env = environment(cwd, {"PYTHONPATH": None, "PIP_CONFIG_FILE": os.devnull})
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
