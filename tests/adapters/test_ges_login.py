"""Who asks: tokens, keys, where they are found, and what happens when they, or the clock, are not right."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest

from backend_adapters.backend import KnownTasks
from backend_adapters.errors import (
    BadAnswer,
    BadValue,
    NoSuchGraph,
    NotAllowed,
    NotLoggedIn,
    Refused,
    ServerFault,
    Unreachable,
    WrongClock,
)
from backend_adapters.registry import find_credentials
from backend_adapters.transport.credentials import AccessKeys, Credentials
from tests.adapters.scripted_ges import CENTER, HOSTILE_SEGMENTS, PROJECT, URL, ScriptedGes, collected, job
from tests.unit.fakes import run_until_idle

REFUSED = {
    "error_code": "APIGW.0301",
    "error_msg": "Incorrect IAM authentication information: ak AK not exist",
}
RENEW = {"error_code": "APIGW.0307", "error_msg": "The token must be updated."}


def refusing(wire: ScriptedGes, *good: str, code: int = 401, body: dict[str, str] = REFUSED) -> ScriptedGes:
    """The wire, which lets in only these tokens and access keys."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        shown = request.headers.get("X-Auth-Token") or request.headers.get("Authorization", "")
        return None if any(secret in shown for secret in good) else httpx.Response(code, json=body)

    wire.override = answer
    return wire


async def test_a_token_goes_into_its_header_and_nothing_is_signed():
    wire = ScriptedGes([job(1)])
    await wire.backend(Credentials(token=lambda: " t0ken\n")).connect()
    headers = wire.requests[-1].headers
    assert headers["X-Auth-Token"] == "t0ken"
    assert "Authorization" not in headers


async def test_keys_sign_with_project_and_security_token():
    wire = ScriptedGes([job(1)])
    await wire.backend(Credentials(keys=lambda: AccessKeys("AK", "SK", "STS/abc+d=="))).connect()
    headers = wire.requests[-1].headers
    assert headers["X-Project-Id"] == PROJECT
    assert headers["X-Security-Token"] == "STS/abc+d=="
    assert headers["Authorization"].startswith(
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-project-id;x-sdk-date;x-security-token, Signature="
    )
    assert wire.requests[-1].content == b""


@pytest.mark.parametrize("body", [REFUSED, RENEW])
async def test_new_credentials_in_the_middle_go_unnoticed(body):
    wire = ScriptedGes([job(1)])
    tokens = ["old"]
    backend = wire.backend(Credentials(token=lambda: tokens[-1]))
    await backend.connect()
    refusing(wire, "fresh", body=body)
    tokens.append("fresh")
    mark = len(wire.requests)
    assert len((await backend.changes(KnownTasks([], None))).tasks) == 1
    assert [r.headers["X-Auth-Token"] for r in wire.requests[mark:]] == ["old", "fresh"]
    await backend.changes(KnownTasks([], None))
    assert wire.requests[-1].headers["X-Auth-Token"] == "fresh"


async def test_new_credentials_that_are_refused_too_are_asked_for_again_by_the_next_request():
    wire = ScriptedGes([job(1)])
    tokens = ["old"]
    backend = wire.backend(Credentials(token=lambda: tokens[-1]))
    await backend.connect()
    refusing(wire, "good")
    tokens.append("wrong")
    mark = len(wire.requests)
    with pytest.raises(NotLoggedIn):
        await backend.changes(KnownTasks([], None))
    assert [r.headers["X-Auth-Token"] for r in wire.requests[mark:]] == ["old", "wrong"]
    tokens.append("good")
    await backend.changes(KnownTasks([], None))
    assert [r.headers["X-Auth-Token"] for r in wire.requests[mark:]] == ["old", "wrong", "good"]


async def test_an_error_that_is_no_matter_of_the_login_is_not_asked_about_again():
    wire, runs = ScriptedGes([job(1)]), []

    async def again() -> None:
        runs.append(1)

    wire.override = lambda request: httpx.Response(400, json={"errorCode": "GES.0001", "errorMessage": "bad"})
    with pytest.raises(Refused, match="bad"):
        await wire.backend(Credentials(token=lambda: "t", again=again)).connect()
    assert (len(wire.requests), runs) == (1, [])


