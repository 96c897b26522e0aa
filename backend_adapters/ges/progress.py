"""How far a job is: the lines of an import, else its files, or what its engine tells in percent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from backend_adapters.ges.import_files import FILE_LISTS, LINE_LISTS, find_file_lists, list_files
from backend_adapters.ges.messages import parse_status


class JobProgress(NamedTuple):
    """What is done of how much, in a unit for people."""

    done: int | None = None
    total: int | None = None
    unit: str = ""


def find_progress(record: Mapping[str, object], percent: float | None) -> JobProgress:
    """Read how far a job is from its record with the keys of v1, and what its engine told as its progress."""
    lists = find_file_lists(record)
    if lists is not None:
        found = _count_lines(lists) or _count_files(lists)
        if found is not None:
            return found
    if percent is None:
        return JobProgress()
    return JobProgress(round(percent), *((100, "%") if 0 <= percent <= 100 else ()))


def _count_lines(lists: Mapping[str, object]) -> JobProgress | None:
    """The lines of all files; None where the engine does not count those of each."""
    done = total = 0
    for file in list_files(lists, LINE_LISTS):
        lines = _read_number(file, "totalLines", "total_lines")
        if lines is None:
            return None
        total += lines
        done += _read_number(file, "successfulLines", "successful_lines") or 0
        done += _read_number(file, "failedLines", "failed_lines") or 0
    return JobProgress(min(done, total), total, "lines") if total else None


def _read_number(file: Mapping[str, object], *keys: str) -> int | None:
    """A number of lines; None where there is none, or -1 for "not counted"."""
    value = next((file[key] for key in keys if key in file), None)
    return value if isinstance(value, int) and value >= 0 else None


def _count_files(lists: Mapping[str, object]) -> JobProgress | None:
    """The files that have been read, of those that the server lists; None for a single one."""
    words = [file.get("status") for file in list_files(lists, FILE_LISTS)]
    done = sum(_is_read(word) for word in words)
    return JobProgress(done, len(words), "files") if len(words) > 1 else None


def _is_read(word: object) -> bool:
    return isinstance(word, str) and parse_status(word).is_finished
