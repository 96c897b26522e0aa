"""Opens the history's file: only one that is this user's own, and of the version known here.

A damaged file is put aside, and a new one begun.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import msgspec

from backend_adapters.trust import describe_owner
from tui.monitor.history.schema import FIRST_PRAGMAS, MIGRATIONS, SCHEMA_VERSION
from tui.monitor.state_file import (
    PRIVATE_MODE,
    make_state_folder,
    open_state_folder,
    try_lock,
)

BUSY_MILLIS = 2_000
"""How long another graphtop's transaction is waited for; one takes a few milliseconds."""
ASIDE_MOST = 3
"""Damaged files that are kept: `history.db.damaged-1` and so on; the last number is used again."""

_SIDE_FILES = ("", "-wal", "-shm")
_CHECK = ".check"
"""Ends the name of an empty file that asks for a look at the whole history."""
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SHORT_READ = sqlite3.SQLITE_IOERR_SHORT_READ
_READ_ONLY = "it can't be written to. Check its rights and those of its folder"
_LOCKED = "another program has locked it. End that program"
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full. Free some space",
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "it can't be opened. Check its rights and those of its folder",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_IOERR: "the disk reports an error. Check it, or name another file in GRAPHTOP_HISTORY",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
}
"""What each of SQLite's codes means, and what to do about it."""
LOCK_SECONDS = 1.0
"""How long another graphtop is waited for that puts the same file aside."""


HISTORY_ERRORS = (OSError, sqlite3.Error, UnicodeDecodeError, msgspec.ValidationError)
"""What reading and writing raise; the last two are of a file whose damage SQLite doesn't notice."""
_DAMAGED_WORDS = ("Could not decode to UTF-8", "no such column", "has no column")
"""In errors of a damaged file which SQLite takes for one that was asked wrongly."""


class HistoryError(Exception):
    """The history can't be used; the message is a sentence that says why, where, and what to do."""


class NoHistoryYet(HistoryError):
    """Nothing was ever recorded there."""


class DamagedHistory(HistoryError):
    """The file is damaged: it is put aside when graphtop next records."""


class NewerHistory(HistoryError):
    """The file was written by a newer graphtop, and is left alone."""