async def test_a_command_is_run_again_once_after_a_refusal():
    wire, runs = ScriptedGes([job(1)]), []
    printed = ["AK1"]

    async def again() -> None:
        runs.append(1)
        printed.append("AK2")

    refusing(wire, "AK2")
    backend = wire.backend(Credentials(keys=lambda: AccessKeys(printed[-1], "SK"), again=again))
    await backend.connect()
    assert (len(runs), len(wire.requests)) == (1, 2)


@pytest.mark.parametrize(
    ("credentials", "wants"),
    [
        (Credentials(token=lambda: "old"), "token"),
        (Credentials(keys=lambda: AccessKeys("AK", "SK")), "keys"),
        (Credentials(), "keys"),
    ],
)
async def test_what_stays_refused_is_not_asked_twice_and_says_what_is_wanted(credentials, wants):
    wire = refusing(ScriptedGes(), "nothing")
    with pytest.raises(
        NotLoggedIn, match=r"ges\.region\.example:443 answered 401.*ak AK not exist"
    ) as caught:
        await wire.backend(credentials).connect()
    assert (caught.value.wants, caught.value.code) == (wants, 401)
    assert len(wire.requests) == 1
    assert caught.value.hint == WHERE_TO_PUT[wants]


WHERE_TO_PUT = {
    "keys": "Set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or put the keys in ~/.huaweicloud/credentials.",
    "token": "Set GRAPHTOP_TOKEN to a token for the project, or use --token-command to name a command that"
    " prints one. Tokens are valid for 24 hours.",
}


async def test_requests_that_are_refused_together_ask_for_new_credentials_once():
    tokens, runs, all_came = ["old"], [], asyncio.Event()

    async def again() -> None:
        runs.append(1)
        await run_until_idle()
        tokens.append("fresh")

    wire = refusing(ScriptedGes([job(1)]), "fresh")

    async def together(request: httpx.Request) -> httpx.Response:
        answer = wire(request)
        if len(wire.requests) == 4:
            all_came.set()
        await all_came.wait()
        return answer

    backend = wire.backend(
        Credentials(token=lambda: tokens[-1], again=again), http=httpx.MockTransport(together)
    )
    answers = await asyncio.gather(*(backend.changes(KnownTasks([], None)) for _ in range(4)))
    assert [len(answer.tasks) for answer in answers] == [1] * 4
    assert tokens == ["old", "fresh"]
    assert len(runs) == 1
    assert len(wire.requests) == 8


async def test_an_answer_that_is_no_list_of_graphs_leaves_those_of_the_jobs():
    wire = ScriptedGes([job(1)])
    wire.override = lambda request: (
        httpx.Response(200, json={"graphs": 7}) if request.url.path.endswith("/graphs") else None
    )
    assert [scope.graph for scope in await wire.backend().scopes()] == ["", "movies"]


async def test_what_a_person_types_then_is_used_without_a_new_backend():
    wire = refusing(ScriptedGes([job(1)]), "typed")
    credentials = Credentials(keys=lambda: AccessKeys("AK", "SK"))
    backend = wire.backend(credentials)
    with pytest.raises(NotLoggedIn):
        await backend.connect()
    credentials.use_token(lambda: "typed")
    await backend.connect()
    assert "Authorization" not in wire.requests[-1].headers


async def test_a_refusal_without_a_body_says_so():
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(401)
    with pytest.raises(NotLoggedIn, match="answered 401: login required"):
        await wire.backend().connect()


