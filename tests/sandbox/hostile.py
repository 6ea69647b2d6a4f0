"""Requests to the sandbox that nobody means well with, as hypothesis strategies over Twilio's OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sandbox.openapi import FORM, Operation, Parameter, operations

ATTACK = settings(
    deadline=None,
    phases=[Phase.generate],  # the world moves on, so what failed cannot be made smaller by trying again
    suppress_health_check=list(HealthCheck),
)
"""How requests are played on one sandbox, which remembers them all."""

LARGEST = 2_147_483_647
DEEP = "[" * 3000 + "]" * 3000

NASTY = (
    b"",
    b" ",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"%",
    b"%zz",
    b"&=&",
    b"../../etc/passwd",
    b"<script>alert(1)</script>",
    b"'; DROP TABLE records; --",
    b"-1",
    b"0",
    b"1",
    b"1e9",
    b"1_000",
    b"NaN",
    b"Infinity",
    b"9" * 30,
    b"-" + b"9" * 30,
    str(LARGEST).encode(),
    str(LARGEST + 1).encode(),
    "١٢٣".encode(),
    "\u202e\N{GRINNING FACE}\N{ZERO WIDTH JOINER}".encode(),
    b"x" * 5000,
    b"[" * 3000,
    DEEP.encode(),
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
    b'{"a": 1e999, "b": NaN}',
    b'{"a": "\\ud800"}',
    b'{"a": 1, "a": 2}',
    b"[1, 2",
    b"null",
    b"true",
    b"(" * 3000,
    b"a == " * 1000,
    b"NOT " * 1000 + b"a",
    b"a HAS",
    b"1 == 1 OR worker.x.y[99999999999999999999] == 3",
    b"0000-00-00T00:00:00Z",
    b"0001-01-01T00:00:00+23:59",
    b"9999-12-31T23:59:59-23:59",
    b"2026-02-30T00:00:00Z",
    b"2026-01-01T00:00:00Z",
    b"1969-12-31T23:59:59Z",
    b"http://",
    b"http://[::1",
    b"http://x:99999/",
    b"javascript:alert(1)",
    b"PAWT" + b"0" * 32,
    b"PB",
)
"""Values for any parameter."""

FITTING: Mapping[str, Sequence[bytes]] = {
    "Attributes": (b"{}", b'{"a": 1}', b'{"languages": ["es"]}', b"[]", b'"text"'),
    "AssignmentStatus": (b"pending", b"reserved", b"assigned", b"wrapping", b"completed", b"canceled"),
    "ReservationStatus": (b"pending", b"accepted", b"rejected", b"timeout", b"wrapping", b"completed", b"canceled"),
    "Instruction": (b"accept", b"reject", b"dequeue", b"call", b"redirect", b"conference", b"supervise"),
    "Configuration": (
        b'{"task_routing": {"filters": []}}',
        b'{"task_routing": {"default_filter": {"queue": "WQ' + b"0" * 32 + b'"}}}',
        b'{"task_routing": {"filters": [{"expression": "1==1", "targets": []}]}}',
        b'{"task_routing": {"filters": {"expression": 5}}}',
        b'{"task_routing": 5}',
    ),
    "Ordering": (b"DateCreated:asc", b"Priority:desc,DateCreated:asc", b"Priority:down", b":", b",,,"),
    "Template": (b"FIFO", b"NONE"),
    "Capacity": (b"0", b"1", b"50"),
    "PageSize": (b"1", b"2", b"1000", b"1001", b"0"),
    "Page": (b"0", b"1", b"99999999999"),
    "SplitByWaitTime": (b"5,30", b",", b"5," * 2000, b"-1"),
    "UniqueName": (b"a", b"_b", b"9c", b"a-b"),
}

SID_OF = {
    "WorkspaceSid": "WS",
    "TaskSid": "WT",
    "WorkerSid": "WK",
    "TaskQueueSid": "WQ",
    "WorkflowSid": "WW",
    "Workspaces": "WS",
    "Tasks": "WT",
    "Workers": "WK",
    "TaskQueues": "WQ",
    "Workflows": "WW",
    "Activities": "WA",
    "TaskChannels": "TC",
    "Channels": "WC",
    "Reservations": "WR",
    "Events": "EV",
}
"""The prefix of what stands in a path under this name, or as the last part below this collection."""


@dataclass(frozen=True)
class Known:
    """Stands for one of the SIDs with a prefix that there are when the request is made."""

    prefix: str
    which: int


Value = bytes | Known


@dataclass(frozen=True)
class Hostile:
    """A request that is to be made. Paths and fields hold SIDs that are known only then."""

    operation: Operation
    method: str
    path: tuple[Value, ...]
    query: tuple[tuple[bytes, Value], ...] = ()
    form: tuple[tuple[bytes, Value], ...] | None = None
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


def requests() -> st.SearchStrategy[Hostile]:
    """Any operation, with any parameters."""
    return st.one_of([_of(operation) for operation in operations()])


def _of(operation: Operation) -> st.SearchStrategy[Hostile]:
    forms = _fields(operation.of("form"))
    return st.builds(
        Hostile,
        operation=st.just(operation),
        method=st.just(operation.method) if operation.method == "DELETE" else _mostly(operation.method, "PUT", "HEAD"),
        path=_path(operation.path),
        query=_fields(operation.of("query")),
        form=forms if operation.method == "POST" and not operation.takes_json else st.none(),
        body=_bodies(operation),
        headers=st.lists(_headers(), max_size=2).map(tuple),
    )


def _one_of(choices: Sequence[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """`st.one_of` counts what is given twice as one; this does not."""
    return st.sampled_from(choices).flatmap(lambda chosen: chosen)


def _mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * 30 + list(others))


def _path(template: str) -> st.SearchStrategy[tuple[Value, ...]]:
    parts = template.split("/")[1:]
    return st.tuples(
        *(_part(part, parts[i - 1]) if part.startswith("{") else _just(part) for i, part in enumerate(parts))
    )


def _just(part: str) -> st.SearchStrategy[Value]:
    return st.just(part.encode())


def _part(name: str, collection: str) -> st.SearchStrategy[Value]:
    prefix = SID_OF[collection if name == "{Sid}" else name.strip("{}")]
    return _sids(prefix, often=20)


@cache
def _sids(prefix: str, *, often: int) -> st.SearchStrategy[Value]:
    """Mostly one that there is, else an unknown or a malformed one."""
    known = st.builds(Known, st.just(prefix), st.integers(0, 30))
    strange = st.sampled_from([prefix.encode() + b"0" * 32, b"WT1", b"default", *NASTY[1:12]])
    return _one_of([*[known] * often, strange])


def _fields(parameters: Sequence[Parameter]) -> st.SearchStrategy[tuple[tuple[bytes, Value], ...]]:
    """Some of the parameters, now and then one twice or one that nobody knows."""
    names = [parameter.name for parameter in parameters] or ["Surplus"]
    return st.lists(_one_of([_field(name) for name in [*names, *names, "Nonsense"]]), max_size=4).map(tuple)


@cache
def _field(name: str) -> st.SearchStrategy[tuple[bytes, Value]]:
    return st.tuples(st.just(name.encode()), _value(name))


@cache
def _value(name: str) -> st.SearchStrategy[Value]:
    choices: list[st.SearchStrategy[Value]] = [st.sampled_from(NASTY), st.binary(max_size=20)]
    if name in FITTING:
        choices += [st.sampled_from(FITTING[name])] * 3
    elif name.endswith("Sid") or name in ("RoutingTarget", "Supervisor"):
        prefix = "WA" if "Activity" in name else SID_OF.get(name, "WK")
        choices += [_sids(prefix, often=5)] * 3
    else:
        choices += [
            st.sampled_from([b"true", b"false", b"5", b"FIFO", b"LIFO", b"A", b"1==1", b"http://127.0.0.1:9/"])
        ] * 2
    return _one_of(choices)


def _bodies(operation: Operation) -> st.SearchStrategy[bytes | None]:
    """A body that is no form; mostly none."""
    if operation.takes_json:
        sids: list[Any] = [["WQ" + "0" * 32], [], ["x"], 5, None, ["WQ" + "0" * 32] * 51, [["WQ"]], {"a": 1}]
        return st.sampled_from(sids).map(lambda v: json.dumps({"queueSids": v}).encode()) | st.sampled_from(NASTY)
    raw = st.sampled_from([*NASTY, b"&" * 3000, b"=" * 3000, b"FriendlyName"])
    return _one_of([*[st.none()] * 15, raw])


def _headers() -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from(
        [
            ("If-Match", "*"),
            ("If-Match", '"0"'),
            ("If-Match", "W/" + "9" * 40),
            ("If-Match", "\xff"),
            ("Content-Type", "application/json"),
            ("Content-Type", "text/plain; charset=utf-16"),
            ("Content-Type", f"{FORM}; charset=utf-99"),
            ("Content-Type", "multipart/form-data"),
            ("Content-Type", "////"),
            ("Content-Encoding", "gzip"),
            ("Content-Encoding", "zebra"),
            ("Expect", "a miracle"),
            ("Range", "bytes=5-1"),
            ("Accept", "text/html"),
            ("Accept-Encoding", "zebra"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("Host", "elsewhere.example"),
            ("Host", ""),
            ("Origin", "https://elsewhere.example"),
            ("Cookie", "a=b; ;=;" * 50),
        ]
    )


WHOLE = b"GET /v1/Workspaces HTTP/1.1\r\nHost: x\r\n\r\n"
PIECES = (
    WHOLE,
    b"GET /v1/Workspaces HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /_sandbox/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n",
    b"POST /v1/Workspaces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n",
    b"X-More: a\r\n",
    b"\r\n",
    b"0\r\n\r\n",
)
"""What a connection may carry, whole or cut, in any order. None of it proves who it is."""


def streams() -> st.SearchStrategy[list[bytes]]:
    """What somebody sends on one connection before he leaves: requests behind each other, cut anywhere, and noise."""
    cut = st.builds(lambda piece, end: piece[:end], st.sampled_from(PIECES), st.integers(1, 60))
    return st.lists(st.sampled_from(PIECES) | cut | st.just(WHOLE * 40) | st.binary(max_size=20), max_size=6)


def encoded(value: bytes) -> str:
    """A value in a path or a form."""
    return quote_from_bytes(value, safe="")
