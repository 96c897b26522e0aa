"""Lists of tasks, by their queries."""

from __future__ import annotations

from dataclasses import replace

from tests.adapters.raw.cases import Case
from tests.adapters.raw.error_texts import NO_QUERY, STATUSES, STORE

_QUERIES = (
    Case(200, "1 tasks", (
        "?limit=1", "?limit=%2B1", "?limit=1&limit=2", "?limit=%D9%A1", "?limit=00000000000000000000001",
        "?limit=%EF%BC%91", "?ids={done}", "?ids={done}&limit=0", "?ids={done}&limit=-5", "?ids=%2B{done}",
    )),
    Case(200, "0 tasks", (
        "?limit=0", "?status=NEW&status=SUCCESS", "?status=unknown", "?ids=999999999", "?ids=-1",
        "?ids=%D9%A9%D9%A9%D9%A9%D9%A9%D9%A9%D9%A9%D9%A9",
    )),
    Case(200, "3 tasks", (
        "?limit=-1", "?limit=800000", "?limit=9223372036854775807", "?limit=", "?limit=%20", "?limit",
        "?LIMIT=x", "?status=success", "?status=SUCCESS", "?status=Success", "?", "?x=1", "?&&",
    )),
    Case(400, STORE + "IllegalArgumentException: Invalid limit -2", ("?limit=-2",)),
    Case(400, STORE + "IllegalArgumentException: Invalid limit 800001, must be <= capacity(800000)", (
        "?limit=800001", "?page=&limit=800001",
    )),
    Case(400,
         STORE +
         "IllegalArgumentException: Invalid limit 9223372036854775806, must be <= "
         "capacity(800000)",
         ("?limit=9223372036854775806",)),
    Case(404, NO_QUERY, (
        "?limit=9223372036854775808", "?limit=-9223372036854775809", "?limit=x", "?limit=1.0", "?limit=+1",
        "?limit=0x1", "?limit=x&limit=2", "?limit=1e2", "?limit=1%20", "?limit=1_0", "?limit=%F0%9D%9F%8F",
        "?limit=1;limit=x", "?limit=%C2%A01", "?ids=%20", "?ids=x", "?ids={done},{done}",
        "?ids=9223372036854775808", "?ids={done}&limit=x", "?ids={done}&ids=%20", "?ids=1.5", "?limit=%ff",
    )),
    Case(400, STORE + "IllegalArgumentException: Invalid limit -9223372036854775808", (
        "?limit=-9223372036854775808",
    )),
    Case(400, STATUSES + "''", ("?status=", "?status")),
    Case(400, STATUSES + "'bogus'", ("?status=bogus", "?page=&status=bogus")),
    Case(400, STATUSES + "' success'", ("?status=%20success",)),
    Case(400, STATUSES + "'PENDING'", ("?status=PENDING",)),
    Case(500, "NullPointerException: The 'object' can't be null", ("?ids=", "?ids={done}&ids=", "?ids")),
    Case(200, "2 tasks", ("?ids={done}&ids={done}",)),
    Case(400,
         "IllegalArgumentException: Not support status when query task by ids, but got "
         "status='SUCCESS'",
         ("?ids={done}&status=SUCCESS",)),
    Case(400, "IllegalArgumentException: Not support page when query task by ids, but got page=''", (
        "?ids={done}&page=",
    )),
    Case(400, "IllegalArgumentException: Not support status when query task by ids, but got status=''", (
        "?ids={done}&status=",
    )),
    Case(200, "3 tasks, the last page", (
        "?page=", "?page", "?page=AAAAAAA=", "?page=AAAAAAA", "?page=&limit=-1",
        "?page=&limit=9223372036854775807", "?page=&status=SUCCESS", "?page=AAAAAAA=&status=SUCCESS",
        "?page=AAAAAAAA", "?page=AAAAAAB9", "?page=AAAAAAAAAAAAAAA=",
    )),
    Case(200, "1 tasks, a page", (
        "?page=&limit=1", "?page=AAAAAAA=&limit=1", "?page={token}&limit=1", "?limit=1&page=&x[]=2",
    )),
    Case(400, STORE + "HugeException: Invalid page: 'x'", ("?page=x",)),
    Case(400, STORE + "HugeException: Invalid page: '0x81aadb6a07'", ("?page=garbage",)),
    Case(400, STORE + "HugeException: Invalid page: '0xcf3c'", ("?page=zzz",)),
    Case(400,
         STORE +
         "IllegalStateException: Invalid page 'AAAAAQA=' with an offset '1' exceeds the size of"
         " IdHolderList",
         ("?page=AAAAAQA=",)),
    Case(400, STORE + "HugeException: Invalid page: '0x69b7'", ("?page=abc%3D", "?page=abc")),
    Case(400, STORE + "HugeException: Invalid page: ' '", ("?page=%20",)),
    Case(400, STORE + "HugeException: Invalid page: '='", ("?page=%3D",)),
    Case(400, STORE + "IllegalStateException: Can't set limit=0 when using paging", ("?page=&limit=0",)),
    Case(400, STORE + "IllegalArgumentException: Invalid limit -5", ("?page=&limit=-5",)),
    Case(400, STORE + "HugeException: Invalid page: '0x9ee965'", ("?page=null",)),
    Case(400, STORE + "HugeException: Invalid page: '€'", ("?page=%E2%82%AC",)),
    Case(400, STORE + "HugeException: Invalid page: '_-_-'", ("?page=_-_-",)),
    Case(400, STORE + "HugeException: Invalid page: '0x000000'", ("?page=AAAA",)),
    Case(400, STORE + "HugeException: Invalid page: '0x00000000'", ("?page=AAAAAA==",)),
    Case(400, STORE + "BackendException: Invalid page: '0x41'", ("?page=AAAAAAFB",)),
    Case(400, STORE + "HugeException: Invalid page: '0x0000000001'", ("?page=AAAAAAE=",)),
    Case(400, STORE + "HugeException: Invalid page: '0xffffffffffff'", ("?page=%2F%2F%2F%2F%2F%2F%2F%2F",)),
    Case(400, STORE + "HugeException: Invalid page: 'AA A'", ("?page=AA+A",)),
    Case(400, STORE + "HugeException: Invalid page: 'AA\nAA'", ("?page=AA%0AAA",)),
    Case(400, STORE + "HugeException: Invalid page: 'a'", ("?page=a",)),
    Case(400, STORE + "HugeException: Invalid page: '0x69'", ("?page=ab",)),
    Case(400, STORE + "HugeException: Invalid page: '0x00000000ff00'", ("?page=AAAAAP8A",)),
    Case(200, "2 tasks, the last page", ("?page={token}",)),
    Case(200, "0 tasks, the last page", ("?page={token}&status=SUCCESS",)),
    Case(400, STORE + "HugeException: Invalid page: '0xffffffff00'", ("?page=/////wA=",)),
    Case(500, "a web page", ("?limit=%zz", "?%")),
)  # fmt: skip

CASES = tuple(
    replace(case, requests=[f"GET {{tasks}}{query}" for query in case.requests]) for case in _QUERIES
)
