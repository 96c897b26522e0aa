"""The reason of a failed job, as far as its record tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend_adapters.ges.import_files import FILE_LISTS, find_file_lists, list_files
from backend_adapters.redaction import mask_beginning

REASON_LENGTH = 500
"""Characters of a reason at the most."""
_READ_LENGTH = 4 * REASON_LENGTH


def find_fail_reason(record: Mapping[str, object]) -> str | None:
    """The first line of why a job failed, secrets hidden; of an import the cause of its first bad file.

    Empty where the server says that it has no reason, None where it says nothing: the job's detail may.
    """
    told = record.get("failReason")
    reason = told if isinstance(told, str) and told.strip() else next(_find_causes(record), "")
    if not reason and "failReason" not in record:
        return None
    lines = mask_beginning(reason, _READ_LENGTH).split("\n")
    return next((line.strip() for line in lines if line.strip()), "")[:REASON_LENGTH]


def _find_causes(record: Mapping[str, object]) -> Iterator[str]:
    """The causes of an import's files that were not read well."""
    for file in list_files(find_file_lists(record) or {}, FILE_LISTS):
        cause = file.get("cause")
        if isinstance(cause, str) and cause.strip():
            yield cause
