"""Opens graphtop's own files, which are used only if nobody else has access to them."""

from __future__ import annotations

import errno
import fcntl
import os
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend_adapters.files import open_at_once
from backend_adapters.trust import describe_owner, is_trusted_owner, is_writable_by_others, resolve_links

NotifyUser = Callable[[str], None]
"""Shows a person a sentence."""

_OTHERS = 0o077
PRIVATE_MODE = 0o600


def find_state_folder() -> Path:
    """Where graphtop's own files are (XDG_STATE_HOME)."""
    # Imported here: commands that keep nothing need not load it.
    from platformdirs import user_state_path

    try:
        return user_state_path("graphtop", appauthor=False)
    except RuntimeError:
        # Without a home folder / is used, as in containers.
        return Path("/.local/state/graphtop")


def make_state_folder(path: Path) -> None:
    """Make a state folder if there is none. Raises OSError.

    Root makes none in a folder of another user, who could not use it then, nor behind a link of that user.
    """
    if os.geteuid() == 0 and not path.exists():
        _check_links_to(next(above for above in path.parents if os.path.lexists(above)))
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def open_state_folder(path: Path) -> Iterator[int]:
    """Open a state folder that belongs to its user alone. Raises OSError."""
    _check_links_to(path)
    folder = open_at_once(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        status = os.fstat(folder)
        if status.st_uid != os.geteuid():
            raise _make_refusal(f"its folder {describe_owner(status)}")
        if is_writable_by_others(status):
            raise _make_refusal(f"others can write to its folder; run `chmod go-w {shlex.quote(str(path))}`")
        yield folder
    finally:
        os.close(folder)


def open_state_file(path: Path, folder: int, flags: int, tell: NotifyUser | None) -> int:
    """Open a file in its open folder. Raises OSError for one that doesn't belong to this user alone.

    Where others have rights to it and somebody is there to `tell`, they lose them.
    """
    try:
        file = os.open(
            path.name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, PRIVATE_MODE, dir_fd=folder
        )
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _make_refusal("it is a symbolic link") from None
        raise
    try:
        status = os.fstat(file)
        _check_owner(status)
        if tell is not None and status.st_mode & _OTHERS:
            os.fchmod(file, PRIVATE_MODE)
            tell(f"Other users had access to {path}. Its mode is now 0600.")
    except BaseException:
        os.close(file)
        raise
    return file


def read_state_file(path: Path, most: int, tell: NotifyUser | None = None) -> bytes | None:
    """Read a file as `open_state_file` opens it; None where it has more than `most` bytes. Raises OSError."""
    with open_state_folder(path.parent) as folder:
        file = open_state_file(path, folder, os.O_RDONLY, tell)
        with os.fdopen(file, "rb") as stream:
            data = stream.read(most + 1)
    return data if len(data) <= most else None


def replace_state_file(name: str, folder: int, data: bytes) -> None:
    """Replace a file in its open folder, or make it. Raises OSError.

    Whoever reads it meanwhile has the whole old or new one. A process that is killed meanwhile leaves a file
    behind, whose name begins with this one and a dot.
    """
    draft = f"{name}.{os.urandom(6).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    file = os.open(draft, flags, PRIVATE_MODE, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(data)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise


def try_lock(file: int) -> bool:
    """Lock an open file; false if another process holds the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_oldest_files(folder: int, kept: int, beginning: str = "") -> None:
    """Keep so many files of an open folder, those written last, of the ones whose names begin so."""
    written: list[tuple[int, str]] = []
    for name in os.listdir(folder):
        if name.startswith(beginning):
            with suppress(FileNotFoundError):
                written.append((os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns, name))
    for _, name in sorted(written)[:-kept]:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)


def digest_parts(*parts: object) -> str:
    """A digest of what names something, 32 characters: nothing of the parts can be read in it."""
    # Imported here: it takes two milliseconds, which the HTTP client needs as well, but later.
    from hashlib import blake2b

    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _check_links_to(path: Path) -> None:
    """Raise OSError if a link on the path to a folder, or the folder itself, belongs to another user."""
    for step in resolve_links(path):
        if not is_trusted_owner(status := step.lstat()):
            raise _make_refusal(f"{step} {describe_owner(status)}")


def _check_owner(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _make_refusal("it is not a regular file")
    if status.st_uid != os.geteuid():
        raise _make_refusal(f"it {describe_owner(status)}")
    if status.st_nlink > 1:
        raise _make_refusal("it has more than one hard link")


def _make_refusal(why: str) -> OSError:
    return OSError(errno.EPERM, why)
