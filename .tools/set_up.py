"""Make the virtual environment that graphtop runs in, from a lock alone.

Only what the lock names is installed, in the version and with the hash that the lock gives: first pip, then
all the rest, without asking any package what it needs (tests/unit/project/test_locks.py sees that nothing is
missing). It uses the standard library alone, since it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import ast
import fcntl
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

PYTHON_SETTINGS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONWARNINGS")
"""Variables that would let the environment find packages that are not in it, or stop an older pip."""

NETWORK = {
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
}
"""The settings of pip that say how packages are reached. Others (user, target, constraint, …) would change
what is installed or where, so they are left out."""


NOTE = "graphtop.lock"
"""The file of a finished environment that keeps the lock, or both, that filled it."""

UNFINISHED = "graphtop.unfinished"
"""What `NOTE` is called while an environment is being filled: one that is left so is made anew."""

OWN_VERSION = "{}.{}".format(*sys.version_info)
"""The version of the Python that runs this, of which the environment is made."""

MOVE_AWAY = "Move it away, or name another one: make VENV=folder …"

INTERRUPTED = 130

Command: TypeAlias = Sequence[str | Path]
Output: TypeAlias = int | IO[str] | None


def main() -> None:
    """Make the environment, or say in one line what stands in the way."""
    parser = argparse.ArgumentParser(description="Make graphtop's virtual environment from a lock alone.")
    parser.add_argument("venv", type=Path, help="the folder of the environment")
    parser.add_argument("lock", type=Path, help="the lock with all that is installed")
    parser.add_argument("--editable", action="store_true", help="install this checkout as well")
    wanted = parser.parse_args()
    for name in PYTHON_SETTINGS:
        os.environ.pop(name, None)
    try:
        check_venv_module()
        with only_one(wanted.venv.absolute().parent):
            set_up(wanted.venv, wanted.lock, editable=wanted.editable)
    except KeyboardInterrupt:
        print("\ngraphtop: interrupted; the next make begins the set-up anew", file=sys.stderr)
        sys.exit(INTERRUPTED)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Wait until no other set-up in this folder is under way, and keep others waiting."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        sys.exit(f"graphtop: {folder} can't be used: {error.strerror}. {MOVE_AWAY}")
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("graphtop: waiting for another set-up that is under way", flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def set_up(folder: Path, lock: Path, *, editable: bool) -> None:
    """Create the environment where that is needed, and install what the lock names."""
    create_environment(folder, lock)
    before = note_unfinished(folder)
    python = folder / "bin" / "python"
    try:
        install(python, lock, editable)
    except subprocess.CalledProcessError as error:
        # pip has said why.
        step = " ".join(map(str, error.cmd[1:4]))
        sys.exit(f"graphtop: the set-up stopped at: {step} … (see above; packages come from the network)")
    note_finished(folder, lock, before)


def must_run(command: Command, env: Mapping[str, str], *, stdout: Output = None) -> str:
    """Run a program that must end well; gives what it printed. Raises CalledProcessError."""
    code, printed = run_program(command, env, stdout=stdout)
    if code:
        raise subprocess.CalledProcessError(code, command)
    return printed


def run_program(
    command: Command, env: Mapping[str, str] | None = None, *, stdout: Output = None
) -> tuple[int, str]:
    """Run a program to its end; gives its exit code and what it printed, if that is read.

    It has a process group of its own: ctrl+c is then told once, by the set-up, and ends all of its processes.
    """
    with subprocess.Popen(command, env=env, stdout=stdout, text=True, process_group=0) as process:
        try:
            printed, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, printed or ""


def check_venv_module() -> None:
    """End with one line when this Python can't make an environment, as Debian's without python3-venv."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        sys.exit(
            "graphtop: this Python has no venv module. Install it, then run make again "
            f"(Debian, Ubuntu: apt install python{OWN_VERSION}-venv)"
        )


def create_environment(folder: Path, lock: Path) -> None:
    """Create the environment, unless there is a finished one that can be used as it is."""
    check_folder(folder)
    finished = (folder / NOTE).is_file()
    if (
        finished
        and find_version(folder / "bin" / "python") == OWN_VERSION
        and not has_leftovers(folder, lock)
    ):
        return
    again = " anew" if folder.exists() and any(folder.iterdir()) else ""
    print(f"graphtop: creating {folder}{again}", flush=True)
    code, _ = run_program([sys.executable, "-m", "venv", "--clear", folder])
    if code or not find_version(folder / "bin" / "python"):
        sys.exit(f"graphtop: {sys.executable} could not create a virtual environment in {folder}")


