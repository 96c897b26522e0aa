"""The token in a computer job's input, and every other secret, stays out of what a person can see."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters.errors import BackendError
from backend_adapters.redaction import mask_secrets
from backend_adapters.secret_finder import MASK
from tests.adapters.scripted_computers import TOKEN, ScriptedComputers, full, ids_in, job, opened
from tests.adapters.scripted_servers import failure

TOKENS = st.one_of(
    st.from_regex(r"eyJ[A-Za-z0-9_-]{10,60}\.[A-Za-z0-9_-]{10,60}\.[A-Za-z0-9_-]{10,60}", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=40).map(
        "s3".__add__
    ),
)


@given(token=TOKENS, ascii_only=st.booleans(), spaces=st.booleans(), last=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_token_is_masked_in_the_input_and_in_the_answer_that_holds_it(token, ascii_only, spaces, last):
    told = {"graph": "DEFAULT/hugegraph", "params": {"k8s.master_cpu": "1"}, "worker": 5}
    told = told | {"token": token} if last else {"token": token} | told
    separators = None if spaces else (",", ":")
    inner = json.dumps(told, ensure_ascii=ascii_only, separators=separators)
    outer = json.dumps({"id": 1, "task_input": inner}, ensure_ascii=ascii_only, separators=separators)
    secret = json.dumps(token, ensure_ascii=ascii_only)[1:-1]
    for text, hidden in ((inner, secret), (outer, json.dumps(secret)[1:-1])):
        shown = mask_secrets(text)
        assert hidden not in shown
        assert MASK in shown
    assert json.loads(mask_secrets(inner)) == told | {"token": MASK}


async def test_a_detail_that_the_cap_cuts_within_the_token_shows_none_of_it():
    wire = ScriptedComputers([full(job(1))])
    backend, _ = await opened(wire)
    whole = (await backend.detail("1", cap=100_000)).raw
    at = whole.index(TOKEN.encode())
    for cap in (at + 6, at + len(TOKEN) - 1, at + len(TOKEN), at + len(TOKEN) + 3):
        detail = await backend.detail("1", cap=cap)
        assert detail.truncated
        for text in (detail.raw.decode(), detail.input or ""):
            assert TOKEN[:5] not in mask_secrets(text)


async def test_no_text_of_a_job_shows_the_token():
    row = full(
        job(1), task_result=f"failed: Authorization: Bearer {TOKEN}", task_context=f'{{"token":"{TOKEN}"}}'
    )
    wire = ScriptedComputers([row])
    backend, _ = await opened(wire)
    detail = await backend.detail("1", cap=100_000)
    texts = [detail.input, detail.result.decode(), detail.raw.decode(), *(text for _, text in detail.extra)]
    assert all(TOKEN in text and TOKEN not in mask_secrets(text) for text in texts)


@pytest.mark.parametrize("code", [400, 403, 404, 500])
@pytest.mark.parametrize("words", [
    f'Invalid computer parameters \'{{"token":"{TOKEN}","worker":5}}\'',
    f"Failed with token={TOKEN}",
    f"Authorization: Bearer {TOKEN}",
])  # fmt: skip
async def test_an_error_that_repeats_the_token_is_cleaned(code, words):
    wire = ScriptedComputers([job(1)])
    backend, _ = await opened(wire)
    trace = [f'at x.Y("token":"{TOKEN}")']
    wire.override = lambda request: failure(code, "x.HugeException", words, trace=trace)
    for attempt in (lambda: backend.create("wcc", {}), lambda: ids_in(backend.snapshot())):
        with pytest.raises(BackendError) as caught:
            await attempt()
        assert TOKEN not in f"{caught.value} {caught.value.hint} {caught.value.trace}"


async def test_a_broken_record_s_fault_does_not_repeat_the_token():
    wire = ScriptedComputers([job(1, task_progress={"token": TOKEN})])
    backend, _ = await opened(wire)
    (task,) = (await backend.look(["1"])).tasks
    assert task.decode_error is not None
    assert TOKEN not in task.decode_error
