"""What holds for every path: credentials, error bodies, methods, bodies of every kind, versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request
from sandbox.call_centre import CallCentre
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, LocalSandbox
from sandbox.refused import refused
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from labkit.sandbox.api.request_context import scheme_of
from labkit.sandbox.api.runner import MAX_BODY

Ask = Callable[..., Any]
FORM = "application/x-www-form-urlencoded"


def check_error(answer: Any, status: int, code: int, message: str) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json == {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


# --- who asks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        (ACCOUNT, "wrong"),
        (ACCOUNT, ""),
        ("", TOKEN),
        (OTHER_ACCOUNT, TOKEN),
        ("AC-nobody", TOKEN),
        (TOKEN, ACCOUNT),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/Workspaces"),
        ("POST", "/v1/Workspaces"),
        ("PUT", "/v1/Workspaces"),
        ("GET", "/v1/nothing"),
        ("GET", "/_sandbox/health"),
    ],
)
def test_without_the_right_credentials_nothing_is_told(
    ask: Ask, credentials: tuple[str, str] | None, method: str, path: str
) -> None:
    """401 with 20003, also for what does not exist."""
    answer = ask(method, path, credentials=credentials)
    check_error(answer, 401, 20003, "Authenticate")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic !!!", "Basic Zm9v", "Basic \xff\xfe", "Basic //79", "Bearer abc", "", "basic"]
)
def test_a_header_that_makes_no_sense_is_401(ask: Ask, header: str) -> None:
    """Not base64, not UTF-8, another scheme: never a 500."""
    answer = ask("GET", "/v1/Workspaces", credentials=None, headers={"Authorization": header})
    check_error(answer, 401, 20003, "Authenticate")


def test_the_sdk_says_authenticate(sandbox: LocalSandbox) -> None:
    """As it does with a real account whose token is wrong."""
    with refused(401, 20003, "Authenticate"):
        sandbox.client(token="wrong").taskrouter.v1.workspaces.create(friendly_name="A")


def test_accounts_do_not_see_each_other(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """Another account's Workspace is 404 by its SID, and in no list."""
    other = sandbox.client(OTHER_ACCOUNT, OTHER_TOKEN).taskrouter.v1
    assert other.workspaces.list() == []
    with refused(404, 20404, f"/Workspaces/{centre.sid} was not found"):
        other.workspaces(centre.sid).fetch()
    with refused(404, 20404, "was not found"):
        other.workspaces(centre.sid).tasks.create(attributes="{}")
    mine = other.workspaces.create(friendly_name="Mine")
    assert mine.account_sid == OTHER_ACCOUNT
    assert [w.sid for w in other.workspaces.list()] == [mine.sid]


# --- what is not there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/Workspaces/WS0",
        "/Workspaces/WS0/Tasks",
        "/Workspaces/WS0/Tasks/WT0/Reservations",
        "/Workspaces/",
        "/Workspaces/WS0/Nothing",
        "/",
        "",
        "/Workspaces/WS%200/Tasks/%00",
    ],
)
def test_unknown_paths_are_404_named_without_host_and_version(ask: Ask, path: str) -> None:
    """The observed sentence, with the path as it was meant."""
    from urllib.parse import unquote

    check_error(ask("GET", f"/v1{path}"), 404, 20404, f"The requested resource {unquote(path)} was not found")


