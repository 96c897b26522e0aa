"""The shapes of HugeGraph's answers: task maps, page tokens, errors.

Everything here was compared with the answers of a real server 1.7.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from backend_adapters.simulator.hugegraph.records import SimulatedTask

_LONG = re.compile(r"[+-]?\d+")
JAVA_LONG_MAX = 2**63 - 1
_LONG_DIGITS = len(str(JAVA_LONG_MAX))
_TRIMMED = "".join(map(chr, range(33)))
"""What Java's `trim` takes away."""


@dataclass(eq=False)
class JavaError(Exception):
    """An exception inside the server, with all that its answer needs."""

    status: int
    java_class: str
    message: str
    cause: str = ""
    frames: tuple[str, ...] = ()
    """Where it was thrown; errors with frames have a trace on servers that send traces."""
    challenge: str | None = None
    """The value of `WWW-Authenticate`."""

    def to_json(self, *, trace: bool) -> bytes:
        """The JSON of the answer; `trace` is whether the server sends traces."""
        fields: dict[str, object] = {
            "exception": f"class {self.java_class}",
            "message": self.message,
            "cause": self.cause,
        }
        if trace and self.frames:
            fields["trace"] = [*self.frames, *_COMMON_FRAMES]
        return msgspec.json.encode(fields)


_COMMON_FRAMES = (
    "java.base/jdk.internal.reflect.NativeMethodAccessorImpl.invoke0(Native Method)",
    "java.base/jdk.internal.reflect.NativeMethodAccessorImpl.invoke(NativeMethodAccessorImpl.java:77)",
    "java.base/jdk.internal.reflect.DelegatingMethodAccessorImpl.invoke(DelegatingMethodAccessorImpl.java:43)",
    "java.base/java.lang.reflect.Method.invoke(Method.java:569)",
    "org.glassfish.jersey.server.model.internal.ResourceMethodInvocationHandlerFactory"
    ".lambda$static$0(ResourceMethodInvocationHandlerFactory.java:52)",
    "org.glassfish.jersey.server.model.internal.AbstractJavaResourceMethodDispatcher$1.run"
    "(AbstractJavaResourceMethodDispatcher.java:124)",
    "org.glassfish.jersey.server.ServerRuntime$1.run(ServerRuntime.java:255)",
    "org.glassfish.jersey.internal.Errors$1.call(Errors.java:248)",
    "org.glassfish.jersey.server.ApplicationHandler.handle(ApplicationHandler.java:684)",
    "org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpContainer.service(GrizzlyHttpContainer.java:356)",
    "org.glassfish.grizzly.http.server.HttpHandler$1.run(HttpHandler.java:200)",
    "java.base/java.lang.Thread.run(Thread.java:840)",
)

_CHECK = (
    "com.google.common.base.Preconditions.checkArgument(Preconditions.java:167)",
    "org.apache.hugegraph.util.E.checkArgument(E.java:52)",
)


def illegal_argument(message: str, *frames: str) -> JavaError:
    """400: an argument that failed one of the server's checks."""
    return JavaError(400, "java.lang.IllegalArgumentException", message, frames=(*_CHECK, *frames))


def bad_request(message: str) -> JavaError:
    """400 without a trace, as thrown by the resource classes themselves."""
    return JavaError(400, "jakarta.ws.rs.BadRequestException", message)


def null_pointer(message: str, *frames: str) -> JavaError:
    """500: a NullPointerException."""
    return JavaError(500, "java.lang.NullPointerException", message, frames=frames)


def task_not_found(task_id: int) -> JavaError:
    """404: no task has this id."""
    return JavaError(
        404,
        "org.apache.hugegraph.exception.NotFoundException",
        f"Can't find task with id '{task_id}'",
        frames=("org.apache.hugegraph.task.StandardTaskScheduler.findTask(StandardTaskScheduler.java:548)",),
    )


def parse_long(text: str, *, query: bool, nested: bool = False, blank: int | None = None) -> int:
    """Read a Java long in the query or the path, in the digits of any script.

    Args:
        text: The parameter as sent.
        query: Whether it is in the query.
        nested: Whether it is one value of a list.
        blank: The value of a blank text.

    Raises:
        JavaError: 404 if it isn't a long, as in JAX-RS.
    """
    if blank is not None and not text.strip(_TRIMMED):
        return blank
    value = _java_long(text)
    if value is not None:
        return value
    cause = f'java.lang.NumberFormatException: For input string: "{text}"'
    if nested:
        cause = f"org.glassfish.jersey.internal.inject.ExtractorException: {cause}"
    kind = "QueryParamException" if query else "PathParamException"
    raise JavaError(404, f"org.glassfish.jersey.server.ParamException${kind}", "HTTP 404 Not Found", cause)


def _java_long(text: str) -> int | None:
    """The value of Long.parseLong, or None. It reads the digits of all scripts of the basic plane."""
    digits = text.lstrip("+-").lstrip("0")
    if not _LONG.fullmatch(text) or max(text) > "\uffff" or len(digits) > _LONG_DIGITS:
        return None
    value = int(digits or "0") * (-1 if text.startswith("-") else 1)
    return value if -JAVA_LONG_MAX - 1 <= value <= JAVA_LONG_MAX else None


def task_map(
    task: SimulatedTask, now: int, *, detail: bool, fresh: bool, result: bool = True
) -> dict[str, object]:
    """HugeTask.asMap: the keys that have a value; input, result and callable only with `detail`."""
    fields: dict[str, object] = {
        "task_name": task.name,
        "task_progress": task.progress_at(now, fresh=fresh),
        "task_create": task.created,
        "task_status": task.status,
        "task_update": task.updated_at(now),
        "task_result": task.result if detail and result else None,
        "task_retries": task.retries,
        "id": task.id,
        "task_type": task.kind.type,
        "task_callable": task.kind.callable if detail else None,
        "task_input": task.input if detail else None,
        "task_server": task.server,
        "task_description": task.description,
        "task_dependencies": task.dependencies,
    }
    return {key: value for key, value in fields.items() if value is not None}
