"""Every route that the sandbox has, asked by nobody and by a member, with what is another's in its path.

The routes are read from the router, so a new one is tested without a line here, and is closed until the table of
`labkit/member_routes.py` opens it.
"""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from sandbox.conftest import Ask, ask_of
from sandbox.local import LocalSandbox, local_sandbox
from sandbox.members import SharedCentre, share

from labkit.member_routes import MEMBER_ROUTES, Rule, match
from labkit.sandbox.api import app
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.router import Router
from labkit.sandbox.store import Snapshots

FOR_STRANGERS = {("GET", "/_sandbox/identity")}
SHOWS_OTHERS = {Rule.ANYONE, Rule.OWN_LIST}
PLANTED = ("POST", "/v1/Workspaces/{workspace_sid}/Workers/{worker_sid}/Planted")


class PlantedResource:
    """A route that somebody has added, who gave members no thought."""

    def routes(self, place_of: Callable[[web.Request], Any]) -> list[tuple[str, str, Handler]]:
        """(method, path, handler), as every resource has them."""

        async def handle(request: web.Request) -> web.StreamResponse:
            place = place_of(request)
            return answer({"told": place.workspace.sid})

        return [(PLANTED[0], PLANTED[1].removeprefix("/v1"), handle)]


@dataclass(frozen=True)
class Swept:
    """A sandbox, its routes, its members Ann and Bob, and what stands in a path for each variable part: Bob's."""

    sandbox: LocalSandbox
    shared: SharedCentre
    routes: list[tuple[str, str]]
    bobs: Mapping[str, str]

    def path(self, template: str) -> str:
        """The path with what is Bob's."""
        kinds = template.split("/")
        filled = [self._part(kinds[place - 1], part) for place, part in enumerate(kinds)]
        return "/".join(filled)

    def _part(self, before: str, part: str) -> str:
        if not part.startswith("{"):
            return part
        return self.bobs.get(before, "1")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swept]:
    """Bob has a Task in hand, and Ann none."""
    registered: list[tuple[str, str]] = []
    add = Router.add
    with pytest.MonkeyPatch.context() as patch:

        def recording(self: Router, routes: Any) -> None:
            made = list(routes)
            registered.extend((method, path) for method, path, _ in made)
            add(self, made)

        patch.setattr(Router, "add", recording)
        patch.setattr(app, "RESOURCES", (*app.RESOURCES, PlantedResource()))
        with local_sandbox(kept=Snapshots(tmp_path_factory.mktemp("kept") / "snapshots")) as sandbox:
            shared = share(sandbox, ["Ann", "Bob"])
            yield Swept(sandbox, shared, registered, _bobs(shared))


def _bobs(shared: SharedCentre) -> dict[str, str]:
    centre, bob = shared.centre, shared.members[1]
    centre.switch(bob.worker_sid, "Available")
    task = centre.add_task()
    accepted = bob.answer(task.sid, "accepted")
    return {
        "Workspaces": centre.sid,
        "Activities": centre.activities["Available"],
        "TaskChannels": task.task_channel_sid,
        "TaskQueues": centre.queue_sid,
        "Workflows": centre.workflow_sid,
        "Workers": bob.worker_sid,
        "Tasks": task.sid,
        "tasks": task.sid,
        "explain": task.sid,
        "lint": centre.sid,
        "Reservations": accepted.sid,
        "Channels": bob.worker.worker_channels.list()[0].sid,
        "Events": centre.workspace.events.list(limit=1)[0].sid,
        "members": bob.key[0],
    }


def rest_and_own(swept: Swept) -> list[tuple[str, str]]:
    """All routes but the bridges', which take tokens: `tests/sandbox/bridge/test_member_tokens.py` has those."""
    return [each for each in swept.routes if "wschannels" not in each[1] and each[1].startswith(("/v1/W", "/_sandbox"))]


@pytest.fixture
def ask(swept: Swept) -> Ask:
    """As `conftest.ask`, of this sandbox."""
    return ask_of(swept.sandbox)