@pytest.mark.parametrize(
    "resource",
    [
        "Activities",
        "TaskChannels",
        "TaskQueues",
        "Workers",
        "Workflows",
        "Tasks",
        "Events",
        "Workers/{WK}/Channels",
        "Workers/{WK}/Reservations",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_sid_is_404_in_every_resource(ask: Ask, centre: CallCentre, resource: str, method: str) -> None:
    """With any method that the resource has; with another one it is 405."""
    path = f"/Workspaces/{centre.sid}/{resource.format(WK=centre.alice_sid)}/XX0"
    answer = ask(method, f"/v1{path}", {} if method == "POST" else None)
    if answer.status == 405:
        assert answer.json["code"] == 20004
    else:
        check_error(answer, 404, 20404, f"The requested resource {path} was not found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/Workspaces", "GET, POST"),
        ("PATCH", "/v1/Workspaces", "GET, POST"),
        ("DELETE", "/v1/Workspaces", "GET, POST"),
        ("OPTIONS", "/v1/Workspaces", "GET, POST"),
        ("POST", "/v1/Workspaces/{WS}/Events", "GET"),
        ("POST", "/v1/Workspaces/{WS}/Tasks/WT0/Reservations", "GET"),
        ("DELETE", "/_sandbox/health", "GET"),
        ("PUT", "/_sandbox/clock", "GET, POST"),
    ],
)
def test_a_method_that_a_path_does_not_have_is_405(
    ask: Ask, centre: CallCentre, method: str, path: str, allowed: str
) -> None:
    """With 20004, in Twilio's form, and with those that it has in `Allow`."""
    answer = ask(method, path.format(WS=centre.sid))
    check_error(answer, 405, 20004, f"Method {method} is not allowed on this resource")
    assert answer.headers["Allow"] == allowed


# --- bodies -----------------------------------------------------------------------------------------------------------


def test_a_missing_parameter_is_named(centre: CallCentre) -> None:
    """400 with 20001 and the observed sentence."""
    with refused(400, 20001, "Missing required parameter FriendlyName in the post body"):
        centre.workspace.workers.create(friendly_name="")


def test_a_wrong_value_names_its_parameter(centre: CallCentre) -> None:
    """And changes nothing."""
    with refused(400, 20001, r"Invalid Priority: 'high' is not a whole number from 0 to 2147483647"):
        centre.add_task(priority="high")
    assert centre.workspace.tasks.list() == []


def test_unknown_parameters_are_ignored(ask: Ask) -> None:
    """As Twilio does."""
    assert ask("POST", "/v1/Workspaces?Surplus=1", {"FriendlyName": "A", "Nonsense": "B"}).status == 201


def test_the_last_of_repeated_parameters_counts(ask: Ask) -> None:
    """Where one value is wanted."""
    answer = ask("POST", "/v1/Workspaces", body=b"FriendlyName=A&FriendlyName=B", headers={"Content-Type": FORM})
    assert answer.json["friendly_name"] == "B"


def test_a_body_that_is_too_large_is_413(ask: Ask) -> None:
    """In Twilio's form; the largest that is allowed is read."""
    headers = {"Content-Type": FORM}
    answer = ask("POST", "/v1/Workspaces", body=b"x" * (MAX_BODY + 1), headers=headers)
    check_error(answer, 413, 20001, "The request body is too large")
    largest = b"FriendlyName=A&Ignored="
    answer = ask("POST", "/v1/Workspaces", body=largest + b"x" * (MAX_BODY - len(largest)), headers=headers)
    assert answer.status == 201


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"FriendlyName": "A"}', "application/json"),
        (
            b"--x\r\nContent-Disposition: form-data; name=FriendlyName\r\n\r\nA\r\n--x--",
            "multipart/mixed; boundary=x",
        ),
        (b"FriendlyName=A", "text/plain"),
        (b"", FORM),
        (b"&&&===&", FORM),
        (b"\x00\x01\x02", FORM),
    ],
)
def test_a_body_that_is_no_form_has_no_parameters(ask: Ask, body: bytes, content_type: str) -> None:
    """So what is required is missing."""
    answer = ask("POST", "/v1/Workspaces", body=body, headers={"Content-Type": content_type})
    check_error(answer, 400, 20001, "Missing required parameter FriendlyName in the post body")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"FriendlyName=Zo%C3%AB+%26+%F0%9F%98%80", "Zoë & 😀"),
        (b"FriendlyName=Zo%EB", "Zo\N{REPLACEMENT CHARACTER}"),
        (b"FriendlyName=\xff", "\N{REPLACEMENT CHARACTER}"),
        (b"FriendlyName=%ED%A0%80", "\N{REPLACEMENT CHARACTER}" * 3),
        (b"FriendlyName=100%", "100%"),
    ],
)
def test_names_in_any_encoding(ask: Ask, body: bytes, name: str) -> None:
    """UTF-8 is kept; what is not UTF-8 is replaced, not refused and never a 500."""
    answer = ask("POST", "/v1/Workspaces", body=body, headers={"Content-Type": FORM})
    assert (answer.status, answer.json["friendly_name"]) == (201, name)


