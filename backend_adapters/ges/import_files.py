"""The files of an import, as the detail of its job lists them in either spelling of the keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

FILE_LISTS = (
    *("schemaPath", "vertexsetPath", "edgesetPath"),
    *("schema_path", "vertexset_path", "edgeset_path"),
)
"""The keys of all lists of files."""
LINE_LISTS = tuple(name for name in FILE_LISTS if not name.startswith("schema"))
"""The keys of those whose files have lines that are counted."""


def find_file_lists(record: Mapping[str, object]) -> Mapping[str, object] | None:
    """The lists of a job's files, as the jobs center or as one graph tells them; None for another job."""
    lists = record.get("jobDetail") or record.get("files")
    return lists if isinstance(lists, dict) else None


def list_files(lists: Mapping[str, object], names: tuple[str, ...]) -> Iterator[Mapping[str, object]]:
    """The files in those of the lists that have one of the names."""
    for name in names:
        files = lists.get(name)
        yield from (file for file in files if isinstance(file, dict)) if isinstance(files, list) else ()
