r"""The filter's grammar: what a person types after `/`, as a test on tasks.

Terms are separated by spaces and all must hold::

    rebuild              the name, type, id, status, fault or reason holds this
    slow stuck problem   the same or, on the screen, something is wrong with the task that is called so
    "two words"          the same, with a space in it
    !rebuild             holds it not
    /^g\.V\(.*count/     a regular expression on the same texts
    status=failed,cancelled   type=gremlin   graph=x   server=server-1   id=42   name=count
    status!=success      none of these
    status=active,waiting,finished   groups: what has not ended, has not begun, has ended
    status=partial       what failed in part only; failed holds it, too
    status=unreadable    what the server fails over; active and finished hold such a task, too, by what it
                         was when it was last read, while failed (and every other status) is just that
    reason=OutOfMemory   the reason of a failure holds this, as far as it has been read
    place=prod           where several places are shown: their short or whole name (prod:DEFAULT/hugegraph),
                         or a part of it behind : or /, begins with this
    profile=prod,stage   graphspace=DEFAULT   dialect=ges   places with exactly this
    age>1h  took>=10m  took<5s   retries>0  progress>1000
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from msgspec import Struct

from backend_adapters.model import FAILURES, FINISHED, NO_EXTRAS, WAITING, Millis, Task, TaskStatus
from tui.field_rules import FilterRule
from tui.fields import FILTERS
from tui.monitor.cooperative import Steps
from tui.monitor.patterns import SEARCH_LIMIT, Pattern, PatternError
from tui.task_name import readable_name
from tui.text import read_duration

Test: TypeAlias = Callable[[Task, Millis], bool]
"""A test of one task at a given time."""

FilterSpan: TypeAlias = tuple[int, int]
"""A part of the text: position and length."""

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

SEARCHED_LENGTH = 10_000
"""Characters of a name or an error that are searched; servers have sent names of a megabyte."""
TOO_SLOW = "This regular expression takes too long; avoid nested repeats"

STATUS_GROUPS = {
    "active": frozenset(TaskStatus) - FINISHED - {TaskStatus.UNREADABLE},
    "waiting": WAITING,
    "finished": FINISHED,
}
"""Words for several statuses."""

FindRule: TypeAlias = Callable[[Task], str]
"""The rule that has found something wrong with a task; empty where none has."""

_STUCK_RULES = frozenset({"stuck", "unscheduled", "lost_server", "restarted", "restored", "silent"})
PROBLEM_WORDS: dict[str, Callable[[str], bool]] = {
    "slow": lambda rule: rule in ("slow", "waiting"),
    "stuck": lambda rule: rule in _STUCK_RULES,
    "problem": bool,
}
"""Words for tasks with problems, and the rules that each of them means."""

_TIMED = re.compile(
    rf"!*({'|'.join(key for key, rule in FILTERS.items() if rule.kind == 'duration')})[<>=!]", re.IGNORECASE
)
"""A term whose outcome depends on the time."""
_OF_REASONS = re.compile(r"!*reason!?=", re.IGNORECASE)
"""A term whose outcome depends on the reason of a failure alone."""
_KEYED = re.compile(r"(?P<key>[a-zA-Z]+)(?P<op>>=|<=|!=|=|>|<)(?P<value>.*)", re.DOTALL)


class FilterError(ValueError):
    """The text is not a valid filter; `position` and `length` point at the mistake."""

    def __init__(self, message: str, position: int, length: int) -> None:
        super().__init__(message)
        self.position = position
        self.length = length


class PatternTest(Struct, frozen=True):
    """A test by a regular expression, which can take milliseconds for each task."""

    pattern: Pattern
    wanted: bool
    """Whether it must match."""
    span: FilterSpan

    def __call__(self, task: Task, _: Millis) -> bool:
        """Whether the task passes. Raises FilterError if that takes too long."""
        try:
            return self.pattern.is_found_in(_pattern_text(task)) is self.wanted
        except TimeoutError:
            raise FilterError(TOO_SLOW, *self.span) from None

    def select_tasks(self, tasks: Sequence[Task]) -> Steps[Sequence[Task]]:
        """Those of at most 250 tasks that pass. Raises FilterError if that takes too long."""
        try:
            found = yield from self.pattern.search_texts([_pattern_text(task) for task in tasks])
        except TimeoutError:
            raise FilterError(TOO_SLOW, *self.span) from None
        return [task for task, match in zip(tasks, found, strict=True) if match is self.wanted]


class Filter(Struct, frozen=True):
    """A parsed filter. Call it with a task and the current time."""

    text: str = ""
    tests: tuple[Test, ...] = ()
    patterns: tuple[PatternTest, ...] = ()
    depends_on_time: bool = False
    """The outcome for an unchanged task can change with time."""
    names_reasons: bool = False
    """It has a term for reasons alone: `reason=OutOfMemory`."""
    asks_problems: bool = False
    """The outcome for an unchanged task can change with what is found wrong with it."""
    other_tests: tuple[Test, ...] = ()
    """The tests that a reason makes no difference to."""

    def __call__(self, task: Task, now: Millis) -> bool:
        """Whether the task passes. Raises FilterError where a regular expression takes too long."""
        return all(test(task, now) for test in self.tests) and self.matches_patterns(task, now)

    @property
    def searches_reasons(self) -> bool:
        """Whether the outcome for a failed task can change once its reason has been read."""
        return bool(self.patterns) or len(self.other_tests) < len(self.tests)

    def may_match(self, task: Task, now: Millis) -> bool:
        """Whether a failed task would pass with some reason."""
        return all(test(task, now) for test in self.other_tests)

    def matches_patterns(self, task: Task, now: Millis) -> bool:
        """Whether a task passes the regular expressions. Raises FilterError if one takes too long."""
        return all(test(task, now) for test in self.patterns)

    def select_by_patterns(self, tasks: Sequence[Task]) -> Steps[Sequence[Task]]:
        """Those of at most 250 tasks that pass the regular expressions. Raises FilterError as well."""
        for test in self.patterns:
            tasks = yield from test.select_tasks(tasks)
        return tasks

    def pass_quick_tests(self, tasks: Sequence[Task], now: Millis) -> Sequence[Task]:
        """The tasks that pass everything but the regular expressions."""
        for test in self.tests:
            tasks = [task for task in tasks if test(task, now)]
        return tasks

    def __bool__(self) -> bool:
        """Whether it can hide anything."""
        return bool(self.tests or self.patterns)


def compile_filter(
    text: str, search_limit: float = SEARCH_LIMIT, find_rule: FindRule | None = None
) -> Filter:
    """Read a filter, whose regular expressions may take `search_limit` seconds for each task.

    Without `find_rule` the words for problems are like any other. Raises FilterError, which points at the
    mistake.
    """
    tests: list[Test] = []
    others: list[Test] = []
    patterns: list[PatternTest] = []
    timed = names_reasons = asks_problems = False
    for term, position in _split_terms(text):
        is_problem = find_rule is not None and term.lstrip("!").casefold() in PROBLEM_WORDS
        asks_problems = asks_problems or is_problem
        timed = timed or _TIMED.match(term) is not None
        names_reasons = names_reasons or _OF_REASONS.match(term) is not None
        if term.lstrip("!").startswith("/"):
            patterns.append(_parse_pattern(term, position, search_limit))
            continue
        tests.append(_parse_term(term, position, find_rule))
        if _KEYED.fullmatch(term.lstrip("!")) and not _OF_REASONS.match(term):
            others.append(tests[-1])
    return Filter(
        text.strip(),
        tuple(tests),
        tuple(patterns),
        timed,
        names_reasons=names_reasons,
        asks_problems=asks_problems,
        other_tests=tuple(others),
    )


class FilterTerm(Struct, frozen=True):
    """One term of a filter, as it was written."""

    text: str
    key: str
    """The field that it is about, in lower case; empty for free text and for a regular expression."""


def list_terms(wanted: Filter) -> list[FilterTerm]:
    """The terms of a filter, all of which must hold."""
    texts = [term for term, _ in _split_terms(wanted.text)]
    keyed = [_KEYED.fullmatch(text.lstrip("!")) for text in texts]
    return [
        FilterTerm(text, found["key"].lower() if found is not None else "")
        for text, found in zip(texts, keyed, strict=True)
    ]


def list_compared_words(text: str, keys: Collection[str]) -> list[tuple[str, str]]:
    """The words that a valid filter compares these fields with, each with its field: `place`, `prod`."""
    terms = (_KEYED.fullmatch(term.lstrip("!")) for term, _ in _split_terms(text))
    compared = [(term["key"].lower(), term["value"].replace('"', "")) for term in terms if term is not None]
    return [(key, word) for key, value in compared if key in keys for word in value.split(",") if word]


def _split_terms(text: str) -> list[tuple[str, int]]:
    """Split at spaces outside quotes and /…/; returns each term with its position."""
    terms: list[tuple[str, int]] = []
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace():
            at += 1
            continue
        stop = _find_term_end(text, at)
        terms.append((text[at:stop], at))
        at = stop
    return terms


def _find_term_end(text: str, start: int) -> int:
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


def _count_negations(term: str) -> int:
    """The number of ! before a term; a lone ! is ordinary text."""
    return len(term) - len(term.lstrip("!") or "!")


def _parse_term(term: str, position: int, find_rule: FindRule | None) -> Test:
    """One term, other than a regular expression, as a test."""
    negations = _count_negations(term)
    test = _parse_bare_term(term[negations:], position + negations, find_rule)
    return (lambda task, now: not test(task, now)) if negations % 2 else test


def _parse_bare_term(term: str, position: int, find_rule: FindRule | None) -> Test:
    """A term without its negations as a test."""
    keyed = _KEYED.fullmatch(term)
    if keyed is not None:
        return _parse_comparison(keyed, position)
    _check_slip(term, position)
    needle = term.replace('"', "").casefold()
    means = PROBLEM_WORDS.get(term.casefold())
    if find_rule is not None and means is not None:
        return lambda task, _: means(find_rule(task)) or needle in _searched_text(task).casefold()
    return lambda task, _: needle in _searched_text(task).casefold()


def _check_slip(term: str, position: int) -> None:
    """Point at what is hardly meant as text: `age > 1h`, `status:failed`."""
    if re.fullmatch(r"[<>=!]{1,2}", term) and term != "!":
        raise FilterError("Write it without spaces: age>1h", position, len(term))
    key, colon, value = term.partition(":")
    rule = FILTERS.get(key.lower())
    if colon and value and rule is not None and rule.colon_is_slip:
        raise FilterError(f"Write {key}={value}", position, len(key) + 1)


def _searched_text(task: Task) -> str:
    """What free text is searched in; what is shown of the name is a part of it."""
    extras = task.extras
    more = "\n" if extras is NO_EXTRAS else f"{extras.decode_error or ''}\n{extras.reason or ''}"
    text = f"{task.id}\n{task.name}\n{task.type}\n{task.raw_status}\n{more}"
    if len(text) <= SEARCHED_LENGTH:
        return text
    name, fault = task.name[:SEARCHED_LENGTH], (task.decode_error or "")[:SEARCHED_LENGTH]
    more = f"{fault}\n{task.reason or ''}"
    return f"{task.id}\n{name}\n{task.type}\n{task.raw_status}\n{more}"


def _pattern_text(task: Task) -> str:
    """The same for a regular expression, which may say where the shown name begins."""
    text, shown = _searched_text(task), readable_name(task)
    return text if shown == task.name else f"{text}\n{shown[:SEARCHED_LENGTH]}"


def _parse_pattern(term: str, position: int, seconds: float) -> PatternTest:
    """A regular expression that may take so many seconds for each task."""
    negations = _count_negations(term)
    start = position + negations
    try:
        pattern = Pattern(term[negations + 1 : -1].replace(r"\/", "/"), seconds)
    except PatternError as error:
        if error.position is None:
            raise FilterError(str(error), start, len(term) - negations) from error
        raise FilterError(str(error), start + 1 + error.position, 1) from error
    return PatternTest(pattern, negations % 2 == 0, (position, len(term)))


def _parse_comparison(match: re.Match[str], position: int) -> Test:
    key, op, value = match["key"].lower(), match["op"], match["value"].replace('"', "")
    span = (position + match.start("value"), len(match["value"]))
    if not match["value"]:
        span = (position, len(match[0]))
    if key in NUMBER_KEYS:
        return _compare_number(key, op, value, span)
    if key in TEXT_KEYS and op in ("=", "!="):
        return _compare_text(key, value, span, negate=op == "!=")
    if key in TEXT_KEYS:
        raise FilterError(f"{key} can be compared with = and != only", position, len(match[0]))
    fields = (*TEXT_KEYS, *NUMBER_KEYS)
    near = get_close_matches(key, fields, n=1)
    if near:
        words = f'Unknown field "{key}". Did you mean {near[0]}?'
    else:
        words = f'Unknown field "{key}"; use {", ".join(fields)}'
    raise FilterError(words, position, len(match["key"]))


def _compare_text(key: str, value: str, span: FilterSpan, *, negate: bool) -> Test:
    words = [word.casefold() for word in value.split(",") if word]
    if not words:
        raise FilterError(f"{key}= needs a value", *span)
    test = _match_status(words, span) if key == "status" else _match_text(key, words)
    return (lambda task, now: not test(task, now)) if negate else test


def _match_status(words: list[str], span: FilterSpan) -> Test:
    _check_spelling(words, [*STATUS_GROUPS, *(status.value for status in TaskStatus)], span)
    wanted = {status for word in words for status in find_statuses(word)}
    # A task that waited when it was last read need not be waiting still.
    was = {status for word in words if word != "waiting" for status in STATUS_GROUPS.get(word, ())}
    return lambda task, _: (
        task.status in wanted or task.status_before in was or task.raw_status.casefold() in words
    )


def find_statuses(word: str) -> frozenset[TaskStatus]:
    """The statuses a word stands for: one, those of a group, or none if only a server may know it.

    `failed` holds what failed in part as well, as the tab does; `partial` is that alone.
    """
    if word == TaskStatus.FAILED.value:
        return FAILURES
    return STATUS_GROUPS.get(word) or frozenset(status for status in TaskStatus if status.value == word)


def _check_spelling(words: list[str], known: list[str], span: FilterSpan) -> None:
    """Reject near misses of known statuses; other words may be a server's own."""
    for word in words:
        near = get_close_matches(word, known, n=1, cutoff=0.8)
        if near and word not in known:
            raise FilterError(f'Unknown status "{word}". Did you mean {near[0]}?', *span)