def test_too_many_fields_are_refused(ask: Ask) -> None:
    """A form of 2,000 fields costs nobody much time; in a query string likewise."""
    many = "&".join(f"F{i}=1" for i in range(2000))
    answer = ask("POST", "/v1/Workspaces", body=many.encode(), headers={"Content-Type": FORM})
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert "post body" in answer.json["message"]
    answer = ask("GET", f"/v1/Workspaces?{'a&' * 1500}")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert "query string" in answer.json["message"]


def test_a_nul_character_is_refused(ask: Ask) -> None:
    """No store and no screen knows what to do with it."""
    answer = ask("POST", "/v1/Workspaces", {"FriendlyName": "A\x00B"})
    check_error(answer, 400, 20001, "Invalid FriendlyName: a NUL character is not allowed")


def test_a_mistake_of_ours_is_a_500_that_tells_nothing(
    sandbox: LocalSandbox, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Twilio's form, with no trace of what went wrong inside."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the token is made-up-token-one")

    monkeypatch.setattr(sandbox.service, "execute", broken)
    check_error(ask("POST", "/v1/Workspaces", {"FriendlyName": "A"}), 500, 20500, "Internal Server Error")


# --- URLs -------------------------------------------------------------------------------------------------------------


def test_urls_speak_of_the_host_that_the_client_used(ask: Ask, centre: CallCentre) -> None:
    """A client that came through another name finds its way back."""
    path = f"/v1/Workspaces/{centre.sid}"
    document = ask("GET", path, headers={"Host": "sandbox.lab:1234"}).json
    assert document["url"] == f"http://sandbox.lab:1234{path}"
    assert document["links"]["tasks"] == f"http://sandbox.lab:1234{path}/Tasks"


@pytest.mark.parametrize(
    ("said", "scheme"), [("https", "https"), ("HTTPS, http", "https"), ("http", "http"), ("wss", "http"), ("", "http")]
)
def test_urls_have_the_scheme_that_a_front_says(ask: Ask, centre: CallCentre, said: str, scheme: str) -> None:
    """A front that ends TLS, on this computer: URL, links and the next page lead back through it."""
    path = f"/v1/Workspaces/{centre.sid}"
    headers = {"Host": "taskrouter.twilio.com", "X-Forwarded-Proto": said}
    document = ask("GET", path, headers=headers).json
    assert document["url"] == f"{scheme}://taskrouter.twilio.com{path}"
    assert document["links"]["tasks"] == f"{scheme}://taskrouter.twilio.com{path}/Tasks"
    meta = ask("GET", f"{path}/Activities?PageSize=1", headers=headers).json["meta"]
    assert meta["next_page_url"].startswith(f"{scheme}://taskrouter.twilio.com{path}/Activities?")


@pytest.mark.parametrize(("peer", "scheme"), [("127.0.0.1", "https"), ("::1", "https"), ("192.0.2.7", "http")])
def test_only_a_front_on_this_computer_is_believed(peer: str, scheme: str) -> None:
    """Anybody else could write what he likes into the header."""
    transport = Mock()
    transport.get_extra_info.side_effect = {"peername": (peer, 1)}.get
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-Proto": "https"}, transport=transport)
    assert scheme_of(request) == scheme


@pytest.mark.parametrize("host", ["[::1", "a b", "a:b:c", ":", "x:99999", "é".encode().decode("latin-1"), '"><script>'])
def test_a_strange_host_header_is_no_500(ask: Ask, centre: CallCentre, host: str) -> None:
    """It is either refused by the web server or repeated as JSON text."""
    answer = ask("GET", f"/v1/Workspaces/{centre.sid}/Tasks?PageSize=1", headers={"Host": host})
    assert answer.status in (200, 400)


# --- versions ---------------------------------------------------------------------------------------------------------


def version(fetched: Any) -> str:
    return str(fetched.headers["ETag"])


def test_a_change_raises_the_version(centre: CallCentre) -> None:
    """The ETag of Tasks and Workers is a number in quotes that grows by one."""
    task = centre.workspace.tasks(centre.add_task().sid)
    before = version(task.fetch_with_http_info())
    updated = task.update_with_http_info(priority=3)
    assert version(updated) == version(task.fetch_with_http_info()) == f'"{int(before.strip(chr(34))) + 1}"'
    alice = centre.workspace.workers(centre.alice_sid)
    before = version(alice.fetch_with_http_info())
    assert version(alice.update_with_http_info(attributes="{}")) == f'"{int(before.strip(chr(34))) + 1}"'


@pytest.mark.parametrize("form", ['"{}"', "{}", 'W/"{}"', "*"])
def test_the_right_version_goes_through(centre: CallCentre, form: str) -> None:
    """In any way of writing it."""
    task = centre.workspace.tasks(centre.add_task().sid)
    now = version(task.fetch_with_http_info()).strip('"')
    assert task.update(priority=9, if_match=form.format(now)).priority == 9


WRONG_VERSIONS = ['"999"', "0x0", "W/999", "1, 2"]


@pytest.mark.parametrize("asked", WRONG_VERSIONS)
def test_an_update_of_another_version_is_412_and_changes_nothing(centre: CallCentre, asked: str) -> None:
    """Of Tasks and Workers, and of Reservations in both views."""
    task, reservation = centre.reserved_task()
    of_task, alice = centre.workspace.tasks(task.sid), centre.workspace.workers(centre.alice_sid)
    updates: list[Callable[[], object]] = [
        lambda: of_task.update(priority=9, if_match=asked),
        lambda: alice.update(friendly_name="Bob", if_match=asked),
        lambda: of_task.reservations(reservation.sid).update(reservation_status="accepted", if_match=asked),
        lambda: alice.reservations(reservation.sid).update(reservation_status="accepted", if_match=asked),
    ]
    for update in updates:
        with refused(412, 20001, "is at version"):
            update()
    assert centre.reservation_status(task.sid) == ["pending"]
    assert (of_task.fetch().priority, alice.fetch().friendly_name) == (0, "Alice")


@pytest.mark.parametrize("asked", WRONG_VERSIONS)
def test_a_deletion_of_another_version_is_412(ask: Ask, centre: CallCentre, asked: str) -> None:
    """Of Tasks and Workers. (The Python SDK 9.13.0 takes `delete(if_match=...)` and does not send it.)"""
    task = centre.add_task()
    for path in (f"Tasks/{task.sid}", f"Workers/{centre.alice_sid}"):
        url = f"/v1/Workspaces/{centre.sid}/{path}"
        answer = ask("DELETE", url, headers={"If-Match": asked})
        assert (answer.status, answer.json["code"]) == (412, 20001)
        right = ask("GET", url).headers["ETag"]
        assert ask("DELETE", url, headers={"If-Match": right}).status == 204


def test_two_writers_do_not_overwrite_each_other(centre: CallCentre) -> None:
    """The lesson of If-Match: the second one, who read before the first one wrote, is told."""
    task = centre.workspace.tasks(centre.add_task(attributes='{"notes": 0}').sid)
    seen = version(task.fetch_with_http_info())
    task.update(attributes='{"notes": 1}', if_match=seen)
    with pytest.raises(TwilioRestException, match="412"):
        task.update(attributes='{"notes": 2}', if_match=seen)
    assert json.loads(task.fetch().attributes) == {"notes": 1}


def test_a_deleted_thing_is_gone_in_every_resource(client: Client, centre: CallCentre) -> None:
    """True from the SDK, then 404."""
    workspace = centre.workspace
    made = [
        workspace.activities(workspace.activities.create(friendly_name="Lunch").sid),
        workspace.task_channels(workspace.task_channels.create(friendly_name="Fax", unique_name="fax").sid),
        workspace.workers(centre.add_worker("Bob").sid),
        workspace.tasks(centre.add_task().sid),
        workspace.workflows(centre.workflow_sid),
        workspace.task_queues(centre.queue_sid),
        client.taskrouter.v1.workspaces(centre.sid),
    ]
    for context in made:
        assert context.delete() is True
        with refused(404, 20404, "was not found"):
            context.fetch()
        with refused(404, 20404, "was not found"):
            context.delete()
