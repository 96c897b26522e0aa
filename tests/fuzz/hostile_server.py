"""Text that wants to drive a terminal, and a HugeGraph server that answers with it in every field."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import parse_qs

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from backend_adapters.simulator.serve import _open_listener, _uvicorn_config
from tests.support.patience import PATIENCE

PAYLOADS: dict[str, str] = {
    "sgr": "a\x1b[5;53mblink\x1b[8mconcealed",
    "clear": "b\x1b[2J\x1b[3J\x1b[H",
    "place": "c\x1b[999;999Hd\x1b[10A\x1b[7B\x1b[s\x1b[u",
    "modes": "e\x1b[?1049l\x1b[?1000h\x1b[?25h\x1b[?5h\x1b[?1047h\x1b[4h",
    "keyboard": "f\x1b[>31u\x1b[=1u\x1b[<9u\x1b[>4;2m",
    "title": "g\x1b]0;owned\x07\x1b]2;owned\x1b\\",
    "link": "h\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "i\x1b]52;c;cm0gLXJm\x07\x1b]52;p;?\x07",
    "note": "j\x1b]9;boo\x07\x1b]777;notify;boo;boo\x07\x1b]1337;SetMark\x07",
    "dcs": 'k\x1bP$q"p\x1b\\\x1bP+q544e\x1b\\',
    "strings": "l\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",
    "reset": "m\x1bc\x1b7\x1b8\x1b(0\x1b#8\x1b=\x1b>\x1bD\x1bM",
    "c1": "n\x9b2J\x9d0;owned\x9c\x90q\x9c\x85\x84\x8d",
    "c0": "o\x07\x08\x08\x0b\x0c\x0e\x0f\x00\x11\x13\x18\x1a\x7f",
    "lines": "p\rq\nr\r\ns\tt\u2028u\u2029v",
    "bidi": "w\u202egnp.exe\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u202a\u202b\u202d",
    "unseen": "x\u200b\u200c\u200d\ufeff\u2060\u00ad\u180e\u034f\u115f\u3164y",
    "marks": "z" + "\u0301\u0323" * 600 + "ok",
    "lone mark": "\u0301\u0323first",
    "selectors": "❤\ufe0f☎\ufe0e1\ufe0f\u20e3\U000e0100",
    "tags": "🏴\U000e0067\U000e0062\U000e007f",
    "surrogate": "A\ud800B\udfffC",
    "private": "\ue000\uf8ff\U000f0000\U0010fffd",
    "rich": "[/x][bold][@click=app.quit]quit[/][link=http://evil.example]x[/link][bold",
    "content": "$text [$error]x[/] [on red]y \\[z] {0} %s :smile:",
    "wide": "图谱分析任务每日自动运行的关系网络风险检测作业" * 4,
    "odd wide": "x" + "图谱分析任务每日自动运行的关系网络风险检测作业" * 4,
    "family": "👩\u200d👩\u200d👧\u200d👦" * 12,
    "tones": "👍🏽👩🏿\u200d🚀🇩🇪🇫🇷🇺" * 6,
    "long": "very-long-" * 100_000,
    "path": "org.apache.\x1b[5mhugegraph.\u202ejob.\x9bGremlin.Job" * 3,
    "secret": '{"password": "\x1b]52;c;eA==\x07", "token": "\x9b2Jabcdefgh"}',
}
"""By what they try. The long ones are at the end, so that they are above the others: newest first."""

DESERTED = "DEFAULT"


def record(number: int, name: str, *, status: str = "failed", spare: str = "") -> dict[str, object]:
    """A task whose every text is `name` (and `spare` for what would be too long to be seen beside it)."""
    other = spare or name
    return {
        "id": number,
        "task_name": name,
        "task_type": other,
        "task_status": status,
        "task_progress": number,
        "task_create": 1_795_400_000_000 + number,
        "task_update": 1_795_400_005_000 + number,
        "task_retries": number % 3,
        "task_description": other,
        "task_dependencies": [number + 1],
        "task_server": other,
        "task_callable": other,
        "task_input": json.dumps({"gremlin": f"// {other}\ng.V()", "bindings": {other: other}}),
        "task_result": f"java.lang.Exception: {other}\n\tat {other}\nCaused by: {other}",
        "task_context": other,
        other[:40]: other,
    }


class HostileApp:
    """Answers as HugeGraph 1.7 does, but every word that it can choose is hostile.

    `tasks` are the records of every graph, `refusal` is what is said to a cancel or a delete, `broken` (a
    status, a type and a body) the answer to every request for tasks while it is set.
    """

    def __init__(
        self,
        tasks: Sequence[Mapping[str, object]] = (),
        *,
        version: str = "1.7.0",
        graphs: Sequence[str] = ("hugegraph",),
        spaces: Sequence[str] = (DESERTED,),
        refusal: str = "no",
    ) -> None:
        self.tasks = list(tasks)
        self.version = version
        self.graphs = list(graphs)
        self.store = "rocksdb"
        self.spaces = list(spaces)
        self.refusal = refusal
        self.broken: tuple[int, str, bytes] | None = None
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        assert scope["type"] == "http"
        query = {key: list(values) for key, values in parse_qs(scope["query_string"].decode()).items()}
        status, kind, body = self._answer(scope["method"], scope["path"], query)
        headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, method: str, path: str, query: dict[str, list[str]]) -> tuple[int, str, bytes]:
        last = path.rpartition("/")[2]
        if path == "/versions":
            return _json({"versions": {"version": "v1", "core": self.version, "api": self.version}})
        if path == "/graphspaces":
            return _json({"graphSpaces": self.spaces})
        if last == "graphs":
            return _json({"graphs": self.graphs})
        if path.rpartition("/")[0].endswith("/graphs"):
            return _json({"name": last, "backend": self.store})
        self.asked += 1
        if self.broken is not None:
            return self.broken
        if method != "GET":
            return _json(error(self.refusal), 400)
        if last == "tasks":
            return _json({"tasks": self._listed(query), "page": None})
        return _json(next(task for task in self.tasks if str(task["id"]) == last))

    def _listed(self, query: dict[str, list[str]]) -> list[Mapping[str, object]]:
        ids, statuses = query.get("ids"), query.get("status")
        return [
            task
            for task in self.tasks
            if (ids is None or str(task["id"]) in ids)
            and (statuses is None or task["task_status"] in statuses)
        ]


def error(words: str) -> dict[str, object]:
    """HugeGraph's body of an error, with the same words everywhere."""
    return {"exception": f"class {words}", "message": words, "cause": words, "trace": [words, words]}


def _json(value: object, status: int = 200) -> tuple[int, str, bytes]:
    return status, "application/json;charset=UTF-8", json.dumps(value).encode()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve over HTTP from a thread; gives the address."""
    with _open_listener("127.0.0.1", 0) as listener:
        server = uvicorn.Server(_uvicorn_config(app))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not end"


ALL: tuple[dict[str, object], ...] = tuple(
    record(number + 1, payload, status="failed" if number % 3 else "running", spare=payload[:3000])
    for number, payload in enumerate(PAYLOADS.values())
)
"""One task for each payload; every third is still running."""