def _match_text(key: str, words: list[str]) -> Test:
    """Match a field that equals, contains, or begins with one of the words, depending on its rule."""
    rule = FILTERS[key]
    if rule.kind == "parts":
        return _match_parts(rule, words)

    def test(task: Task, now: Millis) -> bool:
        text = (rule.value(task, now) or "").casefold()
        if rule.kind == "part":
            return any(word in text for word in words)
        return text in words or (rule.kind == "prefix" and any(text.startswith(f"{word}:") for word in words))

    return test


def _match_parts(rule: FilterRule, words: list[str]) -> Test:
    """Match a field of which a name, or a part of one behind `:` or `/`, begins with one of the words."""
    begins = re.compile(rf"(?:^|[:/])(?:{'|'.join(map(re.escape, words))})", re.MULTILINE)
    return lambda task, now: begins.search(rule.value(task, now).casefold()) is not None


def _compare_number(key: str, op: str, value: str, span: FilterSpan) -> Test:
    compare, rule = COMPARISONS[op], FILTERS[key]
    parse = _parse_duration if rule.kind == "duration" else _parse_whole
    bound = parse(key, value, span)

    def test(task: Task, now: Millis) -> bool:
        number = rule.value(task, now)
        return number is not None and compare(number, bound)

    return test


def _parse_duration(key: str, value: str, span: FilterSpan) -> Millis:
    duration = read_duration(value)
    if duration is None:
        raise FilterError(f"{key} needs a duration such as 30s, 10m, 2h30m or 4d", *span)
    return duration


def _parse_whole(key: str, value: str, span: FilterSpan) -> int:
    if not re.fullmatch(r"\d{1,18}", value):
        raise FilterError(f"{key} needs a whole number", *span)
    return int(value)
