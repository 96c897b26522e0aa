"""Jobs of all kinds of shape: what they become, and that a bad one hides no other."""

from __future__ import annotations

import json

import httpx
import pytest

from backend_adapters.errors import BadAnswer
from backend_adapters.model import Task, TaskStatus
from tests.adapters.ges_wire import CENTER, GesWire, job, name, snake

S = TaskStatus


async def read(*records: object, dialect: str = "ges") -> tuple[tuple[Task, ...], str]:
    """The tasks in a list with these records, and the last note."""
    texts = [record if isinstance(record, str) else json.dumps(record) for record in records]
    body = f'{{"jobCount":{len(texts)},"jobList":[{",".join(texts)}]}}'
    if dialect == "ges-v2":
        body = body.replace("jobCount", "job_count").replace("jobList", "job_list")
    wire = GesWire(dialect=dialect)
    wire.override = lambda request: (
        httpx.Response(200, content=body.encode("utf-8", "surrogatepass"))
        if "status" not in request.url.params
        else None
    )
    batches = [batch async for batch in wire.backend().snapshot()]
    return batches[0].tasks, batches[-1].note


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
        word="partiallyFailed",
        created=1_555_057_805_000,
        updated=1_555_057_907_000,
        graph="movies",
    )
    assert (task.took, task.progress, note) == (102_000, None, "")


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
        ("teleporting", S.UNKNOWN),
        ("", S.UNKNOWN),
    ],
)
async def test_every_status_keeps_its_word(word, status):
    (task,), _ = await read(job(1, word))
    assert (task.status, task.fault) == (status, None)
    assert task.word == (word or "unknown")


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
        (None, None),
        ("", None),
    ],
)
async def test_times_are_utc_in_every_form(sent, millis):
    (task,), _ = await read(job(1, beginTime=sent))
    assert (task.created, task.fault) == (millis, None)


@pytest.mark.parametrize(
    "field", ["jobType", "jobName", "relatedGraph", "beginTime", "endTime", "failReason", "jobDetail"]
)
async def test_fields_may_be_missing_or_null(field):
    without = {key: value for key, value in job(1).items() if key != field}
    for record in (without, job(1, **{field: None})):
        (task,), note = await read(record)
        assert (task.id, task.status, task.fault, note) == (name(1), S.SUCCESS, None, "")


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
    ],
)
async def test_a_bad_field_is_a_fault_of_that_record_alone(dialect, field, value):
    records = [job(3), job(2, **{field: value}), job(1)]
    key = field
    if dialect == "ges-v2":
        records, key = [snake(record) for record in records], next(iter(snake({field: 1})))
    (one, bad, other), note = await read(*records, dialect=dialect)
    assert (one.fault, other.fault, note) == (None, None, "")
    assert bad.id == name(2)
    assert bad.fault is not None
    assert f"{key} is " in bad.fault


async def test_a_missing_status_is_a_fault():
    (task,), _ = await read({"jobId": "a"})
    assert (task.status, task.fault) == (S.UNKNOWN, "The server sent what can't be read: status is missing.")


async def test_a_record_without_a_readable_id_is_counted():
    bad = [job(2, jobId=None), job(3, jobId=7), job(4, jobId=""), {"status": "x"}, None, 7, "[]", '"text"']
    tasks, note = await read(job(1), *[json.dumps(one) if not isinstance(one, str) else one for one in bad])
    assert [task.id for task in tasks] == [name(1)]
    assert note == "8 records could not be read."


async def test_a_name_may_be_a_list_as_one_document_has_it():
    (task,), _ = await read(job(1, jobName=["Import", "Graph"]))
    assert (task.name, task.fault) == ("Import, Graph", None)


async def test_broken_characters_are_replaced():
    tasks, _ = await read('{"jobId":"a","status":"success","jobName":"cut \\ud83d"}', job(2))
    assert (tasks[0].name, tasks[0].fault, len(tasks)) == ("cut \ufffd", None, 2)


@pytest.mark.parametrize("odd", [b'"caf\xe9"', b"1e999", b"NaN", b"-Infinity"])
async def test_what_strict_json_does_not_allow_is_a_matter_of_its_record_alone(odd):
    wire = GesWire()
    first = json.dumps(job(2))[:-1].encode() + b',"jobProgress":' + odd + b',"progress":' + odd + b"}"
    body = b'{"jobCount":2,"jobList":[' + first + b"," + json.dumps(job(1)).encode() + b"]}"
    wire.override = lambda request: (
        httpx.Response(200, content=body) if "status" not in request.url.params else None
    )
    (batch,) = [batch async for batch in wire.backend().snapshot()]
    assert [task.id for task in batch.tasks] == [name(2), name(1)]
    assert (batch.tasks[0].fault is None) == (b"caf" not in odd)
    assert batch.tasks[1].fault is None
    assert batch.note == ""


