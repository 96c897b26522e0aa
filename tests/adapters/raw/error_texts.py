"""What servers say in many cases."""

from __future__ import annotations

EMPTY_BODY = "IllegalArgumentException: The request body can't be empty"
NOT_ACCEPTABLE = "NotAcceptableException: HTTP 406 Not Acceptable"
NOT_ALLOWED = "NotAllowedException: HTTP 405 Method Not Allowed"
NOT_FOUND = "NotFoundException: HTTP 404 Not Found"
NOT_SUPPORTED = "NotSupportedException: HTTP 415 Unsupported Media Type"
NO_GREMLIN = "IllegalArgumentException: The gremlin parameter can't be null"
NO_PATH = "ParamException$PathParamException: HTTP 404 Not Found"
NO_QUERY = "ParamException$QueryParamException: HTTP 404 Not Found"
NULL = "NullPointerException"
STORE = "HugeException: Failed to update/query TaskStore: ExecutionException: "
STATUSES = (
    "IllegalArgumentException: Status value must be in [UNKNOWN, NEW, SCHEDULING, SCHEDULED, QUEUED, "
    "RESTORING, RUNNING, SUCCESS, CANCELLING, CANCELLED, FAILED, HANGING, DELETING], but got "
)