@pytest.mark.parametrize("off", [-7500, 4000, 1000, -96 * 3600])
async def test_a_clock_that_is_off_is_named_with_how_much(off):
    wire = ScriptedGes()
    there = datetime.fromtimestamp(time.time() - off, UTC)
    wire.override = lambda request: httpx.Response(
        401, json=REFUSED, headers={"Date": format_datetime(there, usegmt=True)}
    )
    with pytest.raises(WrongClock) as caught:
        await wire.backend().connect()
    amount = {-7500: "2 h 5 min behind", 4000: "1 h 7 min ahead of", 1000: "17 min ahead of"}.get(
        off, "4 d 0 h behind"
    )
    assert str(caught.value) == (
        f"This machine's clock is {amount} that of ges.region.example:443, which accepts signatures only"
        " within 15 minutes."
    )
    assert (caught.value.retryable, caught.value.code) == (False, 401)


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (900, None),
        (901, "15 min ahead of"),
        (-900, None),
        (-901, "15 min behind"),
        (3569, "59 min ahead of"),
        (3570, "1 h 0 min ahead of"),
        (86_369, "23 h 59 min ahead of"),
        (86_370, "1 d 0 h ahead of"),
        (-(3 * 86_400 + 4 * 3600 + 1200), "3 d 4 h behind"),
    ],
)
@pytest.mark.parametrize("told_by", ["Date", "words"])
async def test_a_clock_may_be_a_quarter_of_an_hour_off(off, words, told_by):
    server = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    text = f"server time:{server:%Y%m%dT%H%M%SZ}" if told_by == "words" else "no"
    headers = {"Date": format_datetime(server, usegmt=True)} if told_by == "Date" else {}
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(401, json=REFUSED | {"error_msg": text}, headers=headers)
    backend = wire.backend()
    backend.auth.now = lambda: server.timestamp() + off
    with pytest.raises(WrongClock if words else NotLoggedIn) as caught:
        await backend.connect()
    assert f"clock is {words} that of" in str(caught.value) or not words


@pytest.mark.parametrize(
    "words",
    [
        "signature expired, signature time:20261123T100000Z,server time:20261120T090000Z",
        "Incorrect IAM authentication information: the X-Sdk-Date is out of range",
    ],
)
async def test_the_gateways_own_words_about_the_time_are_enough(words):
    wire = refusing(ScriptedGes(), "nothing", body=REFUSED | {"error_msg": words})
    with pytest.raises(WrongClock) as caught:
        await wire.backend().connect()
    if "server time" in words:
        assert "This machine's clock is" in str(caught.value)
    else:
        assert str(caught.value) == (f"ges.region.example:443 rejected the time of the signature: {words}")
        assert caught.value.code == 401


@pytest.mark.parametrize("time_told", ["99999999T999999", "2026"])
async def test_a_server_time_that_is_none_accuses_no_clock(time_told):
    words = f"denied, server time:{time_told}Z"
    wire = refusing(ScriptedGes(), "nothing", body=REFUSED | {"error_msg": words})
    with pytest.raises(NotLoggedIn, match="denied"):
        await wire.backend().connect()


async def test_a_wrong_secret_key_is_no_matter_of_the_clock_whatever_is_quoted():
    words = (
        "verify aksk signature fail, canonicalRequest:GET|/|x-sdk-date:20260101T000000Z|x-security-token:S"
    )
    now = format_datetime(datetime.now(UTC), usegmt=True)
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(
        401, json=REFUSED | {"error_msg": words}, headers={"Date": now}
    )
    with pytest.raises(NotLoggedIn, match=r"verify aksk signature fail \(APIGW.0301\)$"):
        await wire.backend().connect()


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2024", "Mon, 01 Jan 99999 00:00:00 GMT"])
async def test_a_date_that_is_none_accuses_no_clock(date):
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(401, json=REFUSED, headers={"Date": date})
    with pytest.raises(NotLoggedIn):
        await wire.backend().connect()


async def test_a_clock_does_not_matter_to_a_token():
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(
        401, json=REFUSED, headers={"Date": "Mon, 01 Jan 2024 00:00:00 GMT"}
    )
    with pytest.raises(NotLoggedIn):
        await wire.backend(Credentials(token=lambda: "t")).connect()


@pytest.mark.parametrize(
    ("credentials", "words", "wants"),
    [
        (Credentials("ann", lambda: "pw"), "GES doesn't accept a user and a password.", "token"),
        (Credentials(token=lambda: "tökен"), "The token contains characters that are not allowed.", "token"),
        (Credentials(token=lambda: "a\tb"), "The token contains characters that are not allowed.", "token"),
        (
            Credentials(keys=lambda: AccessKeys("ключ", "SK")),
            "The access key contains characters that are not allowed.",
            "keys",
        ),
        (
            Credentials(keys=lambda: AccessKeys("AK", "SK", "a\nb")),
            "The security token contains characters that are not allowed.",
            "keys",
        ),
        (
            Credentials(keys=lambda: AccessKeys("AK", " ")),
            "An access key needs its secret key; one of the two is empty.",
            "keys",
        ),
        (
            Credentials(keys=lambda: AccessKeys("", "SK")),
            "An access key needs its secret key; one of the two is empty.",
            "keys",
        ),
    ],
)
async def test_impossible_credentials_are_refused_before_anything_is_sent(credentials, words, wants):
    wire = ScriptedGes()
    with pytest.raises(NotLoggedIn) as caught:
        await wire.backend(credentials).connect()
    assert wire.requests == []
    assert (str(caught.value), caught.value.wants) == (words, wants)
    assert caught.value.hint == WHERE_TO_PUT[wants]


