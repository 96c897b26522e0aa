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


def list_files(detail: Mapping[str, object], names: tuple[str, ...]) -> Iterator[Mapping[str, object]]:
    """The files in these lists of an import's detail."""
    for name in names:
        files = detail.get(name)
        yield from (file for file in files if isinstance(file, dict)) if isinstance(files, list) else ()
