"""Requests to create and drop graphs that are refused: nothing changes on the server."""

from __future__ import annotations

from tests.adapters.raw.cases import JSON, Case, Sent
from tests.adapters.raw.error_texts import NOT_SUPPORTED, NULL

_SURE = "confirm_message=I%27m%20sure%20to%20drop%20the%20graph"
_CONFIG = '{"backend":"rocksdb","serializer":"binary","store":"another"}'
_UNSUPPORTED = (415, NOT_SUPPORTED)

CASES = (
    Case(400, "IllegalArgumentException: Please take the message: I'm sure to drop the graph", (
        "DELETE {graph}", "DELETE {graph}?confirm_message=yes", "DELETE {graph}?confirm_message=",
        "DELETE /graphs/nothing",
    )),
    Case(400, "IllegalArgumentException: The graph 'nothing' doesn't exist", (
        f"DELETE /graphs/nothing?{_SURE}",
    )),
    Case(400, "IllegalArgumentException: Required parameter 'backend' is missing or empty", (
        Sent("POST {graph}", JSON, "{}"), Sent("POST {graph}", JSON, '{"backend":""}'),
    ), old=_UNSUPPORTED),
    Case(400, "IllegalArgumentException: Required parameter 'serializer' is missing or empty", (
        Sent("POST {graph}", JSON, '{"backend":"rocksdb"}'),
    ), old=_UNSUPPORTED),
    Case(400, "IllegalArgumentException: Required parameter 'store' is missing or empty", (
        Sent("POST {graph}", JSON, '{"backend":"rocksdb","serializer":"binary"}'),
    ), old=_UNSUPPORTED),
    Case(500, NULL, (Sent("POST /graphs/another", JSON, _CONFIG),), old=_UNSUPPORTED),
)  # fmt: skip