async def test_the_space_around_keys_is_no_part_of_them():
    wire = ScriptedGes([job(1)])
    for keys in (AccessKeys(" AK\n", " SK\n", " ST\n"), AccessKeys("AK", "SK", "ST")):
        backend = wire.backend(Credentials(keys=lambda keys=keys: keys))
        backend.auth.now = lambda: 1_700_000_000.0
        await backend.connect()
    one, other = (request.headers for request in wire.requests)
    assert (one["X-Sdk-Date"], one["X-Security-Token"]) == ("20231114T221320Z", "ST")
    assert one["Authorization"] == other["Authorization"]


async def test_without_a_security_token_none_is_sent():
    wire = ScriptedGes([job(1)])
    await wire.backend().connect()
    assert "X-Security-Token" not in wire.requests[-1].headers
    assert "SignedHeaders=host;x-project-id;x-sdk-date," in wire.requests[-1].headers["Authorization"]


async def test_credentials_do_not_follow_a_redirect_to_another_host():
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(
        302, headers={"Location": "https://evil.example/?token=abc"}
    )
    with pytest.raises(BadAnswer, match=r"redirect to https://evil\.example/$"):
        await wire.backend().connect()
    assert [request.url.host for request in wire.requests] == ["ges.region.example"]


async def test_without_a_project_nothing_is_sent():
    wire = ScriptedGes()
    for project in (None, ""):
        backend = wire.backend(project=project)
        for asked in (
            backend.connect(),
            backend.scopes(),
            anext(backend.snapshot()),
            backend.changes(KnownTasks([], None)),
            backend.look(["a"]),
            backend.detail("a", cap=9),
        ):
            with pytest.raises(
                BadValue, match=r"^GES lists jobs by project, and no project is set\.$"
            ) as caught:
                await asked
            assert caught.value.param == "project"
            assert caught.value.hint == (
                "Set the project's id (32 hex digits) with --project or in HUAWEICLOUD_SDK_PROJECT_ID."
            )
    assert wire.requests == []


@pytest.mark.parametrize(
    ("dialect", "path"), zip(CENTER, ("/v1.0/a%3Fb%20c/", "/v1.0/a%3Fb%20c/", "/v2/a%3Fb%20c/"), strict=True)
)
async def test_the_project_stands_in_the_path_of_its_version(dialect, path):
    wire = ScriptedGes([job(1)], dialect)
    backend = wire.backend(project="a?b c")
    await backend.connect()
    await backend.scopes()
    assert [request.url.raw_path.decode() for request in wire.requests] == [
        f"{path}graphs/jobs?limit=1&offset=0",
        f"{path}graphs?limit=100&offset=0",
    ]


@pytest.mark.parametrize("dialect", CENTER)
@pytest.mark.parametrize("project", [*HOSTILE_SEGMENTS, "图", "é", "p\r\nX-Auth-Token: x"])
async def test_a_project_that_leads_to_another_path_is_refused_before_anything_is_sent(dialect, project):
    wire = ScriptedGes([job(1)], dialect)
    backend = wire.backend(project=project)
    for request in (backend.connect, backend.scopes, lambda: collected(backend)):
        with pytest.raises(BadValue, match="Nothing was sent"):
            await request()
    assert wire.requests == []


async def test_a_backend_that_was_closed_sends_nothing_more():
    wire = ScriptedGes([job(1)])
    backend = wire.backend()
    await backend.aclose()
    with pytest.raises(Unreachable, match="is closed"):
        await backend.connect()
    assert wire.requests == []


