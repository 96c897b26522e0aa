"""Tells whether others than the owner could have written a file, or put it where it is."""

from __future__ import annotations

import errno
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS_WRITE = 0o022
MAX_LINKS = 40
"""The most links that are followed, as in Linux."""


def is_writable_by_others(status: os.stat_result) -> bool:
    """Whether others than the owner can write to a file or a folder."""
    return bool(status.st_mode & _OTHERS_WRITE)


def is_trusted_owner(status: os.stat_result) -> bool:
    """Whether it belongs to the user who runs this, or to root, who can do everything anyway."""
    return status.st_uid in (0, os.geteuid())


def name_user(number: int) -> str:
    """The name of a user; the number where it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def describe_owner(status: os.stat_result) -> str:
    """Who owns a file and who runs graphtop, with advice where sudo left another user's HOME."""
    words = f"belongs to {name_user(status.st_uid)}, but graphtop runs as {name_user(os.geteuid())}"
    return f"{words} with the HOME of another user: use sudo -H" if _is_sudo_elsewhere() else words


def _is_sudo_elsewhere() -> bool:
    """Whether this is root by sudo, and HOME is not root's."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return os.geteuid() == 0 and "SUDO_USER" in os.environ and home != pwd.getpwuid(0).pw_dir


def find_distrust(path: Path, *, was_read: bool = False) -> str:
    """Why others could have changed a file, as a sentence; empty where they could not.

    As with ssh, the file, its folder and the links to it must belong to the user or to root, and not be
    writable by others. A folder that others can write to may be sticky, like /tmp. The folder of a missing
    file is checked as well. For a file that can't be accessed the answer is empty, as reading it tells why,
    unless it `was_read`: then somebody has taken it away.
    """
    try:
        steps = list(resolve_links(path))
        folders = [(step.parent, step.parent.stat()) for step in steps]
        links = [(step, step.lstat()) for step in steps if os.path.lexists(step)]
        files = _final_file(path)
    except OSError as error:
        return f"{path} is no longer accessible: {error.strerror}." if was_read else ""
    strangers = (
        f"{one} {describe_owner(status)}."
        for one, status in (*folders, *links, *files)
        if not is_trusted_owner(status)
    )
    open_ones = [
        one for one, status in folders if is_writable_by_others(status) and not status.st_mode & stat.S_ISVTX
    ]
    open_ones += [one for one, status in files if is_writable_by_others(status)]
    return next(strangers, "") or _describe_open_paths(list(dict.fromkeys(open_ones)))


def _final_file(path: Path) -> list[tuple[Path, os.stat_result]]:
    """The file that is read in the end, if it is there; devices belong to the system."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return []
    return [(path, status)] if stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode) else []


def _describe_open_paths(paths: list[Path]) -> str:
    """A sentence about what others can write to, with the command that changes it; empty for no paths."""
    if not paths:
        return ""
    command = shlex.join(["chmod", "go-w", *map(str, paths)])
    return f"Other users can write to {' and '.join(map(str, paths))}. To fix this, run `{command}`."


def resolve_links(path: Path) -> Iterator[Path]:
    """Each link that is followed on the way to a file, and then the file, all in folders without links.

    What /proc shows as a link of an open file can't be followed by its name: it and what comes behind it are
    the last step. Raises OSError.
    """
    todo, at, links = list(reversed(path.absolute().parts[1:])), Path("/"), 0
    while todo:
        part = todo.pop()
        if part == "..":
            at = at.parent
            continue
        one = at / part
        if not one.is_symlink():
            at = one
        elif is_descriptor(one):
            at = one.joinpath(*reversed(todo))
            break
        elif links == MAX_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        else:
            links += 1
            yield one
            target = one.readlink()
            todo += reversed(target.parts[1:] if target.is_absolute() else target.parts)
            at = Path("/") if target.is_absolute() else at
    yield at


def is_descriptor(path: Path) -> bool:
    """Whether a path without links names an open file of a process."""
    return path.parent.name == "fd" and path.parts[1] == "proc"
