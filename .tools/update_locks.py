"""Pin the newest versions that pyproject.toml allows, with their hashes, and say what changed.

`make lock` calls it. One resolution holds for every platform and for each Python from 3.11 on (uv's universal
resolution); extras stay in the locks, since pip compares them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LOCKS = {
    "requirements.lock": ["--group", "setup"],
    "requirements-dev.lock": ["--group", "setup", "--extra", "dev"],
}
"""Lock -> what it holds beside graphtop's own dependencies."""

RESOLVE = [
    "uv",
    "pip",
    "compile",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-strip-extras",
]
OUTPUT = ["--no-header", "--quiet", "--no-emit-index-url", "--no-emit-find-links"]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;\\]+)", re.MULTILINE)


def main() -> None:
    """Write both locks anew; arguments (`--upgrade-package NAME`) go to uv in place of `--upgrade`."""
    chosen = sys.argv[1:] or ["--upgrade"]
    with tempfile.TemporaryDirectory(prefix=".locks-", dir=".") as folder:
        for name in LOCKS:
            resolve(Path(name), Path(folder, name), chosen)
        for name in LOCKS:
            replace_lock(Path(name), Path(folder, name))


def resolve(lock: Path, made: Path, chosen: list[str]) -> None:
    """Write a lock's new contents beside it, or end in one line."""
    if lock.exists():
        # uv keeps what it finds there, except for what it is to upgrade.
        shutil.copy(lock, made)
    command = [
        sys.executable,
        "-m",
        *RESOLVE,
        *OUTPUT,
        *LOCKS[lock.name],
        *chosen,
        "--output-file",
        str(made),
    ]
    if subprocess.run([*command, "pyproject.toml"], check=False, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"graphtop: no lock was changed, since uv found no versions that fit for {lock} (see above)")


def replace_lock(lock: Path, made: Path) -> None:
    """Put a new lock in the place of the old one, and say what changed."""
    print(f"{lock}:")
    for line in describe_changes(read_pins(lock), read_pins(made)) or ["nothing changed"]:
        print(f"  {line}")
    made.replace(lock)


def read_pins(lock: Path) -> dict[str, str]:
    """Package -> version, or versions for different platforms; nothing for a lock that isn't there yet."""
    pins: dict[str, str] = {}
    for name, version in PINNED.findall(lock.read_text(encoding="utf-8")) if lock.exists() else ():
        pins[name] = f"{pins[name]} and {version}" if name in pins else version
    return pins


def describe_changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """One line for each package that came, went or has another version."""
    changed = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None:
            changed.append(f"{name} {new} (new)")
        elif new is None:
            changed.append(f"{name} {old} removed")
        elif old != new:
            changed.append(f"{name} {old} -> {new}")
    return changed


if __name__ == "__main__":
    main()
