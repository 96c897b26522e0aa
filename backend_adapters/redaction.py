"""The one set of rules for secrets: hides passwords, tokens and keys in every text that leaves graphtop."""

from __future__ import annotations

from collections.abc import Iterator

from backend_adapters.own_secrets import OWN_SECRETS
from backend_adapters.secret_finder import MASK, Span, find_announced, is_secret_name

_HALF_LENGTH = 256
"""Characters of a cut word that are left out where it may be a secret; of a URL all."""


def mask_secrets(text: str) -> str:
    """Return `text`, JSON or not, with each secret in it replaced by `••••••`.

    A secret is what graphtop was given as one; the value of a key like `token`, `password`, `secret`, `ak`,
    `sig` or `cookie`, also in JSON inside a string or behind `--password`; what `Bearer` or `Basic`
    announces; a JSON web token; the body of a private key; and the password, or the token alone, before the
    host of a URL.
    """
    data = text.encode("utf-8", "surrogatepass")
    spans = find_secrets(data, 0, len(data))
    return mask_spans(data, spans).decode("utf-8", "surrogatepass") if spans else text


def mask_beginning(text: str, most: int) -> str:
    """Return at most so many characters of the beginning of `text`, with its secrets masked.

    No more than four times as many are looked at. What could be the first half of a secret there is left out:
    a secret may be known by what follows it, such as the @ behind a URL's password.
    """
    seen = text[: 4 * most]
    masked = mask_secrets(seen)
    if len(seen) < len(text) and masked:
        word = masked.rsplit(None, 1)[-1] if not masked[-1].isspace() else ""
        half = len(word) if "://" in word else min(len(word), _HALF_LENGTH) if masked != seen else 0
        masked = masked[: len(masked) - half]
    return masked[:most]


def mask_field(name: str, value: str) -> str:
    """Return the value of a field with its secrets masked: all of it where the name announces one."""
    is_secret = value and is_secret_name(name.strip().lower().encode("utf-8", "replace"))
    return MASK if is_secret else mask_secrets(value)


def mask_spans(data: bytes, spans: list[Span]) -> bytes:
    """Return `data` with `spans` replaced; they are in order, and where two overlap the first counts."""
    pieces: list[bytes] = []
    done = 0
    for start, end, instead in spans:
        if start >= done:
            pieces += (data[done:start], instead)
            done = end
    return b"".join((*pieces, data[done:]))


def find_secrets(data: bytes, start: int, end: int, done: int = 0) -> list[Span]:
    """Find the secrets whose key begins in [start, end) of UTF-8 `data`, in order; JSON stays valid JSON.

    Secrets that graphtop was given itself are found by their value. Only those that begin at `done` or later
    are returned: what precedes it is masked, or shown, already.
    """
    announced = find_announced(data, start, end, done)
    own = [(at, to, MASK.encode()) for at, to in OWN_SECRETS.find_places(data, max(start, done), end)]
    return list(_merge_spans(sorted((*announced, *own)))) if own else announced


def _merge_spans(spans: list[Span]) -> Iterator[Span]:
    """Sorted spans, with those joined that overlap, or that touch and have the same replacement."""
    start, end, instead = spans[0]
    for begins, ends, other in spans[1:]:
        if begins > end or (begins == end and other != instead):
            yield start, end, instead
            start, end, instead = begins, ends, other
        end = max(end, ends)
    yield start, end, instead


class SecretTooLong(ValueError):
    """A secret is too long to be masked piece by piece."""


class MaskingStream:
    """Masks the secrets of a text that comes in pieces, as `find_secrets` finds them in the whole."""

    STEP = 1 << 17
    """Bytes that are searched at once: 1-2 ms."""
    AHEAD = 1 << 12
    """Bytes after a key that must have come before it is judged."""
    BEHIND = 1 << 9
    """Bytes before a secret's value within which its key begins."""
    LONGEST = 1 << 18
    """Bytes of one secret at the most."""
    JOINT = 1 << 4
    """Bytes that tell at a secret's end whether it goes on."""

    def __init__(self) -> None:
        self._data = b""
        self._done = 0
        self._enough = self.STEP

    def mask_piece(self, piece: bytes) -> bytes:
        """Take the next piece, and give what is safe to show by now. Raises SecretTooLong."""
        self._data += piece
        if len(self._data) - self._done < self._enough:
            return b""
        return self._mask_until(len(self._data) - max(self.AHEAD, OWN_SECRETS.longest), last=False)

    def mask_rest(self) -> bytes:
        """Give the rest."""
        return self._mask_until(len(self._data), last=True)

    def _mask_until(self, end: int, *, last: bool) -> bytes:
        """Mask the secrets whose keys begin before `end`; one that may go on waits for its end."""
        data, done = self._data, self._done
        # A key may stand at the end of the secret before: `ak=x Bearer y` hides both.
        spans = find_secrets(data, max(0, done - self.BEHIND), end, done)
        self._enough = self.STEP
        if spans and not last and spans[-1][1] >= len(data) - self.JOINT:
            start = spans.pop()[0]
            end = max(spans[-1][1] if spans else done, start - self.BEHIND)
            self._enough = 2 * (len(data) - end)
            if self._enough > 2 * self.LONGEST:
                raise SecretTooLong
        end = max(end, spans[-1][1] if spans else 0)
        given = mask_spans(data[done:end], [(at - done, to - done, text) for at, to, text in spans])
        # What stands before a key tells whether it is one.
        keep = max(0, end - self.BEHIND)
        self._data, self._done = data[keep:], end - keep
        return given
