"""Creates a computer job: checked first, then sent in the form that the server has."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from backend_adapters.errors import BadValue, Refused
from backend_adapters.hugegraph.actions import CAP, new_id
from backend_adapters.hugegraph.client import Link
from backend_adapters.hugegraph.computer import probe
from backend_adapters.hugegraph.computer.algorithms import WORKER, Job, find, knobs_of, older_name
from backend_adapters.hugegraph.computer.probe import Form
from backend_adapters.model import TaskId
from backend_adapters.transport.error_body import Reply

_NO_SUCH_METHOD = 405
"""Form A has nothing to POST at form B's path, and the other way round; nothing has happened then."""

_OTHER = {Form.A: Form.B, Form.B: Form.A}


class Created(Struct, frozen=True):
    """A new job, and the form that the server turned out to have."""

    task_id: TaskId
    form: Form


async def create(link: Link, form: Form, recipe: str, values: Mapping[str, str]) -> Created:
    """Send a new job, once; a second time in the other form when the server has no such method."""
    space = link.paths.graphspace
    reply = await _post(link, form, checked(recipe, values, form, space))
    if reply.code == _NO_SUCH_METHOD:
        form = _OTHER[form]
        reply = await _post(link, form, checked(recipe, values, form, space))
    try:
        return Created(new_id(await probe.good(link, reply), link.where), form)
    except Refused as error:
        if "algorithm is not existed" in str(error):
            error.hint = f"The server's setting k8s.algorithms does not name {recipe}."
        raise


def checked(recipe: str, values: Mapping[str, str], form: Form, graphspace: str | None) -> Job:
    """The job that these values make; raises BadValue, which names the parameter.

    Form A can be told of no parameters; those that stand at their defaults are left out there.
    """
    algorithm = find(recipe, form)
    knobs = {knob.name: knob for knob in knobs_of(algorithm, form, graphspace)}
    unread = {knob.name: knob.param.default for knob in knobs_of(algorithm, Form.B, graphspace)}
    for name in values.keys() - knobs.keys():
        if form is Form.B or name not in unread:
            raise BadValue(f"{recipe} has no parameter '{name}'.", param=name)
        if values[name].strip() not in ("", unread[name]):
            raise BadValue(f"This server's older computer jobs can't be told {name}.", param=name)
    given = {
        name: knob.checked(values.get(name, knob.param.default if name == WORKER else ""))
        for name, knob in knobs.items()
    }
    params = {name: value for name, value in given.items() if value and name != WORKER}
    return Job(algorithm, int(given[WORKER]), params)


async def _post(link: Link, form: Form, job: Job) -> Reply:
    """One request."""
    path = link.paths.computer_jobs
    if form is Form.A:
        path = link.paths.computer_algorithm(older_name(job.algorithm))
    return await link.transport.send("POST", path, json=job.body(form), cap=CAP)
