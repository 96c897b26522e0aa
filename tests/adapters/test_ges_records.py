"""Jobs of all kinds of shape: what they become, and that a bad one hides no other."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import httpx
import pytest

from backend_adapters.errors import BadAnswer, Unreadable
from backend_adapters.ges.pages import JOBS_PER_BLOCK, read_page
from backend_adapters.ges.records import read_row
from backend_adapters.ges.times import describe_creation, parse_millis
from backend_adapters.model import Task, TaskStatus
from backend_adapters.transport.error_body import Reply
from tests.adapters.scripted_ges import CENTER, ScriptedGes, job, known_backend, name, snake

S = TaskStatus


async def read(*records: object, dialect: str = "ges") -> tuple[tuple[Task, ...], str]:
    """The tasks in a list with these records, and why they are not all."""
    texts = [record if isinstance(record, str) else json.dumps(record) for record in records]
    body = f'{{"jobCount":{len(texts)},"jobList":[{",".join(texts)}]}}'
    if dialect == "ges-v2":
        body = body.replace("jobCount", "job_count").replace("jobList", "job_list")
    wire = ScriptedGes(dialect=dialect)
    wire.override = lambda request: (
        httpx.Response(200, content=body.encode("utf-8", "surrogatepass"))
        if "status" not in request.url.params
        else None
    )
    batches = [batch async for batch in wire.backend().snapshot()]
    assert batches[-1].note == ""
    return batches[0].tasks, batches[-1].partial


@pytest.mark.parametrize("dialect", CENTER)
async def test_a_record_becomes_a_task(dialect):
    record = job(
        1, "partiallyFailed", beginTime="2019-04-12T08:30:05", endTime="2019-04-12T08:31:47", jobProgress=37.5
    )
    (task,), note = await read(snake(record) if dialect == "ges-v2" else record, dialect=dialect)
    assert task == Task(
        id=name(1),
        type="GraphManagement",
        name="ExportGraph",
        status=S.PARTIAL,
        raw_status="partiallyFailed",
        created=1_555_057_805_000,
        updated=1_555_057_907_000,
        graph="movies",
    )
    assert (task.duration, task.progress, note) == (102_000, None, "")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", S.QUEUED),
        ("waiting", S.QUEUED),
        ("running", S.RUNNING),
        ("success", S.SUCCESS),
        ("failed", S.FAILED),
        ("partiallyFailed", S.PARTIAL),
        ("partFailed", S.PARTIAL),
        ("partially_failed", S.PARTIAL),
        ("SUCCESS", S.SUCCESS),
        ("complete", S.SUCCESS),
        ("partfailed", S.PARTIAL),
        ("cancelled", S.CANCELLED),
        ("canceled", S.CANCELLED),
        ("teleporting", S.UNKNOWN),
        ("", S.UNKNOWN),
    ],
)
async def test_every_status_keeps_its_word(word, status):
    (task,), _ = await read(job(1, word))
    assert (task.status, task.decode_error) == (status, None)
    assert task.raw_status == (word or "unknown")


@pytest.mark.parametrize(
    ("sent", "millis"),
    [
        ("2019-04-12T08:30:05", 1_555_057_805_000),
        ("2019-04-12T08:30:05Z", 1_555_057_805_000),
        ("2019-04-12T08:30:05.678", 1_555_057_805_678),
        ("2019-04-12 08:30:05", 1_555_057_805_000),
        ("2019-04-12T16:30:05+08:00", 1_555_057_805_000),
        (1_555_057_805_000, 1_555_057_805_000),
        (1_555_057_805, 1_555_057_805_000),
        ("1555057805000", 1_555_057_805_000),
        (99_999_999_999, 99_999_999_999_000),
        (100_000_000_000, 100_000_000_000),
        (0, None),
        ("1970-01-01T00:00:00", None),
        (253_402_300_799_999, 253_402_300_799_999),
        (1_555_057_805_000.6, 1_555_057_805_001),
        (" 2019-04-12T08:30:05 ", 1_555_057_805_000),
        (None, None),
        ("", None),
    ],
)
async def test_times_are_utc_in_every_form(sent, millis):
    (task,), _ = await read(job(1, beginTime=sent))
    assert (task.created, task.decode_error) == (millis, None)


@pytest.mark.parametrize(
    "field", ["jobType", "jobName", "relatedGraph", "beginTime", "endTime", "failReason", "jobDetail"]
)
async def test_fields_may_be_missing_or_null(field):
    without = {key: value for key, value in job(1).items() if key != field}
    for record in (without, job(1, **{field: None})):
        (task,), note = await read(record)
        assert (task.id, task.status, task.decode_error, note) == (name(1), S.SUCCESS, None, "")


@pytest.mark.parametrize("dialect", ["ges", "ges-v2"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", None),
        ("status", 7),
        ("status", []),
        ("jobType", 3),
        ("jobName", {}),
        ("jobName", [1]),
        ("relatedGraph", 5),
        ("beginTime", "yesterday"),
        ("beginTime", True),
        ("beginTime", []),
        ("endTime", "2019-13-45T99:00:00"),
        ("endTime", {}),
        ("endTime", 10**20),
        ("beginTime", "9999999999999999"),
        ("failReason", {"a": 1}),
        ("beginTime", -5),
        ("beginTime", 253_402_300_800_000),
    ],
)
async def test_a_bad_field_is_a_fault_of_that_record_alone(dialect, field, value):
    records = [job(3), job(2, **{field: value}), job(1)]
    key = field
    if dialect == "ges-v2":
        records, key = [snake(record) for record in records], next(iter(snake({field: 1})))
    (one, bad, other), note = await read(*records, dialect=dialect)
    assert (one.decode_error, other.decode_error, note) == (None, None, "")
    assert bad.id == name(2)
    assert bad.decode_error is not None
    assert f"{key} is " in bad.decode_error


async def test_a_missing_status_is_a_fault():
    (task,), _ = await read({"jobId": "a"})
    assert (task.status, task.decode_error) == (
        S.UNKNOWN,
        "The server sent invalid fields: status is missing.",
    )


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"status": 7}, "status is 7"),
        (
            {"status": None, "jobName": {}, "endTime": "never"},
            'endTime is "never", jobName is {}, status is null',
        ),
        ({"jobType": ["x" * 56]}, f'jobType is ["{"x" * 56}"]'),
        ({"jobType": ["x" * 57]}, f'jobType is ["{"x" * 57}…'),
        ({"jobName": ["图", 1]}, 'jobName is ["图", 1]'),
        ({"beginTime": False}, "beginTime is false"),
        ({"jobName": [[[[[[[[1]]]]]]]]}, "jobName is [[[[[[[[1]]]]]]]]"),
    ],
)
async def test_a_fault_shows_what_was_sent(fields, fault):
    (task,), _ = await read(job(1, **fields))
    assert task.decode_error == f"The server sent invalid fields: {fault}."


def test_a_fault_does_without_a_value_that_is_nested_too_deeply(monkeypatch):
    def too_deep(value: object, **options: object) -> str:
        raise RecursionError

    monkeypatch.setattr("backend_adapters.transport.loose_json.json", SimpleNamespace(dumps=too_deep))
    row = read_row(json.dumps(job(1, jobName=[1])).encode())
    assert row is not None
    assert row.task.decode_error == "The server sent invalid fields: jobName is nested too deeply."


async def test_of_a_field_in_both_spellings_the_one_with_a_value_counts():
    (one, other), _ = await read(
        {"job_id": None, "jobId": "a", "status": "running", "job_name": "", "jobName": "x"},
        {"jobId": "b", "job_id": "c", "status": "running", "job_name": "y", "jobName": None},
    )
    assert (one.id, one.name, other.id, other.name) == ("a", "", "b", "y")


async def test_a_record_without_a_readable_id_is_counted():
    bad = [job(2, jobId=None), job(3, jobId=7), job(4, jobId=""), {"status": "x"}, None, 7, "[]", '"text"']
    tasks, partial = await read(
        job(1), *[json.dumps(one) if not isinstance(one, str) else one for one in bad]
    )
    assert [task.id for task in tasks] == [name(1)]
    assert partial == "8 records of the list couldn't be read because they have no id."


async def test_a_name_may_be_a_list_as_one_document_has_it():
    (task,), _ = await read(job(1, jobName=["Import", "Graph"]))
    assert (task.name, task.decode_error) == ("Import, Graph", None)


async def test_broken_characters_are_replaced():
    tasks, _ = await read('{"jobId":"a","status":"success","jobName":"cut \\ud83d"}', job(2))
    assert (tasks[0].name, tasks[0].decode_error, len(tasks)) == ("cut \ufffd", None, 2)


@pytest.mark.parametrize("odd", [b'"caf\xe9"', b"1e999", b"NaN", b"-Infinity"])
async def test_what_strict_json_does_not_allow_is_a_matter_of_its_record_alone(odd):
    wire = ScriptedGes()
    first = json.dumps(job(2))[:-1].encode() + b',"jobProgress":' + odd + b',"progress":' + odd + b"}"
    body = b'{"jobCount":2,"jobList":[' + first + b"," + json.dumps(job(1)).encode() + b"]}"
    wire.override = lambda request: (
        httpx.Response(200, content=body) if "status" not in request.url.params else None
    )
    (batch,) = [batch async for batch in wire.backend().snapshot()]
    assert [task.id for task in batch.tasks] == [name(2), name(1)]
    assert batch.tasks[0].decode_error is not None
    assert "progress is" in batch.tasks[0].decode_error
    assert batch.tasks[1].decode_error is None
    assert batch.note == ""


async def test_a_list_over_the_cap_says_so(monkeypatch):
    wire = ScriptedGes([job(1)])
    monkeypatch.setattr("backend_adapters.ges.client.LIST_CAP", 100)
    with pytest.raises(
        BadAnswer, match=r"sent a list of more than 100 bytes, which is too long to read\.$"
    ) as caught:
        await read_all(wire)
    assert caught.value.hint == "Choose one graph, or fewer days."


async def read_all(wire: ScriptedGes) -> None:
    async for _ in wire.backend().snapshot():
        pass


@pytest.mark.parametrize("depth", [100, 500, 900, 960, 990, 5000])
async def test_a_record_that_is_nested_too_deeply_never_hides_the_others(depth):
    deep = json.dumps(job(1))[:-1] + ',"x":' + "[" * depth + "]" * depth + "}"
    tasks, partial = await read(deep, job(2))
    assert ([task.id for task in tasks], partial) == ([name(1), name(2)], "")
    assert not any(task.decode_error for task in tasks)
    wrong = json.dumps(job(1))[:-1] + ',"jobName":' + "[" * depth + "]" * depth + "}"
    tasks, partial = await read(wrong, job(2))
    assert ([task.id for task in tasks], partial) == ([name(1), name(2)], "")
    assert "jobName is " in (tasks[0].decode_error or "")


@pytest.mark.parametrize("depth", [100, 500, 900, 960, 990, 5000])
async def test_a_job_that_is_nested_too_deeply_has_a_detail(depth):
    deep = (
        json.dumps(job(1))[:-1]
        + "".join(f',"{key}":' + '{"a":' * depth + "1" + "}" * depth for key in ("x", "request", "jobDetail"))
        + "}"
    )
    wire = ScriptedGes()
    wire.override = lambda request: httpx.Response(200, content=f'{{"jobs":[{deep}]}}'.encode())
    found = await wire.backend().detail(name(1), cap=100_000)
    assert (found.task.id, found.task.decode_error) == (name(1), None)
    assert found.input is not None


async def test_a_number_of_five_thousand_digits_is_a_fault_of_its_record_alone():
    long = json.dumps(job(1))[:-1] + f',"progress":{"9" * 5000}}}'
    (one, other), partial = await read(long, job(2))
    assert (one.id, other.id, partial) == (name(1), name(2), "")
    assert "progress is " in (one.decode_error or "")


async def test_a_job_among_records_without_an_id_is_not_called_gone():
    wire = ScriptedGes([job(3), {"status": "running", "jobId": None}, job(1)])
    with pytest.raises(Unreadable) as caught:
        await wire.backend().detail(name(2), cap=1000)
    assert str(caught.value) == (
        f"ges.region.example:443 sent no readable record of job {name(2)}. "
        "1 record of the list couldn't be read because it has no id."
    )
    with pytest.raises(Unreadable):
        await anext(wire.backend().stream(name(2), "result"))
    assert (await wire.backend().detail(name(1), cap=1000)).task.id == name(1)
    looked = await wire.backend().look([name(2)])
    assert (looked.tasks, looked.missing) == ((), frozenset())
    assert looked.note == "1 record of the list couldn't be read because it has no id."


async def test_a_fault_shows_no_secret_and_no_endless_value():
    (task,), _ = await read(job(1, jobName={"password": "hunter2", "x": "y" * 1000}))
    assert task.decode_error is not None
    assert "hunter2" not in task.decode_error
    assert len(task.decode_error) < 200


async def test_other_work_goes_on_while_a_long_page_is_read():
    count, turns = 5 * JOBS_PER_BLOCK, 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    running = asyncio.ensure_future(others())
    await asyncio.sleep(0)
    body = json.dumps({"jobList": [job(n) for n in range(count)]}).encode()
    page = await read_page(Reply(code=200, body=body), 0, "here", None)
    running.cancel()
    assert (len(page.rows), turns) == (count, 5)


async def test_ten_thousand_records_in_one_page_are_read():
    tasks, note = await read(*[job(n) for n in range(10_000, 0, -1)])
    assert (len(tasks), note) == (10_000, "")


# The detail.

FILES = {
    "schemaPath": [{"path": "lake/schema.xml", "log": None, "cause": None, "status": "success"}],
    "vertexsetPath": [{"path": "lake/v.csv", "status": "running", "totalLines": 9, "successfulLines": 0}],
    "edgesetPath": [
        {
            "path": "lake/tx.csv",
            "log": "lake/log/",
            "cause": "45 lines",
            "status": "partFailed",
            "totalLines": 1200,
            "failedLines": 45,
            "successfulLines": 1155,
        },
        {
            "path": "old.csv",
            "status": "success",
            "totalLines": -1,
            "failedLines": -1,
            "successfulLines": "-1",
        },
    ],
}


@pytest.mark.parametrize("dialect", CENTER)
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (job(1, "failed", failReason="no capacity\nin zone"), "no capacity"),
        (job(1, "failed", failReason=" \n\n no capacity"), "no capacity"),
        (job(1, "failed", failReason="password=abc123 is wrong"), "password=•••••• is wrong"),
        (job(1, "failed", failReason="x" * 3000), "x" * 500),
        (job(1, "failed", failReason=None), ""),
        (job(1, "partiallyFailed", failReason="45 lines are bad", jobDetail=FILES), "45 lines are bad"),
        (job(1, "partiallyFailed", failReason="", jobDetail=FILES), "45 lines"),
        (job(1, "success", failReason="no capacity"), None),
    ],
)
async def test_why_a_job_failed_is_told_by_the_list(record, reason, dialect):
    ((row,), _) = await read(snake(record) if dialect == "ges-v2" else record, dialect=dialect)
    assert row.reason == reason


async def test_where_the_list_has_no_reason_at_all_the_detail_may_have_one():
    ((row,), _) = await read({"jobId": "1", "status": "failed"})
    assert row.reason is None


async def detail(record: dict[str, object], dialect: str = "ges", cap: int = 100_000):
    return await ScriptedGes([record], dialect).backend().detail(str(record["jobId"]), cap=cap)


@pytest.mark.parametrize("dialect", CENTER)
async def test_the_files_of_an_import_are_a_table(dialect):
    record = job(1, "partiallyFailed", jobName="ImportGraph", jobDetail=FILES, failReason="45 lines are bad")
    found = await detail(record, dialect)
    (sheet,) = found.sheets
    assert (sheet.title, sheet.numbers) == ("Files", {3, 4, 5})
    assert sheet.heads == ("KIND", "PATH", "STATUS", "TOTAL", "OK", "FAILED", "CAUSE", "LOG")
    assert sheet.rows == (
        ("schema", "lake/schema.xml", "success", "", "", "", "", ""),
        ("vertices", "lake/v.csv", "running", "9", "0", "", "", ""),
        ("edges", "lake/tx.csv", "partFailed", "1200", "1155", "45", "45 lines", "lake/log/"),
        ("edges", "old.csv", "success", "", "", "", "", ""),
    )
    assert found.result == b"45 lines are bad"
    assert found.task.raw_status == "partiallyFailed"
    sent = snake(record) if dialect == "ges-v2" else record
    assert json.loads(found.raw) == sent
    assert (found.input, found.truncated, found.size) == (None, False, len(found.raw))


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        [],
        "x",
        7,
        {"schemaPath": None},
        {"schemaPath": {}, "edgesetPath": 7},
        {"edgesetPath": []},
    ],
)
async def test_without_files_there_is_no_table(files):
    assert (await detail(job(1, jobDetail=files))).sheets == ()


async def test_a_file_that_is_none_is_shown_as_what_it_is():
    files = ["a.csv", None, {"path": 7, "status": None, "cause": {"图": 1}}]
    found = await detail(job(1, jobDetail={"edgesetPath": files}))
    assert found.sheets[0].rows == (
        ("edges", "a.csv", "", "", "", "", "", ""),
        ("edges", "", "", "", "", "", "", ""),
        ("edges", "7", "", "", "", "", '{"图": 1}', ""),
    )


async def test_a_job_that_has_not_begun_tells_its_age_by_its_id_as_about():
    waiting = job(1, "pending") | {"jobId": "ff8080816a11c0de0167bc3c7b5b0007"}
    found = await detail(waiting)
    assert found.task.created is None
    assert found.extra == (("made", "about 2018-12-17 12:55:39 UTC (from its id)"),)
    assert (await detail(waiting | {"beginTime": ""})).extra == found.extra
    assert (await detail(waiting | {"beginTime": "2018-12-17T12:55:40"})).extra == ()
    for strange in ("x", "f" * 32, "0" * 32, "ff8080816a11c0de0167bc3c7b5b000G"):
        assert (await detail(waiting | {"jobId": strange})).extra == ()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (1_483_228_800_000, "about 2017-01-01 00:00:00 UTC (from its id)"),
        (1_483_228_799_999, ""),
        (4_102_444_800_000, "about 2100-01-01 00:00:00 UTC (from its id)"),
        (4_102_444_800_001, ""),
    ],
)
def test_an_id_tells_a_time_only_from_when_ges_was_on(made, words):
    assert describe_creation(f"ff8080816a11c0de{made:012x}0007") == words
    assert describe_creation(f"ff8080816a11c0de{made:012x}00070") == ""


@pytest.mark.parametrize("value", [True, [], {}, b"1", float("nan"), float("inf"), "soon"])
def test_what_is_no_moment_is_refused(value):
    with pytest.raises(ValueError, match=r"no moment|Invalid isoformat"):
        parse_millis(value)


async def test_further_fields_are_shown_and_the_reserved_progress_is_not():
    more = {"region": "cn-north-4", "more": {"图": [1]}, "nothing": None, "empty": "", "zero": 0, "no": False}
    found = await detail(job(1, jobProgress=55.0, **more))
    assert found.extra == (("region", "cn-north-4"), ("more", '{"图": [1]}'), ("zero", "0"), ("no", "false"))
    assert "55" not in str(found.extra)
    assert found.task.progress is None


@pytest.mark.parametrize(("over", "truncated"), [(0, False), (1, True)])
async def test_a_detail_is_cut_just_over_its_cap(over, truncated):
    size = (await detail(job(1))).size
    found = await detail(job(1), cap=size - over)
    assert (len(found.raw), found.truncated, found.size) == (size - over, truncated, size)


async def streamed(record: dict[str, object], part: str) -> list[bytes]:
    return [piece async for piece in ScriptedGes([record]).backend().stream(name(1), part)]


async def test_the_texts_of_a_job_are_streamed_in_one_piece():
    record = job(1, "failed", failReason="图 is bad", request={"command": "图"})
    assert await streamed(record, "result") == ["图 is bad".encode()]
    assert await streamed(record, "input") == ['{\n  "command": "图"\n}'.encode()]
    assert await streamed(job(1), "result") == []
    assert await streamed(job(1), "input") == []
    assert await streamed(job(1, "failed", failReason="bad"), "input") == []


@pytest.mark.parametrize(("size", "kept"), [(7999, True), (8000, True), (8001, False)])
async def test_the_reason_of_a_failed_job_is_kept_unless_its_record_is_large(size, kept):
    def sent(reason: str) -> bytes:
        return httpx.Response(200, json=job(1, "failed", failReason=reason)).content

    wire = ScriptedGes([job(1, "failed", failReason="x" * (size - len(sent(""))))])
    backend, mark = await known_backend(wire)
    assert (await backend.detail(name(1), cap=10_000)).size == size
    assert len(wire.requests) - mark == (0 if kept else 1)


async def test_only_so_many_reasons_are_kept(monkeypatch):
    monkeypatch.setattr("backend_adapters.ges.position_index._MOST_KEPT", 3)
    wire = ScriptedGes([job(n, "failed", failReason=f"reason {n}") for n in (4, 3, 2, 1)])
    backend, mark = await known_backend(wire)
    asked = []
    for number in (1, 2, 3, 4):
        assert (await backend.detail(name(number), cap=1000)).result == f"reason {number}".encode()
        asked.append(len(wire.requests) - mark)
    # The first that was read had to go; when it is read again it drives out the next.
    assert asked == [0, 0, 0, 1]


async def test_a_detail_over_the_cap_keeps_its_row():
    found = await detail(job(1, "failed", failReason="x" * 5000), cap=300)
    assert (found.truncated, len(found.raw), found.task.status) == (True, 300, S.FAILED)
    assert found.size > 5000


def line_file(total: object, done: object, failed: object = 0, status: str = "running") -> dict[str, object]:
    return {
        "path": "x",
        "status": status,
        "totalLines": total,
        "successfulLines": done,
        "failedLines": failed,
    }


@pytest.mark.parametrize("dialect", CENTER)
@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({"edgesetPath": [line_file(8_790_000, 4_360_000, 551)]}, (4_360_551, 8_790_000, "lines")),
        (
            {
                "schemaPath": [{"path": "s"}],
                "vertexsetPath": [line_file(10, 10)],
                "edgesetPath": [line_file(5, 1)],
            },
            (11, 15, "lines"),
        ),
        ({"edgesetPath": [line_file(-1, -1, -1)]}, (None, None, "")),
        (
            {
                "vertexsetPath": [line_file(-1, -1, -1, "success"), line_file(9, 9, 0, "partFailed")],
                "edgesetPath": [line_file(-1, -1)],
            },
            (2, 3, "files"),
        ),
        ({"vertexsetPath": None, "edgesetPath": []}, (None, None, "")),
        ({"vertexsetPath": "x", "edgesetPath": ["y", {"totalLines": "many"}]}, (None, None, "")),
    ],
)  # fmt: skip
async def test_how_far_an_import_is_is_read_from_its_files(dialect, detail, told):
    record = job(1, "running", jobName="ImportGraph", jobDetail=detail, jobProgress=0)
    (task,), _ = await read(snake(record) if dialect == "ges-v2" else record, dialect=dialect)
    assert (task.progress, task.progress_total, task.progress_unit) == told