async def test_a_list_over_the_cap_says_so(monkeypatch):
    wire = GesWire([job(1)])
    monkeypatch.setattr("backend_adapters.ges.link.LIST_CAP", 100)
    with pytest.raises(BadAnswer, match="more than 100 bytes"):
        await read_all(wire)


async def read_all(wire: GesWire) -> None:
    async for _ in wire.backend().snapshot():
        pass


@pytest.mark.parametrize("depth", [100, 500, 900, 960, 990, 5000])
async def test_a_record_that_is_nested_too_deeply_never_hides_the_others(depth):
    deep = json.dumps(job(1))[:-1] + ',"x":' + "[" * depth + "]" * depth + "}"
    try:
        tasks, note = await read(job(2), deep)
    except BadAnswer:
        return
    assert tasks[0].id == name(2)
    assert len(tasks) == 2 or note == "1 record could not be read."


async def test_a_fault_shows_no_secret_and_no_endless_value():
    (task,), _ = await read(job(1, jobName={"password": "hunter2", "x": "y" * 1000}))
    assert task.fault is not None
    assert "hunter2" not in task.fault
    assert len(task.fault) < 200


async def test_ten_thousand_records_in_one_page_are_read():
    tasks, note = await read(*[job(n) for n in range(10_000, 0, -1)])
    assert (len(tasks), note) == (10_000, "")


# The detail.

FILES = {
    "schemaPath": [{"path": "lake/schema.xml", "log": None, "cause": None, "status": "success"}],
    "vertexsetPath": None,
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


async def detail(record: dict[str, object], dialect: str = "ges", cap: int = 100_000):
    return await GesWire([record], dialect).backend().detail(str(record["jobId"]), cap=cap)


@pytest.mark.parametrize("dialect", CENTER)
async def test_the_files_of_an_import_are_a_table(dialect):
    record = job(1, "partiallyFailed", jobName="ImportGraph", jobDetail=FILES, failReason="45 lines are bad")
    found = await detail(record, dialect)
    (sheet,) = found.sheets
    assert (sheet.title, sheet.numbers) == ("Files", {3, 4, 5})
    assert sheet.heads == ("KIND", "PATH", "STATUS", "TOTAL", "OK", "FAILED", "CAUSE", "LOG")
    assert sheet.rows == (
        ("schema", "lake/schema.xml", "success", "", "", "", "", ""),
        ("edges", "lake/tx.csv", "partFailed", "1200", "1155", "45", "45 lines", "lake/log/"),
        ("edges", "old.csv", "success", "", "", "", "", ""),
    )
    assert found.result == "45 lines are bad"
    assert found.task.word == "partiallyFailed"
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
    found = await detail(job(1, jobDetail={"edgesetPath": ["a.csv", None, {"path": 7, "status": None}]}))
    assert [row[:3] for row in found.sheets[0].rows] == [
        ("edges", "a.csv", ""),
        ("edges", "", ""),
        ("edges", "7", ""),
    ]


async def test_a_job_that_has_not_begun_tells_its_age_by_its_id_as_about():
    waiting = job(1, "pending") | {"jobId": "ff8080816a11c0de0167bc3c7b5b0007"}
    found = await detail(waiting)
    assert found.task.created is None
    assert found.extra == (("created", "about 2018-12-17 12:55:39 UTC (by its id)"),)
    assert (await detail(waiting | {"beginTime": "2018-12-17T12:55:40"})).extra == ()
    for strange in ("x", "f" * 32, "0" * 32, "ff8080816a11c0de0167bc3c7b5b000G"):
        assert (await detail(waiting | {"jobId": strange})).extra == ()


async def test_further_fields_are_shown_and_the_reserved_progress_is_not():
    found = await detail(job(1, jobProgress=55.0, region="cn-north-4", more={"a": [1]}, nothing=None))
    assert found.extra == (("region", "cn-north-4"), ("more", '{"a": [1]}'))
    assert "55" not in str(found.extra)
    assert found.task.progress is None


async def test_a_detail_over_the_cap_keeps_its_row():
    found = await detail(job(1, "failed", failReason="x" * 5000), cap=300)
    assert (found.truncated, len(found.raw), found.task.status) == (True, 300, S.FAILED)
    assert found.size > 5000