def test_nobody_is_told_anything(swept: Swept, ask: Ask) -> None:
    """401, whatever is asked; and the same for a member's SID with a secret that is another's."""
    (ann, bob), routes = swept.shared.members, rest_and_own(swept)
    assert len(routes) > 80
    for credentials in (None, (ann.key[0], bob.key[1])):
        told = {
            (method, path): ask(method, swept.path(path), {}, credentials=credentials).status for method, path in routes
        }
        assert {each: status for each, status in told.items() if status != 401} == dict.fromkeys(FOR_STRANGERS, 400)


def test_a_member_gets_nothing_that_is_anothers(swept: Swept, ask: Ask) -> None:
    """403 where a path is closed, 404 where it is open and Bob's, and of a list what is not Bob's."""
    ann, bob = swept.shared.members
    secrets = {swept.bobs["Tasks"], swept.bobs["Reservations"], bob.key[0], bob.key[1]}
    for method, template in rest_and_own(swept):
        path = swept.path(template)
        found = match(method, path)
        answer = ask(method, path, {}, credentials=ann.key)
        rule = found.route.rule if found else None
        if rule is None:
            assert (answer.status, answer.json["code"]) == (403, 20403), (method, path)
        elif rule in SHOWS_OTHERS and not (found and found.task_sid):
            assert answer.status == 200, (method, path)
            assert not [each for each in secrets if each in answer.body.decode()], (method, path)
        else:
            assert (answer.status, answer.json["code"]) == (404, 20404), (method, path)
    assert swept.shared.centre.task_status(swept.bobs["Tasks"]) == "assigned"


def test_every_route_of_the_table_is_there(swept: Swept) -> None:
    """An entry that no route answers would be one that is opened by whoever adds such a route."""
    shapes = {(method, shape(path)) for method, path in swept.routes}
    assert [route for route in MEMBER_ROUTES if (route.method, shape(route.path)) not in shapes] == []


def shape(path: str) -> str:
    """A path whose variable parts have no names."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def test_a_new_route_is_closed_until_somebody_opens_it(swept: Swept, ask: Ask) -> None:
    """The planted one answers its owner; it is in the sweep above as well."""
    ann = swept.shared.members[0]
    own = swept.path(PLANTED[1]).replace(swept.bobs["Workers"], ann.worker_sid)
    assert PLANTED in swept.routes
    assert ask(PLANTED[0], own, {}).json == {"told": swept.shared.centre.sid}
    assert ask(PLANTED[0], own, {}, credentials=ann.key).status == 403
    assert ask(PLANTED[0], own, {}, credentials=None).status == 401


def test_a_handler_that_nobody_guards_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever forgets to wrap a route gives members nothing: the request's context is refused."""
    monkeypatch.setattr(app, "admitting", lambda handler, *_: handler)
    with local_sandbox() as sandbox:
        shared = share(sandbox, ["Ann"])
        ann, path = shared.members[0], f"/v1/Workspaces/{shared.centre.sid}"
        ask = ask_of(sandbox)
        assert ask("GET", path).status == 200
        assert ask("GET", path, credentials=ann.key).status == 403


@pytest.mark.parametrize(
    "write",
    [
        lambda path: f"{path}/",
        lambda path: path.replace("/v1/", "//v1/"),
        lambda path: path.replace("/Workers", "//Workers"),
        lambda path: path.replace("/Workers", "/%57orkers"),
        lambda path: path.replace("/Workers/", "/Workers%2F"),
        lambda path: path.replace("/Workers", "/./Workers"),
        lambda path: path.replace("/Workers", "/Tasks/../Workers"),
        lambda path: path.replace("/Workers", "/Tasks/%2e%2e/Workers"),
        lambda path: path.replace("/Workers", "/workers"),
        lambda path: f"{path}.json",
        lambda path: f"{path};x",
        lambda path: f"{path}%00",
    ],
)
@pytest.mark.parametrize("whose", [0, 1])
def test_another_way_to_write_a_path_opens_nothing(
    swept: Swept, ask: Ask, write: Callable[[str], str], whose: int
) -> None:
    """Neither to one's own nor to another's."""
    ann, worker_sid = swept.shared.members[0], swept.shared.members[whose].worker_sid
    path = f"/v1/Workspaces/{swept.shared.centre.sid}/Workers/{worker_sid}/Reservations"
    assert ask("GET", write(path), credentials=ann.key).status == 403


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_the_method_is_that_of_the_request(swept: Swept, ask: Ask, name: str) -> None:
    """A header that names another one changes nothing, nor does a field of a form."""
    ann = swept.shared.members[0]
    path = f"/v1/Workspaces/{swept.shared.centre.sid}/Workers/{ann.worker_sid}"
    assert ask("GET", path, credentials=ann.key, headers={name: "DELETE"}).json["friendly_name"] == "Ann"
    assert ask("POST", path, {"_method": "DELETE"}, credentials=ann.key).status == 403
    assert ann.worker.fetch().friendly_name == "Ann"


