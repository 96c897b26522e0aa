"""TaskAPI's `…/tasks/{id}/result`: one task's result as a stream, or in pages.

This comes after 1.7, and was read from the source of a pull request, not measured. Status codes and
parameters are those of the source; the texts, the highest limit and the shape of a page are guesses.
"""

from __future__ import annotations

import base64
import binascii
import struct
from zlib import crc32

import msgspec

from backend_adapters.simulator.hugegraph import sample_results, wire
from backend_adapters.simulator.hugegraph.tasks_api import TasksApi

PAGE_ENTRIES_LIMIT = 10_000
"""The largest number of entries in a page."""

_TOKEN = struct.Struct(">qqII")
"""The task, the first entry, the entries of a page, and the checksum of the result."""


class ResultsApi(TasksApi):
    """The requests for the results of one graph's tasks."""

    def read_result(self, task_id: int) -> str:
        """`GET /tasks/{id}/result`: the JSON as it is stored, or `HUGE_RESULT_MARK`."""
        task = self._find_task(task_id)
        if task.status != "success":
            raise _conflict_error(
                f"The result of task '{task_id}' in status {task.status.upper()} can't be read"
            )
        self.check_readable([task])
        result = task.result
        if result is None or (result != sample_results.HUGE_RESULT_MARK and not _is_json(result)):
            raise _conflict_error(f"The result of task '{task_id}' is not valid JSON")
        return result

    def first_page(self, task_id: int, limit: str) -> dict[str, object]:
        """`GET …/result?limit=N` (or `page_size`): the first entries, and the token of the next ones."""
        count = wire.parse_long(limit, query=True)
        if not 1 <= count <= PAGE_ENTRIES_LIMIT:
            raise wire.illegal_argument(f"The limit must be in [1, {PAGE_ENTRIES_LIMIT}], but got {count}")
        return self._cut_page(task_id, self.read_result(task_id), 0, count)

    def next_page(self, task_id: int, token: str) -> dict[str, object]:
        """`GET …/result?page=TOKEN`: the entries after those of the page that had the token."""
        named, first, count, checksum = _read_token(token)
        result = self.read_result(task_id)
        if named != task_id:
            raise wire.illegal_argument(f"Invalid page '{token}' for the result of task '{task_id}'")
        if checksum != crc32(result.encode()):
            raise _conflict_error(f"The result of task '{task_id}' has changed since the page before")
        return self._cut_page(task_id, result, first, count)

    def _cut_page(self, task_id: int, result: str, first: int, count: int) -> dict[str, object]:
        if result == sample_results.HUGE_RESULT_MARK:
            raise wire.JavaError(
                413, "jakarta.ws.rs.ClientErrorException", "The result is too long to be scanned"
            )
        whole = msgspec.json.decode(result)
        end = first + count
        if isinstance(whole, list):
            page: object = whole[first:end]
        elif isinstance(whole, dict):
            page = dict(list(whole.items())[first:end])
        else:
            raise wire.illegal_argument(f"The result of task '{task_id}' is neither an array nor an object")
        token = _make_token(task_id, end, count, result) if end < len(whole) else None
        return {"result": page, "page": token}


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


def _conflict_error(message: str) -> wire.JavaError:
    return wire.JavaError(409, "jakarta.ws.rs.ClientErrorException", message)


def _make_token(task_id: int, first: int, count: int, result: str) -> str:
    return base64.urlsafe_b64encode(_TOKEN.pack(task_id, first, count, crc32(result.encode()))).decode()


def _read_token(token: str) -> tuple[int, int, int, int]:
    """The task, the first entry, the entries of a page and the checksum in a token."""
    try:
        raw = base64.b64decode(token.encode("ascii", "replace"), altchars=b"-_", validate=True)
        task_id, first, count, checksum = _TOKEN.unpack(raw)
    except (binascii.Error, struct.error):
        raise wire.illegal_argument(f"Invalid page '{token}'") from None
    return task_id, first, count, checksum