def open_history(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the history, and make it where there is none and it may be written. Raises HistoryError.

    The connection may be used in any one thread at a time; transactions are begun by hand.
    """
    with _explained(path):
        return _open_checked(path, read_only=read_only)


def put_history_aside(path: Path, found: tuple[int, int] | None) -> Path | None:
    """Rename a damaged history, with what SQLite keeps beside it; returns its new path. Raises HistoryError.

    None where another graphtop does so: the file that was `found` damaged, as `identify_history` names it, is
    no longer there.
    """
    with _explained(path), open_state_folder(path.parent) as folder:
        ends = time.monotonic() + LOCK_SECONDS
        while not try_lock(folder):
            if time.monotonic() > ends:
                return None
            time.sleep(0.01)
        if found is None or identify_history(path) != found:
            return None
        aside = _choose_aside(path)
        for ending in reversed(_SIDE_FILES):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
        return aside


def ask_for_check(path: Path) -> None:
    """Have the next graphtop that writes look at the whole file, of which a reader found a part damaged."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(OSError), open_state_folder(path.parent) as folder:
        os.close(os.open(f"{path.name}{_CHECK}", flags, PRIVATE_MODE, dir_fd=folder))


def check_where_asked(path: Path, connection: sqlite3.Connection) -> None:
    """Look at the whole file where a reader asked for it. Raises DamagedHistory, and sqlite3.Error."""
    asked = path.with_name(f"{path.name}{_CHECK}")
    if not os.path.lexists(asked):
        return
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
    finally:
        with suppress(OSError):
            asked.unlink()
    if found != ("ok",):
        raise DamagedHistory(f"The history {path} is damaged.")


def identify_history(path: Path) -> tuple[int, int] | None:
    """Which file is at a path now (device and inode); None where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def explain_history_error(path: Path, error: Exception) -> HistoryError:
    """An error of SQLite or of the system as one that says what it means for a person."""
    if isinstance(error, HistoryError):
        return error
    code = getattr(error, "sqlite_errorcode", None)
    if _tells_damage(error, code):
        return DamagedHistory(f"The history {path} is damaged.")
    why = _REASONS.get(code & 0xFF) if code is not None else None
    if why is None:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        # Errors of the system begin with a capital letter.
        why = why[:1].lower() + why[1:]
    return HistoryError(f"The history {path} can't be used: {why}.")


def _tells_damage(error: Exception, code: int | None) -> bool:
    if isinstance(error, (UnicodeDecodeError, msgspec.ValidationError)):
        return True
    if isinstance(error, sqlite3.Error) and any(words in str(error) for words in _DAMAGED_WORDS):
        return True
    return code is not None and (code & 0xFF in _DAMAGE or code == _SHORT_READ)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except HISTORY_ERRORS as error:
        raise explain_history_error(path, error) from error


def _choose_aside(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in range(1, ASIDE_MOST + 1))
    last = path
    for last in names:
        if not os.path.lexists(last):
            break
    return last


def _open_checked(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if not read_only:
        make_state_folder(path.parent)
    elif not _is_there(path):
        raise NoHistoryYet(f"There is no history yet: {path} is written while graphtop watches tasks.")
    with open_state_folder(path.parent) as folder:
        if not read_only:
            _make_file(path, folder)
        before = _check_files(path, folder, may_mend=not read_only)
        connection = _connect(path, read_only=read_only)
        try:
            # SQLite opens by name, so that it is looked at afterwards what the name led to.
            if _check_files(path, folder, may_mend=False) != before:
                raise HistoryError(f"The history {path} was replaced while it was opened. Try again.")
            _prepare(connection, path, read_only=read_only)
        except BaseException:
            connection.close()
            raise
        return connection


def _is_there(path: Path) -> bool:
    """Whether there is a file. Raises OSError where that can't be found out."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _make_file(path: Path, folder: int) -> None:
    """Make an empty file, which SQLite takes for a new database, with a mode of its own."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileExistsError):
        os.close(os.open(path.name, flags, PRIVATE_MODE, dir_fd=folder))


def _check_files(path: Path, folder: int, *, may_mend: bool) -> tuple[int, int]:
    """Raise OSError if the file, or one that SQLite keeps beside it, isn't this user's alone."""
    for ending in reversed(_SIDE_FILES):
        try:
            status = os.lstat(path.name + ending, dir_fd=folder)
        except FileNotFoundError:
            if not ending:
                raise
            continue
        _check_status(status)
        if may_mend and status.st_mode & 0o077:
            os.chmod(path.name + ending, PRIVATE_MODE, dir_fd=folder)
    return status.st_dev, status.st_ino


def _check_status(status: os.stat_result) -> None:
    why = ""
    if stat.S_ISLNK(status.st_mode):
        why = "it is a symbolic link"
    elif not stat.S_ISREG(status.st_mode):
        why = "it is not a regular file"
    elif status.st_uid != os.geteuid():
        why = f"it {describe_owner(status)}"
    elif status.st_nlink > 1:
        why = "it has more than one hard link"
    if why:
        raise OSError(errno.EPERM, why)


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rw"
    if read_only and not os.access(path.parent, os.W_OK) and not _has_unmerged(path):
        # SQLite could not make the files that several processes share; nobody else writes there either.
        mode += "&immutable=1"
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=BUSY_MILLIS / 1000,
        isolation_level=None,
        check_same_thread=False,
    )


def _has_unmerged(path: Path) -> bool:
    """Whether SQLite keeps some of a file's contents beside it still, as when its writer was killed."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


def _prepare(connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    """Set how a connection works, and bring its file to the version known here."""
    # Asked first: whoever makes the tables sets the version with them.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    version = _read_version(connection)
    if version == 0 and tables:
        raise HistoryError(
            f"The history {path} can't be used: it is another program's database."
            " Name another file in GRAPHTOP_HISTORY."
        )
    if read_only and version == 0:
        raise NoHistoryYet(f"There is no history yet: {path} is empty.")
    if version > SCHEMA_VERSION:
        raise NewerHistory(
            f"The history {path} was written by a newer graphtop, so this one leaves it alone."
            " Update graphtop, or name another file in GRAPHTOP_HISTORY."
        )
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    if version == 0:
        for pragma in FIRST_PRAGMAS:
            connection.execute(pragma)
    connection.execute("PRAGMA journal_mode = WAL")
    # A power cut may lose the last seconds, but never damages the file.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA journal_size_limit = 4194304")
    connection.execute("PRAGMA cache_size = -1024")
    if version < SCHEMA_VERSION:
        _migrate(connection)


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another graphtop may have done it meanwhile.
        for version in range(_read_version(connection), SCHEMA_VERSION):
            for statement in MIGRATIONS[version]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _read_version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
