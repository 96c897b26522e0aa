r"""The filter's grammar: what a person types after `/`, as a test on tasks.

Terms are separated by spaces and all must hold::

    rebuild              the name, type, id, status or fault holds this, in any case
    "two words"          the same, with a space in it
    !rebuild             holds it not
    /^g\.V\(.*count/     a regular expression on the same texts
    status=failed,cancelled   type=gremlin   graph=x   server=server-1   id=42   name=count
    status!=success      none of these
    status=active,waiting,finished   groups: what has not ended, has not begun, has ended
    status=partial       what failed in part only; failed holds it, too
    status=unreadable    what the server fails over; active and finished hold such a task, too, by what it
                         was when it was last read, while failed (and every other status) is just that
    age>1h  took>=10m  took<5s   retries>0  progress>1000
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from msgspec import Struct

from backend_adapters.model import FAILURES, FINISHED, WAITING, Millis, Task, TaskStatus
from tui.fields import FILTERS

Test: TypeAlias = Callable[[Task, Millis], bool]
"""A test of one task at a moment."""

Place: TypeAlias = tuple[int, int]
"""A place in the text: position and length."""

TEXT_KEYS = tuple(key for key, rule in FILTERS.items() if rule.compares_texts)
NUMBER_KEYS = tuple(key for key, rule in FILTERS.items() if not rule.compares_texts)
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "!=": operator.ne,
    "=": operator.eq,
}
UNITS: dict[str, Millis] = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}

LONGEST = 10_000
"""Characters of a name or a fault that are searched; servers have sent names of a megabyte."""
TOO_SLOW = "This regular expression takes too long; one without nested repeats is quicker"

GROUPS = {
    "active": frozenset(TaskStatus) - FINISHED - {TaskStatus.UNREADABLE},
    "waiting": WAITING,
    "finished": FINISHED,
}
"""Words for several statuses."""

_TIMED = re.compile(
    rf"!*({'|'.join(key for key, rule in FILTERS.items() if rule.kind == 'duration')})[<>=!]", re.IGNORECASE
)
"""A term whose outcome changes as time goes by."""
_KEYED = re.compile(r"(?P<key>[a-zA-Z]+)(?P<op>>=|<=|!=|=|>|<)(?P<value>.*)", re.DOTALL)
_DURATION = re.compile(r"(?:\d{1,9}[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")


class FilterError(ValueError):
    """The text is no filter; `position` and `length` point at the place in it."""

    def __init__(self, message: str, position: int, length: int) -> None:
        super().__init__(message)
        self.position = position
        self.length = length


class Filter(Struct, frozen=True):
    """A parsed filter. Call it with a task and the moment."""

    text: str = ""
    tests: tuple[Test, ...] = ()
    timed: bool = False
    """The outcome for one and the same task can change as time goes by."""
    slow: Place | None = None
    """Where a regular expression stands: no other test can take long."""

    def __call__(self, task: Task, now: Millis) -> bool:
        """Whether the task passes."""
        return all(test(task, now) for test in self.tests)

    def passing(self, tasks: Sequence[Task], now: Millis) -> Sequence[Task]:
        """Those of the tasks that pass."""
        for test in self.tests:
            tasks = [task for task in tasks if test(task, now)]
        return tasks

    def too_slow(self) -> FilterError:
        """What to say when it has been ended because it took too long."""
        position, length = self.slow or (0, len(self.text))
        return FilterError(TOO_SLOW, position, length)

    def __bool__(self) -> bool:
        """Whether it can hide anything."""
        return bool(self.tests)


def parse(text: str) -> Filter:
    """Read a filter. Raises FilterError, which points at the place."""
    tests: list[Test] = []
    timed = False
    slow: Place | None = None
    for term, position in _terms(text):
        tests.append(_term(term, position))
        timed = timed or _TIMED.match(term) is not None
        if term.lstrip("!").startswith("/"):
            slow = slow or (position, len(term))
    return Filter(text.strip(), tuple(tests), timed, slow)


def _terms(text: str) -> list[tuple[str, int]]:
    """Split at spaces outside of quotes and of /…/; each term comes with its place."""
    terms: list[tuple[str, int]] = []
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace():
            at += 1
            continue
        stop = _term_end(text, at)
        terms.append((text[at:stop], at))
        at = stop
    return terms


def _term_end(text: str, start: int) -> int:
    """Where the term that begins at `start` ends."""
    at = start
    while text.startswith("!", at):
        at += 1
    if text.startswith("/", at):
        closing = re.compile(r"(?<!\\)/(?=\s|$)").search(text, at + 1)
        if closing is None:
            raise FilterError("The regular expression has no closing /", start, len(text) - start)
        return closing.end()
    quoted = False
    while at < len(text) and (quoted or not text[at].isspace()):
        quoted ^= text[at] == '"'
        at += 1
    if quoted:
        raise FilterError('The text has no closing "', start, len(text) - start)
    return at


def _term(term: str, position: int) -> Test:
    """One term as a test; a lone ! is a text like any other."""
    bare = term.lstrip("!") or "!"
    negations = len(term) - len(bare)
    test = _bare(bare, position + negations)
    return (lambda task, now: not test(task, now)) if negations % 2 else test


def _bare(term: str, position: int) -> Test:
    """A term without its negations as a test."""
    if term.startswith("/"):
        return _regex(term, position)
    keyed = _KEYED.fullmatch(term)
    if keyed is not None:
        return _keyed(keyed, position)
    _check_slip(term, position)
    needle = term.replace('"', "").casefold()
    return lambda task, _: needle in _haystack(task).casefold()


def _check_slip(term: str, position: int) -> None:
    """Point at what nobody searches for as a text: `age > 1h`, `status:failed`."""
    if re.fullmatch(r"[<>=!]{1,2}", term) and term != "!":
        raise FilterError("Write it without spaces, as age>1h", position, len(term))
    key, colon, value = term.partition(":")
    rule = FILTERS.get(key.lower())
    if colon and value and rule is not None and rule.colon_is_slip:
        raise FilterError(f"Write {key}={value}", position, len(key) + 1)


def _haystack(task: Task) -> str:
    return f"{task.id}\n{task.name[:LONGEST]}\n{task.type}\n{task.word}\n{(task.fault or '')[:LONGEST]}"


def _regex(term: str, position: int) -> Test:
    try:
        with warnings.catch_warnings():
            # Python warns of patterns that may mean something else one day; nobody sees that here.
            warnings.simplefilter("ignore")
            pattern = re.compile(term[1:-1].replace(r"\/", "/"), re.IGNORECASE | re.MULTILINE)
    except (OverflowError, RecursionError) as error:
        raise FilterError("The regular expression is too large", position, len(term)) from error
    except re.error as error:
        place = position + 1 + (error.pos or 0)
        raise FilterError(f"Not a regular expression: {error.msg}", place, 1) from error
    search = pattern.search
    return lambda task, _: search(_haystack(task)) is not None


def _keyed(match: re.Match[str], position: int) -> Test:
    key, op, value = match["key"].lower(), match["op"], match["value"].replace('"', "")
    place = (position + match.start("value"), len(match["value"]))
    if not match["value"]:
        place = (position, len(match[0]))
    if key in NUMBER_KEYS:
        return _number(key, op, value, place)
    if key in TEXT_KEYS and op in ("=", "!="):
        return _words(key, value, place, negate=op == "!=")
    if key in TEXT_KEYS:
        raise FilterError(f"{key} can be compared with = and != only", position, len(match[0]))
    known = ", ".join(TEXT_KEYS + NUMBER_KEYS)
    raise FilterError(f'There is no field "{key}": use {known}', position, len(match["key"]))


def _words(key: str, value: str, place: Place, *, negate: bool) -> Test:
    words = [word.casefold() for word in value.split(",") if word]
    if not words:
        raise FilterError(f"{key}= needs a value", *place)
    test = _status(words, place) if key == "status" else _field(key, words)
    return (lambda task, now: not test(task, now)) if negate else test


def _status(words: list[str], place: Place) -> Test:
    _check_spelling(words, [*GROUPS, *(status.value for status in TaskStatus)], place)
    wanted = {status for word in words for status in statuses_of(word)}
    # Of one that waited when it was last read nobody knows that it still waits.
    was = {status for word in words if word != "waiting" for status in GROUPS.get(word, ())}
    return lambda task, _: task.status in wanted or task.before in was or task.word.casefold() in words


def statuses_of(word: str) -> frozenset[TaskStatus]:
    """What a word means: one status, those of a group, or none where only a server may know it.

    `failed` holds what failed in part as well, as the tab does; `partial` is that alone.
    """
    if word == TaskStatus.FAILED.value:
        return FAILURES
    return GROUPS.get(word) or frozenset(status for status in TaskStatus if status.value == word)


def _check_spelling(words: list[str], known: list[str], place: Place) -> None:
    """A server may have words of its own, but what is nearly a known one is a slip."""
    for word in words:
        near = get_close_matches(word, known, n=1, cutoff=0.8)
        if near and word not in known:
            raise FilterError(f'There is no status "{word}"; did you mean {near[0]}?', *place)


def _field(key: str, words: list[str]) -> Test:
    """One of the words is the field's text, stands in it, or begins it before a colon, as its rule says."""
    rule = FILTERS[key]

    def test(task: Task, now: Millis) -> bool:
        text = (rule.value(task, now) or "").casefold()
        if rule.kind == "part":
            return any(word in text for word in words)
        return text in words or (rule.kind == "prefix" and any(text.startswith(f"{word}:") for word in words))

    return test


def _number(key: str, op: str, value: str, place: Place) -> Test:
    compare = COMPARISONS[op]
    rule = FILTERS[key]
    bound = _duration(key, value, place) if rule.kind == "duration" else _whole(key, value, place)

    def test(task: Task, now: Millis) -> bool:
        number = rule.value(task, now)
        return number is not None and compare(number, bound)

    return test


def _duration(key: str, value: str, place: Place) -> Millis:
    if not _DURATION.fullmatch(value):
        raise FilterError(f"{key} needs a duration such as 30s, 10m, 2h30m or 4d", *place)
    return sum(int(number) * UNITS[unit] for number, unit in _PART.findall(value))


def _whole(key: str, value: str, place: Place) -> int:
    if not re.fullmatch(r"\d{1,18}", value):
        raise FilterError(f"{key} needs a whole number", *place)
    return int(value)
