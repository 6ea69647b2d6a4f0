"""Requests whose parameters come as multipart/form-data, as older clients send them (RFC 7578)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from sandbox.call_centre import CallCentre
from sandbox.conftest import Ask
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox

from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.multipart import read_parts
from labkit.sandbox.api.runner import MAX_BODY

TYPE = "multipart/form-data; boundary=XX"


def part(value: bytes, *, name: str = "FriendlyName", headers: str = "") -> bytes:
    """One part of a body, with its boundary."""
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n{headers}\r\n'.encode() + value + b"\r\n"


def parts_of(body: bytes, content_type: str = TYPE, *, most: int = 1000) -> list[tuple[str, str]]:
    """What is read of a body."""
    return asyncio.run(read_parts(body, content_type=content_type, most=most))


def test_a_workspace_is_filled_with_parts_only(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """Created and updated, texts of any script as they are, a repeated parameter with all its values."""

    def post(path: str, *fields: tuple[str, str]) -> Any:
        url = f"{sandbox.url}/v1/Workspaces/{centre.sid}/{path}"
        answer = requests.post(url, files=[(n, (None, v)) for n, v in fields], auth=(ACCOUNT, TOKEN), timeout=10)
        assert answer.request.headers["Content-Type"].startswith("multipart/form-data")
        assert answer.ok, answer.text
        return answer.json()

    queue = post("TaskQueues", ("FriendlyName", "Español + 中文"), ("TargetWorkers", 'languages HAS "es"'))
    worker = post("Workers", ("FriendlyName", "Bob"), ("Attributes", '{"languages": ["es"],\r\n "no": "--XX"}'))
    task = post("Tasks", ("WorkflowSid", centre.workflow_sid), ("Attributes", "{}"), ("Timeout", "60"))
    updated = post(f"Tasks/{task['sid']}", ("AssignmentStatus", "canceled"), ("Reason", ""))

    assert (queue["friendly_name"], queue["target_workers"]) == ("Español + 中文", 'languages HAS "es"')
    assert worker["attributes"] == '{"languages":["es"],"no":"--XX"}'
    assert (task["timeout"], updated["assignment_status"]) == (60, "canceled")


def test_parts_in_order_with_their_encodings() -> None:
    """A name twice, an empty value, other encodings of a part, and text after the last boundary."""
    body = (
        part(b"A")
        + part(b"B")
        + part(b"", name="Empty")
        + part(b"h\xf6he", name="Latin", headers="Content-Type: text/plain; charset=ISO-8859-1\r\n")
        + part(b"aMO2aGU=", name="Base64", headers="Content-Transfer-Encoding: base64\r\n")
        + b"--XX--\r\nafterwards"
    )
    assert parts_of(body) == [
        ("FriendlyName", "A"),
        ("FriendlyName", "B"),
        ("Empty", ""),
        ("Latin", "höhe"),
        ("Base64", "höhe"),
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", TYPE, "does not begin with the boundary"),
        (b"FriendlyName=A", TYPE, "does not begin with the boundary"),
        (b"before\r\n" + part(b"A") + b"--XX--", TYPE, "does not begin with the boundary"),
        (part(b"A") + b"--XX--", "multipart/form-data", "does not begin with the boundary"),
        (b"--" + b"X" * 71, "multipart/form-data; boundary=" + "X" * 71, "too long"),
        (b"--XXX\r\n" + part(b"A") + b"--XX--", TYPE, "does not begin with the boundary"),
        (part(b"A"), TYPE, "no multipart/form-data"),
        (b"--XX\r\n\r\nA\r\n--XX--", TYPE, "has no name"),
        (part(b"A", headers="Content-Type: multipart/mixed; boundary=Y\r\n") + b"--XX--", TYPE, "parts of its own"),
        (part(b"A", headers="Content-Type: text/plain; charset=punycode\r\n") + b"--XX--", TYPE, "in punycode"),
        (part(b"A", headers="Content-Type: text/plain; charset=none\r\n") + b"--XX--", TYPE, "unknown encoding"),
        (part(b"A", headers="Content-Transfer-Encoding: x\r\n") + b"--XX--", TYPE, "unknown content transfer encoding"),
        (part(b"A", headers="A: b\r\n" * 200) + b"--XX--", TYPE, "Too many headers"),
        (part(b"A", headers=f"A: {'b' * 10_000}\r\n") + b"--XX--", TYPE, "no multipart/form-data"),
        (part(b"A") * 3 + b"--XX--", TYPE, "Max number of fields exceeded"),
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes, content_type: str, words: str) -> None:
    """As a 400 that says why; never something else."""
    with pytest.raises(InvalidParameter, match=words):
        parts_of(body, content_type, most=2)


def test_a_file_is_refused_by_its_name(ask: Ask) -> None:
    """TaskRouter takes none, and nothing of it is kept."""
    body = b'--XX\r\nContent-Disposition: form-data; name="FriendlyName"; filename="a"\r\n\r\nA\r\n--XX--'
    answer = ask("POST", "/v1/Workspaces", body=body, headers={"Content-Type": TYPE})
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert answer.json["message"] == "Invalid post body: 'FriendlyName' is a file, and TaskRouter takes none"


def test_a_body_is_as_bounded_as_any_other(ask: Ask) -> None:
    """One byte more than a request may have."""
    answer = ask("POST", "/v1/Workspaces", body=b"-" * (MAX_BODY + 1), headers={"Content-Type": TYPE})
    assert (answer.status, answer.json["message"]) == (413, "The request body is too large")


@pytest.mark.parametrize("filling", [b"A", b"\r\n", b"\r\n--X", b"-"])
def test_the_largest_body_holds_nobody_up(filling: bytes) -> None:
    """Its reading is one go, so it has to be a short one."""
    body = part(filling * ((MAX_BODY - 200) // len(filling))) + b"--XX--"
    begun = time.process_time()
    assert len(parts_of(body)) == 1
    assert time.process_time() - begun < 1


@given(body=st.binary(max_size=300), content_type=st.sampled_from([TYPE, "multipart/form-data; boundary="]))
@example(body=b'Content-Disposition: form-data; name="_charset_"\r\n\r\n\xff\r\n--XX--', content_type=TYPE)
@example(body=b'Content-Disposition: form-data; name="_charset_"\r\n\r\nx\r\n--XX\r\n\r\n', content_type=TYPE)
@example(body=b"Content-Type: multipart/mixed\r\n\r\nA\r\n--XX--", content_type=TYPE)
@pytest.mark.filterwarnings("ignore::Warning")
def test_any_body_is_read_or_refused(body: bytes, content_type: str) -> None:
    """After a boundary too."""
    for sent in (body, b"--XX\r\n" + body, part(body) + b"--XX--"):
        with contextlib.suppress(InvalidParameter):
            assert all(isinstance(value, str) for _, value in parts_of(sent, content_type))
