"""Creates a computer job: checked first, then sent in the form that the server has."""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.errors import BadValue
from backend_adapters.hugegraph.actions import ANSWER_CAP, read_new_id
from backend_adapters.hugegraph.client import HugeGraphClient
from backend_adapters.hugegraph.computer import probe
from backend_adapters.hugegraph.computer.algorithms import (
    WORKERS_PARAMETER,
    NewJob,
    find_algorithm,
    name_in_form_a,
    parameters_of,
)
from backend_adapters.hugegraph.computer.probe import ComputerForm
from backend_adapters.hugegraph.error_replies import UnknownAlgorithm
from backend_adapters.model import TaskId
from backend_adapters.transport.error_body import Reply

_NO_SUCH_METHOD = 405
"""Form A has nothing to POST at form B's path, and the other way round; nothing has happened then."""

_OTHER_FORM = {ComputerForm.A: ComputerForm.B, ComputerForm.B: ComputerForm.A}


async def create_job(
    client: HugeGraphClient, form: ComputerForm, recipe: str, values: Mapping[str, str]
) -> tuple[TaskId, ComputerForm]:
    """Send a new job, once; a second time in the other form when the server has no such method.

    Returns the new job's id, and the form that the server turned out to have.
    """
    space = client.paths.graphspace
    reply = await _post_job(client, form, check_values(recipe, values, form, space))
    if reply.code == _NO_SUCH_METHOD:
        form = _OTHER_FORM[form]
        reply = await _post_job(client, form, check_values(recipe, values, form, space))
    try:
        return read_new_id(await probe.require_computer_jobs(client, reply), client.where), form
    except UnknownAlgorithm as error:
        error.hint = f"The server's setting k8s.algorithms doesn't include {recipe}."
        raise


def check_values(
    recipe: str, values: Mapping[str, str], form: ComputerForm, graphspace: str | None
) -> NewJob:
    """The job that these values make; raises BadValue, which names the parameter.

    Form A can be told of no parameters; those that stand at their defaults are left out there.
    """
    algorithm = find_algorithm(recipe, form)
    specs = {spec.name: spec for spec in parameters_of(algorithm, form, graphspace)}
    unread = {spec.name: spec.param.default for spec in parameters_of(algorithm, ComputerForm.B, graphspace)}
    for name in values.keys() - specs.keys():
        if form is ComputerForm.B or name not in unread:
            raise BadValue(f'{recipe} has no parameter "{name}".', param=name)
        if values[name].strip() not in ("", unread[name]):
            raise BadValue(f"This server's older computer jobs don't accept {name}.", param=name)
    given = {
        name: spec.check_value(values.get(name, spec.param.default if name == WORKERS_PARAMETER else ""))
        for name, spec in specs.items()
    }
    params = {name: value for name, value in given.items() if value and name != WORKERS_PARAMETER}
    return NewJob(algorithm, int(given[WORKERS_PARAMETER]), params)


async def _post_job(client: HugeGraphClient, form: ComputerForm, job: NewJob) -> Reply:
    """One request."""
    path = client.paths.computer_jobs
    if form is ComputerForm.A:
        path = client.paths.computer_algorithm(name_in_form_a(job.algorithm))
    return await client.transport.send("POST", path, json=job.request_body(form), cap=ANSWER_CAP)
