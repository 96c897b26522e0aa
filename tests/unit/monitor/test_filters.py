"""The filter's grammar and what it means; every mistake points into the text."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend_adapters.model import Place, TaskStatus
from tests.unit.fakes import START, S, task
from tui.monitor.filters import Filter, FilterError, compile_filter

NOW = START + 3_600_000  # an hour after `task` says it was created


def passes(text: str, row=None, now: int = NOW) -> bool:
    return compile_filter(text)(row if row is not None else REBUILD, now)


REBUILD = task(
    42,
    S.FAILED,
    name="Rebuild index: person by ÄGE",
    type="rebuild_index",
    graph="hugegraph",
    server="server-1",
    updated=START + 90_000,
    retries=2,
    progress=500,
    decode_error="field 'x' is no number",
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "rebuild",
        "REBUILD",
        "äge",
        "rebuild_ind",
        "42",
        "fail",
        "number",
        "rebuild person",
        '"index: person"',
        'reb"uild in"dex',
        "!gremlin",
        '!"two words"',
        "!!rebuild",
        '""',
        "/^rebuild/",
        r"/person\s+by/",
        "/PERSON/",
        "!/^person/",
        "/index: person/ !zzz",
        "status=failed",
        "status=success,failed",
        "STATUS=Failed",
        "status=finished",
        "status!=success,active",
        "!status=success",
        'status="failed"',
        "type=rebuild_index",
        "type!=gremlin",
        "graph=hugegraph",
        "server=SERVER-1",
        "id=42",
        "id=1,42",
        "id!=4",
        "name=index",
        "name=zzz,person",
        'name="person by"',
        "age>59m",
        "age=1h",
        "age>=1h",
        "age<=60m",
        "age<1h1s",
        "age!=5s",
        "age<1d",
        "age<1w",
        "took=90s",
        "took>1m",
        "took<=1m30s",
        "retries>1",
        "retries=2",
        "progress>=500",
        "progress!=0",
        "age>0s took<1h",
    ],
)
def test_shows(text):
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "gremlin",
        "rebuild gremlin",
        "!rebuild",
        '"index person"',
        "/^person/",
        "!/person/",
        "status=success",
        "status=active",
        "status=waiting",
        "status!=failed",
        "status!=finished",
        "type=rebuild",
        "type!=rebuild_index",
        "graph=huge",
        "server=server-2",
        "id=4",
        "name=zzz",
        "age>1h",
        "age<1h",
        "age!=60m",
        "took>90s",
        "took<1m",
        "retries>2",
        "retries=0",
        "progress<500",
        "!age=1h",
    ],
)
def test_hides(text):
    assert not passes(text)


@pytest.mark.parametrize(("text", "reason", "unread", "none"), [
    ("reason=outofmemory", True, False, False),
    ("reason=nothing,heap", True, False, False),
    ("reason!=OutOfMemory", False, True, True),
    ("OutOfMemory", True, False, False),
    ("/java heap space$/", True, False, False),
    ("!heap", False, True, True),
    ("reason=npe", False, False, False),
])  # fmt: skip
def test_a_failure_is_found_by_its_reason_once_that_is_known(text, reason, unread, none):
    known = task(1, S.FAILED, reason="OutOfMemoryError: Java heap space")
    rows = known, task(1, S.FAILED), task(1, S.FAILED, reason="")
    assert tuple(passes(text, row) for row in rows) == (reason, unread, none)


@pytest.mark.parametrize(("text", "partial", "failed", "success"), [
    ("status=failed", True, True, False),
    ("status=success", False, False, True),
    ("status=partial", True, False, False),
    ("status!=failed", False, False, True),
    ("status=finished", True, True, True),
])  # fmt: skip
def test_what_failed_in_part_has_failed_as_in_the_tabs(text, partial, failed, success):
    rows = (S.PARTIAL, S.FAILED, S.SUCCESS)
    assert tuple(passes(text, task(1, status)) for status in rows) == (partial, failed, success)


def test_what_a_task_does_not_have_compares_with_nothing():
    row = task(1, created=None, progress=None, server=None)
    assert not any(passes(text, row) for text in ("age>0s", "age<1h", "took>0s", "progress=0", "server=x"))
    assert passes("!age>0s server!=x", row)


def test_a_type_is_found_with_or_without_what_follows_its_colon():
    row = task(1, type="computer-proxy:pagerank")
    assert passes("type=computer-proxy", row)
    assert passes("type=computer-proxy:pagerank", row)
    assert not passes("type=computer", row)


def test_status_knows_the_words_of_the_server_too():
    row = task(1, S.UNKNOWN, raw_status="PAUSED_BY_ADMIN")
    assert passes("status=paused_by_admin", row)
    assert passes("status=unknown", row)
    assert passes("status=active", row)


def test_active_waiting_and_finished_are_what_the_tabs_show():
    for status in TaskStatus:
        row = task(1, status)
        assert passes("status=finished", row) is status.is_finished
        assert passes("status=active", row) is (not status.is_finished and status is not S.UNREADABLE)
        assert passes("status=waiting", row) is status.is_waiting


def test_took_of_a_running_task_goes_on_and_that_of_a_finished_one_stands_still():
    assert not passes("took>1h", task(1), NOW)
    assert passes("took>1h", task(1), NOW + 1)
    assert not passes("took>2m", REBUILD, NOW * 2)


@pytest.mark.parametrize(
    ("text", "timed"),
    [
        ("age>1h", True),
        ("!took<5s", True),
        ("x AGE>1h", True),
        ("!!age>1h", True),
        ("agent", False),
        ('"age>1h"', False),
        ("/age>1h/", False),
        ("name=age", False),
        ("", False),
        ("status=active", False),
    ],
)
def test_timed_says_whether_the_outcome_changes_with_time_alone(text, timed):
    assert compile_filter(text).depends_on_time is timed


def test_a_filter_that_can_hide_nothing_is_false():
    assert not compile_filter(" ")
    assert compile_filter("x")
    assert compile_filter("  x ").text == "x"


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("stats=failed", "stats", 'Unknown field "stats"'),
        ("x stats=failed", "stats", "Did you mean status?"),
        ("x colour=red", "colour", "status, type, name"),
        ("status>failed", "status>failed", "= and != only"),
        ("!status>failed", "status>failed", "= and != only"),
        ("age>soon", "soon", "a duration such as"),
        ("age>10", "10", "a duration such as"),
        ("x age>1h5", "1h5", "a duration such as"),
        ("retries>many", "many", "a whole number"),
        ("progress>-1", "-1", "a whole number"),
        ('x "open', '"open', 'no closing "'),
        ('name="open', 'name="open', 'no closing "'),
        ("x /open", "/open", "no closing /"),
        ("/", "/", "no closing /"),
        ("!!/a b/ /", "/", "no closing /"),
        ("/a(b/", "(", "Not a valid regular expression"),
        ("status=", "status=", "needs a value"),
        ("age>", "age>", "a duration such as"),
        ("x took<= y", "took<=", "a duration such as"),
        ("retries=", "retries=", "a whole number"),
    ],
)
def test_a_mistake_is_explained_and_pointed_at(text, at, says):
    with pytest.raises(FilterError) as raised:
        compile_filter(text)
    error = raised.value
    assert says in str(error)
    assert text[error.position : error.position + error.length] == at


@pytest.mark.parametrize(
    "text",
    ["/a{99999999999999999999}/", f"/{'(' * 5000}/", f"/{'(' * 90}{')' * 91}/", f"age>{'9' * 5000}s"],
    ids=["overflow", "deep", "unbalanced", "digits"],
)
def test_texts_made_to_hurt_are_mistakes_like_others(text):
    with pytest.raises(FilterError) as raised:
        compile_filter(text)
    assert 0 <= raised.value.position < raised.value.position + raised.value.length <= len(text)


def test_many_negations_are_counted_not_nested():
    assert passes("!" * 5000 + "rebuild")
    assert not passes("!" * 5001 + "rebuild")


def test_a_negated_regular_expression_keeps_its_spaces_and_its_end():
    assert passes("!!/index: person/")
    assert not passes("!!!/index: person/")


def test_a_slash_in_a_regular_expression_is_escaped():
    row = task(1, name="copy a/b to c")
    assert passes(r"/a\/b/", row)
    assert passes("/a/b to/", row), "or needs no escape where no space follows it"


def test_odd_regular_expressions_say_nothing_behind_the_screen():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert passes("/[[x]/", task(1, name="x"))


PIECES = st.sampled_from(
    [
        "status",
        "age",
        "took",
        "name",
        "id",
        "retries",
        "x",
        "=",
        "!=",
        ">",
        "<=",
        "!",
        "/",
        '"',
        " ",
        ",",
        "(",
        "[",
        "\\",
        "*",
        "1h",
        "30",
        "٣",
        "²",
        "s",
        "failed",
        "\n",
        "\x1c",
        "ß",
        "😀",
        "{9",
        "}",
    ]
)
TEXTS = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=10).map("".join))


def tried(text: str) -> tuple[Filter | None, FilterError | None]:
    try:
        return compile_filter(text), None
    except FilterError as error:
        return None, error


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("status=")
@example("x age>")
@example("took<=")
def test_any_text_is_a_filter_or_a_mistake_inside_of_it(text):
    wanted, error = tried(text)
    if error is not None:
        assert str(error)
        assert error.length >= 1
        assert error.position >= 0
        assert error.position + error.length <= len(text)
    else:
        assert wanted(REBUILD, NOW) in (True, False)
        assert wanted(task(1, created=None), NOW) in (True, False)
        assert wanted.text == text.strip()


def test_a_slip_in_a_status_is_named() -> None:
    with pytest.raises(FilterError, match=r'"faild"\. Did you mean failed'):
        compile_filter("status=success,faild")


@pytest.mark.parametrize(
    ("text", "said", "position"),
    [("age > 1h", "without spaces", 4), ("x status:failed", "Write status=failed", 2)],
)
def test_what_nobody_searches_for_as_a_text_is_pointed_at(text, said, position):
    with pytest.raises(FilterError, match=said) as raised:
        compile_filter(text)
    assert raised.value.position == position


def test_names_with_a_colon_are_searched_for():
    assert passes("algorithm:page_rank", task(1, name="algorithm:page_rank"))


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("90s", 90_000),
        ("3m", 180_000),
        ("2h", 7_200_000),
        ("4d", 345_600_000),
        ("5w", 3_024_000_000),
        ("1h5s", 3_605_000),
    ],
)
def test_a_duration_is_exact(text, millis):
    assert passes(f"age={text} age>={text} age<={text}", now=START + millis)
    assert passes(f"age>{text} age!={text}", now=START + millis + 1)
    assert passes(f"age<{text} age!={text}", now=START + millis - 1)


@pytest.mark.parametrize("field", ["name", "decode_error"])
def test_ten_thousand_characters_of_a_long_text_are_searched(field):
    near, far = (task(1, **{field: "." * before + "xy"}) for before in (9_998, 9_999))
    assert passes("xy", near)
    assert passes("/xy/", near)
    assert not passes("xy", far)
    assert not passes("/xy/", far)


def test_each_text_of_a_task_is_searched_by_itself():
    row = task(7, S.UNKNOWN, name="copy", type="gremlin", raw_status="PAUSED", decode_error="no number")
    assert passes("/^7$/ /^copy$/ /^gremlin$/ /^paused$/ /^no number$/", row)
    assert not passes("copygremlin", row)


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (
            "colour=x",
            'Unknown field "colour"; use id, status, type, name, reason, server, graph, place, profile,'
            " graphspace, dialect, progress, retries, age, took",
            "colour",
        ),
        ("type>x", "type can be compared with = and != only", "type>x"),
        ("took>10", "took needs a duration such as 30s, 10m, 2h30m or 4d", "10"),
        ("age>1234567890s", "age needs a duration such as 30s, 10m, 2h30m or 4d", "1234567890s"),
        ("retries=x", "retries needs a whole number", "x"),
        ("retries=1234567890123456789", "retries needs a whole number", "1234567890123456789"),
        ("x status!=,", "status= needs a value", ","),
        ("x name=", "name= needs a value", "name="),
        ("status=ok,runing", 'Unknown status "runing". Did you mean running?', "ok,runing"),
        ("status=activ", 'Unknown status "activ". Did you mean active?', "activ"),
        ("x /a", "The regular expression has no closing /", "/a"),
        ('x "a', 'The text has no closing "', '"a'),
        ("x /a(/", "Not a valid regular expression: missing ), unterminated subpattern", "("),
        ("x /a{99999999999999999999}/", "The regular expression is too large", "/a{99999999999999999999}/"),
        *(
            (f"x a {sign} 1h", "Write it without spaces: age>1h", sign)
            for sign in (">", "<", "=", ">=", "<=")
        ),
        *(
            (f"x {key}:5", f"Write {key}=5", f"{key}:")
            for key in ("status", "age", "took", "retries", "progress", "server", "STATUS")
        ),
    ],
)
def test_a_mistake_is_told_in_these_words(text, message, at):
    with pytest.raises(FilterError) as raised:
        compile_filter(text)
    error = raised.value
    assert (str(error), text[error.position : error.position + error.length]) == (message, at)


@pytest.mark.parametrize(
    "text", ["type:x", "id:7", "name:x", "graph:x", "status:", ":x", "a:b:c", "!", "<<<"]
)
def test_what_may_be_meant_as_a_text_is_one(text):
    assert passes(text, task(1, name=f"a {text} b"))
    assert not passes(text, task(1, name="nothing of it"))


def test_an_id_is_meant_whole():
    row = task("a:b")
    assert passes("id=a:b", row)
    assert not passes("id=a", row)


@pytest.mark.parametrize(
    "text",
    ["personBy", "INDEX_LABEL:4", "/^personBy/", "/^INDEX_LABEL/", "name=4:person", "name=personByCity"],
)
def test_a_name_is_found_as_it_is_shown_and_as_it_was_sent(text: str) -> None:
    assert passes(text, task(3, type="rebuild_index", name="INDEX_LABEL:4:personByCity"))


def test_an_empty_regular_expression_hides_nothing():
    assert passes("//")
    assert passes("// rebuild")
    assert not passes("!//")


def test_the_largest_numbers_are_numbers():
    assert passes(f"retries<{'9' * 18} age<{'9' * 9}s")


def test_a_regular_expression_that_takes_too_long_is_told_where_it_stands():
    slow, text = task(1, name="job " + "a" * 40 + "!"), "job /a/ !/(a|aa)+$/ /c/"
    with pytest.raises(FilterError) as refused:
        compile_filter(text)(slow, NOW)
    error = refused.value
    assert str(error) == "This regular expression takes too long; avoid nested repeats"
    assert text[error.position :][: error.length] == "!/(a|aa)+$/"
    assert not compile_filter(f"{text} status=failed")(slow, NOW), "what is quicker to tell is told first"


def test_filtering_many_at_once_is_filtering_each():
    rows = [task(number, S.FAILED if number % 2 else S.SUCCESS) for number in range(9)]
    for text in ("", "status=failed", "status=failed !7", "nothing", "/[1-5]/ status=failed"):
        wanted = compile_filter(text)
        quick = wanted.pass_quick_tests(rows, NOW)
        passing = [row for row in quick if wanted.matches_patterns(row, NOW)]
        assert passing == [row for row in rows if wanted(row, NOW)]
        assert bool(text) == bool(wanted)


SOCIAL = Place(
    number=1,
    profile="prod",
    dialect="hugegraph",
    graph="social",
    graphspace="DEFAULT",
    label="DEFAULT/social",
    production=True,
)
PROJECT = Place(number=2, profile="cloud", dialect="ges", label="cloud")
IN_SOCIAL, IN_PROJECT = task(1, place=SOCIAL), task(1, place=PROJECT, graph="movies")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("place=prod", "social"),
        ("place=pr", "social"),
        ("place=prod:DEFAULT/social", "social"),
        ("place=default/soc", "social"),
        ("place=SOCIAL", "social"),
        ("place=ocial", ""),
        ("place=rod:", ""),
        ("place=prod:social", ""),
        ("place=c.*", ""),
        ("place=cloud", "project"),
        ("place=cloud:movies", "project"),
        ("place=movies,social", "social project"),
        ("place!=prod", "project"),
        ("!place=cloud", "social"),
        ("profile=prod", "social"),
        ("profile=pro", ""),
        ("profile=cloud,PROD", "social project"),
        ("graphspace=DEFAULT", "social"),
        ("graphspace!=DEFAULT", "project"),
        ("dialect=ges", "project"),
        ("graph=social", "social"),
        ("graph=movies", "project"),
        ("graph=movies place=prod", ""),
    ],
)
def test_places_are_found_by_their_names_and_by_parts_of_them(text: str, found: str) -> None:
    row_by_name = {"social": IN_SOCIAL, "project": IN_PROJECT}
    assert " ".join(name for name, row in row_by_name.items() if passes(text, row)) == found


def test_in_one_place_these_filters_know_nothing_of_it() -> None:
    for key in ("place", "profile", "graphspace", "dialect"):
        assert not passes(f"{key}=x", task(1, graph="x"))
        assert passes(f"{key}!=x", task(1, graph="x"))
    assert passes("graph=x", task(1, graph="x"))


@pytest.mark.parametrize(
    ("text", "rule", "wanted"),
    [
        ("slow", "slow", True),
        ("slow", "waiting", True),
        ("slow", "stuck", False),
        ("SLOW", "slow", True),
        ("stuck", "lost_server", True),
        ("stuck", "slow", False),
        ("problem", "failures", True),
        ("problem", "", False),
        ("!problem", "failures", False),
        ("!problem", "", True),
        ("slow status=failed", "slow", True),
        ("slow status=running", "slow", False),
        ('"slow"', "slow", False),
        ("slo", "slow", False),
    ],
)
def test_words_for_problems(text: str, rule: str, wanted: bool) -> None:
    found = compile_filter(text, find_rule=lambda task: rule)
    assert found(REBUILD, NOW) is wanted
    assert not compile_filter("slow")(REBUILD, NOW)


def test_words_for_problems_are_searched_in_texts_as_well_and_change_with_what_is_found() -> None:
    named = task(1, name="a slow import")
    assert compile_filter("slow", find_rule=lambda task: "")(named, NOW)
    assert compile_filter("slow", find_rule=lambda task: "").asks_problems
    assert not compile_filter("slow").asks_problems
    assert not compile_filter("rebuild", find_rule=lambda task: "slow").asks_problems
