"""The tokens of pages: base64 of an offset and of the position where the page begins (PageInfo)."""

from __future__ import annotations

import base64
import binascii
import struct

from backend_adapters.simulator.hugegraph.records import STATUS_ORDER

_OFFSET = struct.Struct(">i")
_STATE = struct.Struct(">B 10s B q i i")
"""The length of the position, the index, the mark of a long id, the id, an offset and a limit."""

_POSITION_LENGTH = 19


def make_page_token(status: str | None, first: int, limit: int) -> str:
    """Make the token of the page that begins with the position or id `first`."""
    state = _STATE.pack(_POSITION_LENGTH, _index_name(status), 8, first, 0, limit)
    return base64.b64encode(_OFFSET.pack(0) + bytes([len(state)]) + state).decode()


def read_page_start(token: str, status: str | None) -> int | None:
    """The position or id with which a token's page begins; None if the token is for another status.

    Raises:
        ValueError: If it isn't a token; the message is the server's exception and its text.
    """
    raw = _decode_token(token)
    if not raw:
        return 0
    length = raw[_OFFSET.size] if len(raw) > _OFFSET.size else -1
    state = raw[_OFFSET.size + 1 :][: max(length, 0)]
    if len(state) != length or length > 0x7F or _OFFSET.unpack_from(raw)[0] < 0:
        raise _invalid_page(f"'0x{raw.hex()}'")
    offset = _OFFSET.unpack_from(raw)[0]
    if offset:
        raise ValueError(
            f"java.lang.IllegalStateException: Invalid page '{token}' with an offset '{offset}' "
            "exceeds the size of IdHolderList"
        )
    return _read_state(state, status) if state else 0


def _read_state(state: bytes, status: str | None) -> int | None:
    if len(state) != _STATE.size or state[0] != _POSITION_LENGTH:
        raise ValueError(f"org.apache.hugegraph.backend.BackendException: Invalid page: '0x{state.hex()}'")
    _, index, _, first, _, _ = _STATE.unpack(state)
    return int(first) if index == _index_name(status) else None


def _decode_token(token: str) -> bytes:
    """Decode a token, which may lack the padding at its end."""
    padded = token if "=" in token else token + "=" * (-len(token) % 4)
    try:
        return base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid_page(f"'{token}'") from None


def _invalid_page(shown: str) -> ValueError:
    return ValueError(f"org.apache.hugegraph.HugeException: Invalid page: {shown}")


def _index_name(status: str | None) -> bytes:
    return b"VI:-1:-F\0\0" if status is None else b"SI:-G:%02d\0" % STATUS_ORDER.index(status)