async def test_connecting_is_one_small_request_and_tells_what_this_is():
    wire = ScriptedGes([job(1)], "ges-v2")
    backend = wire.backend()
    info = await backend.connect()
    assert wire.asked() == [{"limit": "1", "offset": "0"}]
    assert (info.product, info.version) == ("Huawei GES", "v2")
    assert info.note == "GES keeps job records for one month."
    assert (backend.source.dialect, backend.source.graph, backend.source.url) == ("ges-v2", "", URL)
    assert (backend.source.project, backend.source.profile) == (PROJECT, "ges.region.example:443")
    assert (info.capabilities.noun, info.capabilities.has_graphs) == ("jobs", True)
    one = wire.backend(graph="movies", profile="prod")
    assert (one.source.graph, one.source.profile) == ("movies", "prod")
    assert not (await one.connect()).capabilities.has_graphs


@pytest.mark.parametrize(
    ("since", "more"),
    [
        (None, ""),
        ("soon", ""),
        ("2026-03-30", ""),
        ("2026-02-27", ""),
        ("2026-02-26", " There is nothing to show from before 2026-02-27."),
        ("2020-01-01", " There is nothing to show from before 2026-02-27."),
    ],
)
async def test_it_tells_how_far_back_the_records_go(monkeypatch, since, more):
    class Today(datetime):
        @classmethod
        def now(cls, tz):
            return cls(2026, 3, 30, 23, 59, tzinfo=tz)

    monkeypatch.setattr("backend_adapters.ges.adapter.datetime", Today)
    info = await ScriptedGes([job(1)]).backend(since=since).connect()
    assert info.note == f"GES keeps job records for one month.{more}"


async def test_the_scopes_are_all_graphs_and_each():
    wire = ScriptedGes([job(1, relatedGraph="gone"), job(2)])
    wire.graphs = [f"g{n:03d}" for n in range(230)]
    pages = wire.graphs

    def paged(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/graphs"):
            return None
        at = int(request.url.params["offset"])
        return httpx.Response(200, json={"graphs": [{"name": one} for one in pages[at : at + 100]]})

    wire.override = paged
    assert [scope.graph for scope in await wire.backend().scopes()] == ["", *wire.graphs]
    assert [request.url.params["offset"] for request in wire.requests] == ["0", "100", "200"]


@pytest.mark.parametrize(("count", "requests", "listed"), [(100, 2, 100), (99, 1, 99), (10**6, 50, 5000)])
async def test_graphs_are_listed_until_there_are_no_more_or_very_many(count, requests, listed):
    wire = ScriptedGes([job(1)])

    def paged(request: httpx.Request) -> httpx.Response:
        at = int(request.url.params["offset"])
        names = [{"name": f"g{n:06d}"} for n in range(at, min(count, at + 100))]
        return httpx.Response(200, json={"graphs": names})

    wire.override = paged
    assert len(await wire.backend().scopes()) == 1 + listed
    assert len(wire.requests) == requests


async def test_a_list_of_graphs_that_repeats_is_not_read_on():
    wire = ScriptedGes([job(1)])
    names = [{"name": f"g{n:03d}"} for n in range(99, -1, -1)]
    wire.override = lambda request: httpx.Response(200, json={"graphs": [*names, {"name": ""}, {}][:100]})
    assert [scope.graph for scope in await wire.backend().scopes()] == ["", *sorted(n["name"] for n in names)]
    assert len(wire.requests) == 2


async def test_a_project_without_graphs_has_the_scope_of_all_alone():
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(200, json={"graphs": None})
    assert [scope.graph for scope in await wire.backend().scopes()] == [""]


async def test_who_may_not_list_graphs_gets_those_of_the_jobs():
    wire = ScriptedGes([job(1, relatedGraph="b"), job(2, relatedGraph="a"), job(3, relatedGraph=None)])
    wire.graphs = None
    backend = wire.backend(graph=None)
    assert [scope.graph for scope in await backend.scopes()] == ["", "a", "b"]
    assert len(wire.requests) == 2
    assert [scope.graph for scope in await backend.scopes()] == ["", "a", "b"]
    assert len(wire.requests) == 3, "the jobs are known by now"
    assert [scope.graph for scope in await wire.backend(graph="c").scopes()] == ["", "c"]


@pytest.mark.parametrize(("code", "graphs"), [(400, ["", "movies"]), (404, ["", "movies"]), (500, None)])
async def test_a_refusal_to_list_graphs_is_made_up_for_and_a_fault_is_told(code, graphs):
    wire = ScriptedGes([job(1)])
    wire.override = lambda request: (
        httpx.Response(code, json={"errorCode": "GES.4242", "errorMessage": "no"})
        if request.url.path.endswith("/graphs")
        else None
    )
    if graphs is None:
        with pytest.raises(ServerFault, match=r"answered 500: no \(GES.4242\)"):
            await wire.backend().scopes()
    else:
        assert [scope.graph for scope in await wire.backend().scopes()] == graphs


async def test_a_graph_that_is_neither_listed_nor_in_any_job_is_named_as_such():
    wire = ScriptedGes([job(1, relatedGraph="deleted_long_ago")])
    wire.graphs = ["movies", "actors"]
    await wire.backend(graph="deleted_long_ago").connect()
    await wire.backend(graph="movies").connect()
    with pytest.raises(NoSuchGraph) as caught:
        await wire.backend(graph="moovies").connect()
    assert str(caught.value) == (
        'The project has no graph "moovies", and no job of such a graph. Its graphs: actors, movies.'
    )
    assert caught.value.graphs == ("actors", "movies")
    wire.graphs = [f"g{n:02d}" for n in range(11)]
    with pytest.raises(NoSuchGraph, match=r"Its graphs: g00, .*, g09\.$") as caught:
        await wire.backend(graph="moovies").connect()
    assert caught.value.graphs == tuple(wire.graphs)
    wire.graphs = []
    with pytest.raises(NoSuchGraph, match=r"Its graphs: none\.$"):
        await wire.backend(graph="moovies").connect()
    wire.graphs = None
    await wire.backend(graph="moovies").connect()


async def test_a_user_without_the_permission_is_told():
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(403, json={"error_code": "APIGW.0302", "error_msg": "no"})
    with pytest.raises(NotAllowed, match=r"answered 403: no \(APIGW\.0302\)") as caught:
        await wire.backend().connect()
    assert caught.value.hint == "Ask for the permission ges:jobs:list."


# What is found on a machine.


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".huaweicloud").mkdir()
    return tmp_path


