"""Twilio's own OpenAPI document, walked: every operation, every parameter, every field of every answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import requests
from sandbox.call_centre import CallCentre, build
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox, local_sandbox
from sandbox.openapi import FORM, Operation, Parameter, complaints, operations
from tracked import ROOT

from labkit.sandbox.api.app import RESOURCES
from labkit.sandbox.api.resource import Resource

WORKSPACE = "/v1/Workspaces/{WorkspaceSid}"
FORMS: Mapping[str, Mapping[str, str]] = {
    "/v1/Workspaces": {"FriendlyName": "New"},
    f"{WORKSPACE}/Activities": {"FriendlyName": "New"},
    f"{WORKSPACE}/Tasks": {"Attributes": '{"a": [1]}', "Priority": "3"},
    f"{WORKSPACE}/TaskChannels": {"FriendlyName": "New"},
    f"{WORKSPACE}/TaskQueues": {"FriendlyName": "New", "TargetWorkers": "1==1"},
    f"{WORKSPACE}/Workers": {},
    f"{WORKSPACE}/Workflows": {"FriendlyName": "New", "Configuration": '{"task_routing": {"filters": []}}'},
}
"""What a creation needs. An update needs nothing: it answers with the resource as it is."""

NOWHERE = f"XX{'0' * 32}"
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS")
_numbers = count(1)


@dataclass(frozen=True)
class Office:
    """A furnished Workspace that all operations are asked of."""

    sandbox: LocalSandbox
    centre: CallCentre
    sids: Mapping[str, str]
    """For the variable parts of the paths; for `{Sid}` by the collection that it stands in."""

    def path(self, operation: Operation, *, own: str | None = None) -> str:
        """The operation's path with SIDs in it."""
        collection = operation.path.rsplit("/", 2)[1]
        return operation.path.format(**self.sids, Sid=own or self.sids.get(collection, ""))

    def ask(
        self,
        operation: Operation,
        *,
        query: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        own: str | None = None,
    ) -> requests.Response:
        """The operation with what it needs, and with this besides."""
        sent: dict[str, Any] = {"data": {**self.form(operation), **(form or {})}} if operation.method == "POST" else {}
        if operation.takes_json:
            sent = {"json": {"queueSids": [self.centre.queue_sid]}}
        return self.request(operation.method, self.path(operation, own=own), params=query, headers=headers, **sent)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        options = {"auth": (ACCOUNT, TOKEN), **options}
        return requests.request(method, self.sandbox.url + path, timeout=10, **options)

    def form(self, operation: Operation) -> dict[str, str]:
        """What the operation cannot do without."""
        found = dict(FORMS.get(operation.path, {}))
        if operation.path == f"{WORKSPACE}/Tasks":
            found["WorkflowSid"] = self.centre.workflow_sid
        if operation.path in (f"{WORKSPACE}/Workers", f"{WORKSPACE}/TaskChannels", f"{WORKSPACE}/TaskQueues"):
            found["UniqueName" if "Channels" in operation.path else "FriendlyName"] = f"new{next(_numbers)}"
        return found

    def own_sid(self, operation: Operation) -> str | None:
        """The SID of a new record, for an operation that changes or deletes it; None if it needs none."""
        if not operation.path.endswith("{Sid}") or operation.method == "GET":
            return None
        workspace = self.centre.workspace
        name = f"Own{next(_numbers)}"
        made = {
            "Workspaces": lambda: self.centre.client.taskrouter.v1.workspaces.create(friendly_name=name),
            "Activities": lambda: workspace.activities.create(friendly_name=name),
            "Tasks": self.centre.add_task,
            "TaskChannels": lambda: workspace.task_channels.create(friendly_name=name, unique_name=name),
            "TaskQueues": lambda: workspace.task_queues.create(friendly_name=name),
            "Workers": lambda: self.centre.add_worker(name),
            "Workflows": lambda: workspace.workflows.create(
                friendly_name=name, configuration='{"task_routing": {"filters": []}}'
            ),
        }
        collection = operation.path.split("/")[-2]
        return str(made[collection]().sid) if collection in made else None


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """One of everything, twice for what lists need to have a second page."""
    operations()  # without the document there is nothing to ask
    with local_sandbox() as sandbox:
        centre = build(sandbox.client())
        task, reservation = centre.reserved_task()
        centre.add_task()
        bob = centre.add_worker("Bob", available=True)
        workspace = centre.workspace
        sids = {
            "WorkspaceSid": centre.sid,
            "Workspaces": centre.sid,
            "TaskSid": task.sid,
            "Tasks": task.sid,
            "WorkerSid": centre.alice_sid,
            "Workers": bob.sid,
            "TaskQueueSid": centre.queue_sid,
            "TaskQueues": centre.queue_sid,
            "WorkflowSid": centre.workflow_sid,
            "Workflows": centre.workflow_sid,
            "Reservations": reservation.sid,
            "Activities": centre.activities["Offline"],
            "TaskChannels": workspace.task_channels("default").fetch().sid,
            "Channels": workspace.workers(centre.alice_sid).worker_channels("default").fetch().sid,
            "Events": workspace.events.list(limit=1)[0].sid,
        }
        yield Office(sandbox, centre, sids)


