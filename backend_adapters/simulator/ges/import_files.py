"""The files of an import: a schema, then vertices, then edges, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_adapters.simulator.deterministic_random import draw, pick
from backend_adapters.simulator.ges.records import Job, Load, Section

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
class _File:
    section: Section
    name: str
    lines: int


def loads_of(job: Job) -> tuple[Load, ...]:
    """The files of an import, with what each of them will come to in the end."""
    if job.loads is None:
        job.loads = tuple(_loads(job))
    return job.loads


def _loads(job: Job) -> Iterator[Load]:
    files = list(_files(job))
    total = sum(_effort(file) for file in files)
    bad = _bad_file(job, files)
    done = 0
    folder = f"{pick(job.salt, 71, _BUCKETS)}/{job.graph.name}"
    for index, file in enumerate(files):
        begins, done = done / total, done + _effort(file)
        yield _load(job, file, folder, (begins, done / total), bad=index == bad)
        if index == bad and job.fate == "failed":
            return


def _files(job: Job) -> Iterator[_File]:
    vertices, edges = _THEMES.get(job.graph.name, _OTHER)
    kinds = draw(job.salt, 72, 1, 10)
    if kinds > 3:  # the first import of a graph brings its schema, later ones may not
        yield _File("schemaPath", "schema.xml", 0)
    if kinds > 2:
        for number in range(draw(job.salt, 73, 1, len(vertices))):
            yield _File("vertexsetPath", f"{vertices[number]}.csv", _lines(job, 80 + number))
    for number in range(draw(job.salt, 74, 1, len(edges))):
        yield _File("edgesetPath", f"{edges[number]}.csv", _lines(job, 90 + number))


def _lines(job: Job, throw: int) -> int:
    """A number of lines, of any size from hundreds to millions."""
    zeros: int = 10 ** draw(job.salt, throw + 20, 0, 4)
    return draw(job.salt, throw, 100, 999) * zeros


def _effort(file: _File) -> int:
    """How long a file takes, in some unit: it begins with the opening."""
    return 20_000 + file.lines


def _bad_file(job: Job, files: list[_File]) -> int | None:
    """Which file is to blame, if one is: never the schema of an import that is half done."""
    if job.fate == "success":
        return None
    first = 0 if job.fate == "failed" or files[0].section != "schemaPath" else 1
    return draw(job.salt, 75, first, len(files) - 1)


def _load(job: Job, file: _File, folder: str, share: tuple[float, float], *, bad: bool) -> Load:
    counts = job.graph.counts
    whole = job.fate == "failed"
    failed = 0 if not bad else file.lines if whole else draw(job.salt, 76, 1, min(file.lines // 20, 5000))
    # A schema has no log; the lines of an old engine are not counted.
    return Load(
        section=file.section,
        path=f"{folder}/{file.name}",
        log=None if file.section == "schemaPath" else f"{folder}/log/",
        lines=file.lines if counts else -1,
        failed=failed if counts else -1,
        cause=_cause(job) if bad else None,
        begins=share[0],
        ends=share[1],
        fate="success" if not bad else "failed" if whole else "partFailed",
    )


def _cause(job: Job) -> str:
    return pick(job.salt, 77, _REFUSED if job.fate == "failed" else _CAUSES)