def written(path, **fields) -> str:
    path.write_text("[basic]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items()))
    return str(path)


SDK = {"HUAWEICLOUD_SDK_AK": "ak1", "HUAWEICLOUD_SDK_SK": "sk1"}
HW = {"HW_ACCESS_KEY": "ak2", "HW_SECRET_KEY": "sk2", "HW_SECURITY_TOKEN": "st2", "HW_PROJECT_ID": "p2"}


@pytest.mark.parametrize(
    ("environ", "keys", "project", "source"),
    [
        (
            SDK | HW | {"HUAWEICLOUD_SDK_PROJECT_ID": "p1"},
            AccessKeys("ak1", "sk1"),
            "p1",
            "HUAWEICLOUD_SDK_AK",
        ),
        (
            SDK | {"HUAWEICLOUD_SDK_SECURITY_TOKEN": "st1"},
            AccessKeys("ak1", "sk1", "st1"),
            None,
            "HUAWEICLOUD_SDK_AK",
        ),
        (HW, AccessKeys("ak2", "sk2", "st2"), "p2", "HW_ACCESS_KEY"),
        ({"HUAWEICLOUD_SDK_AK": "half"} | HW, AccessKeys("ak2", "sk2", "st2"), "p2", "HW_ACCESS_KEY"),
        ({}, AccessKeys("ak3", "50%sk=3", "st3"), "p3", "~/.huaweicloud/credentials"),
        ({"HW_PROJECT_ID": "p2"}, AccessKeys("ak3", "50%sk=3", "st3"), "p2", "~/.huaweicloud/credentials"),
    ],
)
def test_the_places_are_searched_in_their_order(home, environ, keys, project, source):
    written(home / ".huaweicloud/credentials", ak="ak3", sk="50%sk=3", security_token="st3", project_id="p3")
    found = find_credentials("ges-v2", environ | {"HOME": str(home)})
    assert found is not None
    assert found.credentials.keys() == keys
    assert (found.project, found.source_text) == (project, source)
    assert keys.secret not in repr(found)


def test_a_named_file_goes_before_the_usual_one_and_is_read_anew(home, tmp_path):
    written(home / ".huaweicloud/credentials", ak="usual", sk="x")
    path = tmp_path / "mine"
    environ = {"HOME": str(home), "HUAWEICLOUD_SDK_CREDENTIALS_FILE": written(path, ak="a", sk="b")}
    found = find_credentials("ges", environ)
    assert found is not None
    assert found.credentials.keys() == AccessKeys("a", "b")
    written(path, ak="new", sk="c")
    assert found.credentials.keys() == AccessKeys("new", "c")
    path.unlink()
    with pytest.raises(NotLoggedIn, match=r"The keys in .*/mine can't be read: the file doesn't exist\."):
        found.credentials.keys()
    with pytest.raises(NotLoggedIn, match="the file doesn't exist"):
        find_credentials("ges", environ)


def test_a_usual_file_that_went_away_is_told_as_well(home):
    path = home / ".huaweicloud/credentials"
    written(path, ak="a", sk="b")
    found = find_credentials("ges", {"HOME": str(home)})
    assert found is not None
    path.unlink()
    with pytest.raises(NotLoggedIn, match="the file doesn't exist"):
        found.credentials.keys()


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (".huaweicloud", "Is a directory"),
        ("text/credentials", "Not a directory"),
        ("latin", r"the file needs a section \[basic\] with the lines ak and sk"),
    ],
)
def test_a_file_that_can_not_be_read_is_named_with_the_reason(home, place, why):
    (home / "text").write_text("")
    (home / "latin").write_bytes(b"[basic]\nak = caf\xe9\n")
    path = home / place
    environ = {"HOME": str(home), "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)}
    with pytest.raises(NotLoggedIn, match=f"^The keys in {path} can't be read: {why}.$") as caught:
        find_credentials("ges", environ)
    assert (caught.value.wants, caught.value.hint) == ("keys", "Fix the file, or use other keys.")


@pytest.mark.parametrize("fields", [{"ak": "a"}, {"sk": "b"}, {"ak": " ", "sk": "b"}, {}])
def test_half_a_pair_of_keys_in_a_file_is_none(home, fields):
    written(home / ".huaweicloud/credentials", project_id="p3", **fields)
    assert find_credentials("ges", {"HOME": str(home)}) is None
    assert find_credentials("ges", {"HOME": str(home), "HW_PROJECT_ID": "p2"}).project == "p2"


def test_a_file_without_its_section_holds_no_keys(home):
    (home / ".huaweicloud/credentials").write_text("[other]\nak = a\nsk = b\n")
    assert find_credentials("ges", {"HOME": str(home)}) is None


def test_without_a_home_in_the_environment_the_users_own_is_used(home, monkeypatch):
    written(home / ".huaweicloud/credentials", ak="a", sk="b")
    monkeypatch.setenv("HOME", str(home))
    found = find_credentials("ges", {})
    assert found is not None
    assert found.credentials.keys() == AccessKeys("a", "b")


def test_nothing_and_a_project_alone(home):
    assert find_credentials("ges", {"HOME": str(home)}) is None
    assert find_credentials("hugegraph", SDK) is None
    found = find_credentials("ges-graph", {"HOME": str(home), "HUAWEICLOUD_SDK_PROJECT_ID": "p1"})
    assert found is not None
    assert (found.project, found.credentials.keys(), found.credentials.token()) == ("p1", None, None)
    assert found.source_text == "HUAWEICLOUD_SDK_PROJECT_ID"


@pytest.mark.parametrize(
    "text", ["ak = 1\nsk = verysecret\n", "[basic]\nverysecret\n", "[basic]\nsk=verysecret\nsk=2\n"]
)
def test_a_broken_file_is_named_without_its_words(home, text):
    (home / ".huaweicloud/credentials").write_text(text)
    with pytest.raises(NotLoggedIn, match="credentials can't be read") as caught:
        find_credentials("ges", {"HOME": str(home)})
    assert caught.value.wants == "keys"
    assert "verysecret" not in str(caught.value) + caught.value.hint


async def test_a_renewed_file_is_picked_up_in_the_middle(home):
    path = home / ".huaweicloud/credentials"
    written(path, ak="OLDAK", sk="b")
    found = find_credentials("ges", {"HOME": str(home)})
    assert found is not None
    wire = ScriptedGes([job(1)])
    backend = wire.backend(found.credentials)
    await backend.connect()
    written(path, ak="NEWAK", sk="c")
    refusing(wire, "NEWAK")
    assert len((await backend.changes(KnownTasks([], None))).tasks) == 1