def is_twilios(answer: requests.Response, status: int, code: int) -> bool:
    """Whether an answer is an error of this kind in Twilio's form."""
    if answer.status_code != status or answer.headers["Content-Type"] != "application/json":
        return False
    body = answer.json()
    return body == {
        "code": code,
        "message": body["message"],
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


# --- answers ----------------------------------------------------------------------------------------------------------


def test_there_are_61_operations_on_37_paths(office: Office) -> None:
    """So the walk below leaves none out."""
    assert len(operations()) == 61
    assert len({operation.path for operation in operations()}) == 37


def test_every_operation_answers_as_documented(office: Office, subtests: pytest.Subtests) -> None:
    """With the documented status, and all documented fields of the documented types and formats, and no others."""
    for operation in operations():
        with subtests.test(str(operation)):
            answer = office.ask(operation, own=office.own_sid(operation))
            assert answer.status_code == operation.status, answer.text
            if operation.schema is None:
                assert answer.content == b""
            else:
                assert answer.headers["Content-Type"] == "application/json"
                assert complaints(operation.schema, answer.json()) == []


def test_single_resources_have_the_documented_etag(office: Office, subtests: pytest.Subtests) -> None:
    """A version in quotes. (Lists are documented with one too, which no client can use; the sandbox has none there.)"""
    versioned = [o for o in operations() if "ETag" in o.headers and o.path.endswith("{Sid}") and o.schema is not None]
    assert versioned
    for operation in versioned:
        with subtests.test(str(operation)):
            etag = office.ask(operation, own=office.own_sid(operation)).headers["ETag"]
            assert etag.strip('"').isdecimal()
            assert etag == f'"{etag.strip(chr(34))}"'


# --- parameters -------------------------------------------------------------------------------------------------------


def test_every_query_parameter_is_read(office: Office, subtests: pytest.Subtests) -> None:
    """One of these values changes the answer: it picks other records, or it is refused."""
    values = ("nobody", "true", "false", "1")
    for operation in operations():
        if operation.method != "GET":
            assert operation.of("query") == []
            continue
        plain = office.ask(operation)
        for parameter in operation.of("query"):
            with subtests.test(f"{operation} {parameter.name}"):
                asked = [office.ask(operation, query={parameter.name: value}) for value in values]
                assert any(substance(answer, operation) != substance(plain, operation) for answer in asked)


def substance(answer: requests.Response, operation: Operation) -> Any:
    """What an answer says apart from the request that it repeats in its URLs."""
    body = answer.json()
    meta = body.pop("meta", {}) if isinstance(body, dict) else {}
    return answer.status_code, body, meta.get("page_size"), meta.get("page")


def test_every_form_parameter_is_read(office: Office, subtests: pytest.Subtests) -> None:
    """Each is declared in the table of its family, where one place checks them all."""
    declared = {
        (method, f"/v1{path}"): {param.name for param in taken.params}
        for resource in RESOURCES
        if isinstance(resource, Resource)
        for method, path, taken in _writes(resource)
    }
    for operation in operations():
        with subtests.test(str(operation)):
            names = {parameter.name for parameter in operation.of("form")}
            assert names <= declared.get((operation.method, _unnamed(operation.path)), set())


def _writes(resource: Resource) -> Iterator[tuple[str, str, Any]]:
    if resource.create is not None:
        yield "POST", _unnamed(resource.path), resource.create
    if resource.update is not None:
        yield "POST", _unnamed(f"{resource.path}/{{sid}}"), resource.update


def _unnamed(path: str) -> str:
    """A path in which the variable parts have no names."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def test_if_match_is_read(office: Office, subtests: pytest.Subtests) -> None:
    """Wherever it is documented, a version that is not the resource's is 412 and changes nothing."""
    guarded = [operation for operation in operations() if operation.of("header")]
    assert guarded
    for operation in guarded:
        with subtests.test(str(operation)):
            answer = office.ask(operation, own=office.own_sid(operation), headers={"If-Match": '"999"'})
            assert is_twilios(answer, 412, 20001), answer.text


def wrong_value(parameter: Parameter) -> str | None:
    """A value that the documented type excludes; None for what takes any text."""
    return {"integer": "many", "int64": "many", "date-time": "yesterday", "uri": "nowhere"}.get(parameter.kind)


def test_a_value_of_the_wrong_type_is_refused_by_name(office: Office, subtests: pytest.Subtests) -> None:
    """Numbers, dates and URLs: 400 with 20001, and the parameter in the message."""
    for operation in operations():
        for parameter in operation.parameters:
            wrong = wrong_value(parameter)
            if wrong is None or parameter.where == "header":
                continue
            with subtests.test(f"{operation} {parameter.name}"):
                given = {parameter.name: wrong}
                answer = office.ask(
                    operation,
                    query=given if parameter.where == "query" else None,
                    form=given if parameter.where == "form" else None,
                )
                assert is_twilios(answer, 400, 20001), answer.text
                assert parameter.name in answer.json()["message"]


def test_every_required_parameter_is_missed_by_name(office: Office, subtests: pytest.Subtests) -> None:
    """400 with 20001 and the sentence that Twilio answers."""
    for operation in operations():
        for parameter in operation.of("form"):
            if not parameter.required:
                continue
            with subtests.test(f"{operation} {parameter.name}"):
                form = {name: value for name, value in office.form(operation).items() if name != parameter.name}
                answer = office.request(
                    "POST", office.path(operation), data=form or b"", headers={"Content-Type": FORM}
                )
                assert is_twilios(answer, 400, 20001), answer.text
                assert answer.json()["message"] == f"Missing required parameter {parameter.name} in the post body"


def test_an_unknown_parameter_changes_nothing(office: Office, subtests: pytest.Subtests) -> None:
    """Wherever it stands; it is in the pages' URLs again, as any part of the question is."""
    for operation in operations():
        with subtests.test(str(operation)):
            form = {"Surplus": "1"} if operation.of("form") else None
            answer = office.ask(operation, own=office.own_sid(operation), query={"Surplus": "1"}, form=form)
            assert answer.status_code == operation.status, answer.text


# --- errors -----------------------------------------------------------------------------------------------------------


def test_an_unknown_sid_is_404_wherever_it_stands(office: Office, subtests: pytest.Subtests) -> None:
    """In Twilio's form, named by its path; also another account's Workspace, which looks the same."""
    for operation in operations():
        for part in [part for part in operation.path.split("/") if part.startswith("{")]:
            with subtests.test(f"{operation} {part}"):
                path = operation.path.replace(part, NOWHERE).format(**office.sids, Sid="X")
                answer = office.request(operation.method, path, data=office.form(operation))
                assert is_twilios(answer, 404, 20404), answer.text
                wanted = f"The requested resource {path.removeprefix('/v1')} was not found"
                assert answer.json()["message"] == wanted


def test_a_method_that_is_not_documented_is_405(office: Office, subtests: pytest.Subtests) -> None:
    """In Twilio's form, for every path, with those that it has."""
    known: dict[str, set[str]] = {}
    for operation in operations():
        known.setdefault(operation.path, set()).add(operation.method)
    for path, methods in known.items():
        for method in sorted(set(METHODS) - methods):
            with subtests.test(f"{method} {path}"):
                answer = office.request(method, path.format(**office.sids, Sid=NOWHERE))
                assert is_twilios(answer, 405, 20004), answer.text
                assert answer.headers["Allow"] == ", ".join(sorted(methods))


def test_nothing_is_told_to_strangers(office: Office, subtests: pytest.Subtests) -> None:
    """Every operation wants credentials."""
    for operation in operations():
        with subtests.test(str(operation)):
            answer = office.request(operation.method, office.path(operation), auth=(ACCOUNT, "wrong"))
            assert is_twilios(answer, 401, 20003), answer.text


# --- the comparison itself --------------------------------------------------------------------------------------------


def test_an_answer_of_another_shape_is_noticed(office: Office) -> None:
    """A field missing, one too many, one of the wrong type, a date and a URL of the wrong form."""
    (fetch,) = (o for o in operations() if str(o) == "GET /Workspaces/{WorkspaceSid}/Activities/{Sid}")
    assert fetch.schema is not None
    right = office.ask(fetch).json()
    assert complaints(fetch.schema, right) == []
    wrong: list[dict[str, Any]] = [
        {**right, "mood": "sunny"},
        {**right, "available": "yes"},
        {**right, "date_created": 5},
        {**right, "date_created": "yesterday"},
        {**right, "url": "nowhere"},
        {**right, "links": {"workspace": ""}},
        {name: value for name, value in right.items() if name != "sid"},
    ]
    assert [document for document in wrong if not complaints(fetch.schema, document)] == []


def test_the_fidelity_page_has_a_line_for_every_operation(office: Office) -> None:
    """So docs/fidelity.md leaves none out, and names none that Twilio does not document."""
    page = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `((?:GET|POST|DELETE) /[^`]*)` \|", page, re.MULTILINE)
    assert sorted(named) == sorted(map(str, operations()))