def check_folder(folder: Path) -> None:
    """End with one line where the folder is somebody else's, or nothing can be written into it."""
    if folder.is_symlink() and not is_marked(folder):
        sys.exit(f"graphtop: {folder} is a link to what was not made by this set-up. {MOVE_AWAY}")
    if folder.exists() and not folder.is_dir():
        sys.exit(f"graphtop: {folder} is not a folder. {MOVE_AWAY}")
    if folder.is_dir() and any(folder.iterdir()) and not is_ours(folder):
        sys.exit(f"graphtop: {folder} was not made by this set-up. {MOVE_AWAY}")
    written = folder if folder.exists() else folder.absolute().parent
    if not os.access(written, os.W_OK):
        sys.exit(f"graphtop: {written} can't be written to. {MOVE_AWAY}")
    version = find_version(folder / "bin" / "python")
    if version not in ("", OWN_VERSION) and not is_marked(folder):
        sys.exit(f"graphtop: {folder} has Python {version}, not {OWN_VERSION}. {MOVE_AWAY}")


def is_ours(folder: Path) -> bool:
    """Whether a folder is an environment that may be made anew: one of this set-up, or the usual `.venv`."""
    return is_marked(folder) or (folder.name == ".venv" and (folder / "pyvenv.cfg").is_file())


def is_marked(folder: Path) -> bool:
    """Whether this set-up has filled a folder, or began to."""
    return (folder / NOTE).is_file() or (folder / UNFINISHED).is_file()


def has_leftovers(folder: Path, lock: Path) -> bool:
    """Whether an environment was filled by a lock with a package that this checkout's locks lack by now."""
    note = folder / NOTE
    return note.is_file() and not locked_names(note) <= locked_names(
        lock, *lock.parent.glob("requirements*.lock")
    )


def note_unfinished(folder: Path) -> str:
    """Mark an environment as unfinished; gives the locks that it was filled by."""
    note, unfinished = folder / NOTE, folder / UNFINISHED
    if note.is_file():
        note.replace(unfinished)
    unfinished.touch()
    return unfinished.read_text(encoding="utf-8")


def note_finished(folder: Path, lock: Path, before: str) -> None:
    """Mark an environment as finished, and keep the lock beside the one that filled it before."""
    unfinished = folder / UNFINISHED
    added = lock.read_text(encoding="utf-8")
    unfinished.write_text(before if names_in(added) <= names_in(before) else before + added, encoding="utf-8")
    unfinished.replace(folder / NOTE)


def locked_names(*locks: Path) -> set[str]:
    """The packages of some locks."""
    return names_in("\n".join(lock.read_text(encoding="utf-8") for lock in locks))


def names_in(text: str) -> set[str]:
    """The packages that the text of a lock names."""
    return set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==", text, re.MULTILINE))


def find_version(python: Path) -> str:
    """The version of an environment's Python, as `3.11`; nothing where it does not start or has no pip."""
    code = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], check=False, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip()


def install(python: Path, lock: Path, editable: bool) -> None:
    """Install pip itself from the lock, then everything else, and see that the parts fit together."""
    env = pip_environment(python)
    pip: list[str | Path] = [python, "-m", "pip"]
    locked = ["install", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "pip.lock")
        first.write_text(locked_entry(lock.read_text(encoding="utf-8"), "pip"), encoding="utf-8")
        must_run([*pip, *locked, "--quiet", "-r", first], env)
    print(f"graphtop: installing what {lock.name} names, which takes about a minute", flush=True)
    must_run([*pip, *locked, "--quiet", "-r", lock], env)
    if editable:
        checkout = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."]
        must_run([*pip, *checkout], env)
    must_run([*pip, "check"], env, stdout=sys.stderr)


def locked_entry(lock: str, name: str) -> str:
    """The lines of one package of a lock: its version and its hashes."""
    lines = lock.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    count = next(n for n, line in enumerate(lines[start:], 1) if not line.endswith("\\"))
    return "\n".join(lines[start : start + count]) + "\n"


def pip_environment(python: Path) -> dict[str, str]:
    """The environment for pip: a person's network settings, and none of their other settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    # Where a file tells pip to be quiet, it would list nothing; what it says of a broken file is not caught.
    listed = must_run(
        [python, "-m", "pip", "config", "list", "--verbose", "--verbose"],
        {name: value for name, value in os.environ.items() if name != "PIP_QUIET"},
        stdout=subprocess.PIPE,
    )
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    for name, value in network_settings(listed).items():
        env[f"PIP_{name.upper().replace('-', '_')}"] = value
    return env


def network_settings(listed: str) -> dict[str, str]:
    """The network settings of a listing of pip, in whatever order it lists them.

    As for pip itself, a variable counts more than [install], and that more than [global]; an empty value
    counts as none.
    """
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in sections and name in NETWORK:
            words = " ".join(str(ast.literal_eval(value)).split())
            sections[section][name.removeprefix("default-")] = words
    return {name: value for section in sections.values() for name, value in section.items() if value}


if __name__ == "__main__":
    main()