BOUNDARY = "x1x"
PARTS = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="Attributes"\r\n\r\n{{"a":1}}\r\n--{BOUNDARY}--\r\n'


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded", "%41ttributes=%7B%7D", 403),
        ("application/x-www-form-urlencoded", "ActivitySid=&Attributes=%7B%7D", 403),
        ("application/octet-stream", "Attributes=%7B%7D", 403),
        (f"multipart/form-data; boundary={BOUNDARY}", PARTS, 403),
        ("application/json", '{"Attributes": "{}"}', 200),
        ("text/plain", "Attributes=%7B%7D", 200),
    ],
)
def test_whatever_a_form_is_written_in_it_is_read_once(
    swept: Swept, ask: Ask, kind: str, body: str, status: int
) -> None:
    """What is looked at is what the handler gets; what is no form to it has no parameters, and changes nothing."""
    ann = swept.shared.members[0]
    path = f"/v1/Workspaces/{swept.shared.centre.sid}/Workers/{ann.worker_sid}?Attributes=%7B%22b%22%3A1%7D"
    sent = ask("POST", path, body=body.encode(), headers={"Content-Type": kind}, credentials=ann.key)
    assert sent.status == status
    assert ann.worker.fetch().attributes == "{}"


def test_a_filter_that_is_given_twice_shows_no_more(swept: Swept, ask: Ask) -> None:
    """Nor does a huge page, or the place after another's Task."""
    ann, bob = swept.shared.members
    root = f"/v1/Workspaces/{swept.shared.centre.sid}"
    for path in (
        f"/Events?WorkerSid={ann.worker_sid}&WorkerSid={bob.worker_sid}",
        f"/Events?TaskSid={swept.bobs['Tasks']}&PageSize=1000",
        f"/Events?ReservationSid={swept.bobs['Reservations']}",
        "/Tasks?AssignmentStatus=assigned&PageSize=1000&Page=0",
        "/Tasks?EvaluateTaskAttributes=1%3D%3D1",
        "/Tasks?Ordering=Priority:desc",
    ):
        answer = ask("GET", f"{root}{path}", credentials=ann.key)
        assert answer.status == 200, path
        assert (answer.json.get("tasks"), answer.json.get("events")) in (([], None), (None, [])), path
    assert ask("GET", f"{root}/Tasks?PageSize=5000", credentials=ann.key).status == 400
    assert ask("GET", f"{root}/Tasks?PageToken=PA{swept.bobs['Tasks']}", credentials=ann.key).status == 400


def test_a_body_that_is_slow_is_judged_when_it_is_there(sandbox: LocalSandbox) -> None:
    """A Task that ended while its form was under way is not in hand any more."""
    shared = share(sandbox, ["Ann"])
    [ann], centre = shared.members, shared.centre
    centre.switch(ann.worker_sid, "Available")
    task = centre.add_task()
    ann.answer(task.sid, "accepted")
    body = b"AssignmentStatus=wrapping"
    token = base64.b64encode(":".join(ann.key).encode()).decode()
    head = (
        f"POST /v1/Workspaces/{centre.sid}/Tasks/{task.sid} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as connection:
        connection.sendall(head.encode() + body[:5])
        centre.workspace.tasks(task.sid).update(assignment_status="completed", reason="by the owner")
        connection.sendall(body[5:])
        with connection.makefile("rb") as answered:
            assert b" 404 " in answered.readline()
