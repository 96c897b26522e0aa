"""The files of an import: a schema, then vertices, then edges, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_adapters.simulator.deterministic_random import draw_number, pick_option
from backend_adapters.simulator.ges.records import GesJob, ImportFile, ImportSection

_BUCKETS = ("lake", "dwh-export", "graph-landing", "etl-out")
_THEMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fraud_ring": (("accounts", "devices", "merchants"), ("transfers", "logins", "shares_device")),
    "supply_chain": (("suppliers", "parts", "ports"), ("component_of", "ships_to", "rated_by")),
    "movie_recs": (("movies", "users"), ("rates", "watched", "follows")),
    "knowledge_base": (("entities", "documents"), ("mentions", "same_as", "part_of")),
    "供应链_华东": (("供应商", "零件"), ("供应", "运输")),
    "telecom_topology": (("cells", "routers", "subscribers"), ("links", "roams_to")),
}
_OTHER = (("vertices",), ("edges",))
_CAUSES = (
    "label is not in the schema",
    "the source vertex does not exist",
    "wrong number of columns",
    "property value is not a date",
)
_REFUSED = ("schema check failed", "file not found in OBS", "too many failed lines")


@dataclass(frozen=True, slots=True)
class _ChosenFile:
    section: ImportSection
    name: str
    lines: int


def list_import_files(job: GesJob) -> tuple[ImportFile, ...]:
    """The files of an import, with the outcome of each."""
    if job.files is None:
        job.files = tuple(_plan_files(job))
    return job.files


def _plan_files(job: GesJob) -> Iterator[ImportFile]:
    files = list(_choose_files(job))
    total = sum(_file_effort(file) for file in files)
    bad = _pick_bad_file(job, files)
    done = 0
    folder = f"{pick_option(job.salt, 71, _BUCKETS)}/{job.graph.name}"
    for index, file in enumerate(files):
        begins, done = done / total, done + _file_effort(file)
        yield _plan_file(job, file, folder, (begins, done / total), bad=index == bad)
        if index == bad and job.outcome == "failed":
            return


def _choose_files(job: GesJob) -> Iterator[_ChosenFile]:
    vertices, edges = _THEMES.get(job.graph.name, _OTHER)
    kinds = draw_number(job.salt, 72, 1, 10)
    if kinds > 3:  # some imports have no schema, as later ones into a graph
        yield _ChosenFile("schemaPath", "schema.xml", 0)
    if kinds > 2:
        for number in range(draw_number(job.salt, 73, 1, len(vertices))):
            yield _ChosenFile("vertexsetPath", f"{vertices[number]}.csv", _draw_lines(job, 80 + number))
    for number in range(draw_number(job.salt, 74, 1, len(edges))):
        yield _ChosenFile("edgesetPath", f"{edges[number]}.csv", _draw_lines(job, 90 + number))


def _draw_lines(job: GesJob, throw: int) -> int:
    """A number of lines between hundreds and millions."""
    zeros: int = 10 ** draw_number(job.salt, throw + 20, 0, 4)
    return draw_number(job.salt, throw, 100, 999) * zeros


def _file_effort(file: _ChosenFile) -> int:
    """How much of the import's time a file takes, in arbitrary units; opening it takes some, too."""
    return 20_000 + file.lines


def _pick_bad_file(job: GesJob, files: list[_ChosenFile]) -> int | None:
    """The index of the file that fails, if one does: never the schema of an import that partly succeeds."""
    if job.outcome == "success":
        return None
    first = 0 if job.outcome == "failed" or files[0].section != "schemaPath" else 1
    return draw_number(job.salt, 75, first, len(files) - 1)


def _plan_file(
    job: GesJob, file: _ChosenFile, folder: str, share: tuple[float, float], *, bad: bool
) -> ImportFile:
    counts = job.graph.counts_lines
    whole = job.outcome == "failed"
    failed = (
        0 if not bad else file.lines if whole else draw_number(job.salt, 76, 1, min(file.lines // 20, 5000))
    )
    # A schema has no log, and old engines count no lines.
    return ImportFile(
        section=file.section,
        path=f"{folder}/{file.name}",
        log=None if file.section == "schemaPath" else f"{folder}/log/",
        lines=file.lines if counts else -1,
        failed=failed if counts else -1,
        cause=pick_option(job.salt, 77, _REFUSED if whole else _CAUSES) if bad else None,
        begins=share[0],
        ends=share[1],
        outcome="success" if not bad else "failed" if whole else "partFailed",
    )
