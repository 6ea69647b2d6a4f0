"""How requests are read and answered, whatever they are about."""

from __future__ import annotations

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import REFUSED, everybody, queue, task, worker
from labkit.parity.step_answer import StepAnswer

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PARTS = {"Content-Type": "multipart/form-data; boundary=between"}
_JSON = {"Content-Type": "application/json"}
_REST = "REST: requests and answers | "


def _part(disposition: str, content: bytes, kind: str = "") -> bytes:
    """A body of one part."""
    described = f"\r\nContent-Type: {kind}" if kind else ""
    head = f"--between\r\nContent-Disposition: form-data; {disposition}{described}\r\n\r\n"
    return head.encode() + content + b"\r\n--between--\r\n"


@scenario("Parameters in parts, in files, in other charsets and as JSON")
def bodies(play: ScenarioPlayer) -> None:
    """Each names a TaskQueue anew; who is not read leaves its name."""
    queue(play)

    def rename(name: str, body: bytes, headers: dict[str, str]) -> StepAnswer:
        return play.request(name, "POST", "TaskQueues/{queue}", body=body, headers=headers)

    parts = f"{_REST}Parameters as multipart/form-data"
    rename("in a part", _part('name="FriendlyName"', b"By part"), _PARTS).settles(
        parts, status=200, friendly_name="By part"
    )
    rename("as a file", _part('name="FriendlyName"; filename="a.txt"', b"File"), _PARTS).settles(parts, **REFUSED)
    utf_16 = _part('name="FriendlyName"', "Wide".encode("utf-16"), "text/plain; charset=utf-16")
    rename("in UTF-16", utf_16, _PARTS).settles(parts, **REFUSED)
    given = {"FriendlyName": "JSON"}
    play.request("as JSON", "POST", "TaskQueues/{queue}", given, headers=_JSON).settles(
        parts, status=200, friendly_name="By part"
    )
    rename("a byte that is no UTF-8", b"FriendlyName=a%FF", _FORM).settles(
        f"{_REST}Bytes that are not UTF-8", status=200, friendly_name="a\ufffd"
    )
    rename("a NUL", b"FriendlyName=a%00", _FORM).settles(f"{_REST}Bytes that are not UTF-8", **REFUSED)
    rename("twice in one request", b"FriendlyName=first&FriendlyName=last", _FORM).settles(
        f"{_REST}Repeated parameter where one is wanted", friendly_name="last"
    )


@scenario("Methods, parameters and values that TaskRouter does not know")
def odd_requests(play: ScenarioPlayer) -> None:
    """And empty ones."""
    everybody(play)
    worker(play, ActivitySid=play["Offline"])
    methods = f"{_REST}Method that a path does not have: 405, 20004"
    play.request("HEAD", "HEAD", "/Workspaces", keep=["Allow"]).shows(
        methods, {"status": 405, "headers.Allow": "GET, POST"}
    )
    play.request("PUT", "PUT", "/Workspaces", keep=["Allow"]).settles(methods, status=405, code=20004)
    errors = f"{_REST}Error bodies: code, message, more_info, status"
    play.post("a Timeout that is no number", "Tasks", Timeout="soon").settles(errors, **REFUSED)
    names = f"{_REST}Bad FriendlyName: 20002"
    play.post("a Worker without a name", "Workers", FriendlyName="").settles(names, **REFUSED)
    play.post("a Worker with a name of 65 characters", "Workers", FriendlyName="x" * 65).settles(names, **REFUSED)
    play.post("a parameter that there is not", "Tasks", Colour="red").settles(f"{_REST}Unknown parameter", status=201)
    empty = f"{_REST}Empty value"
    play.post("a fallback URL", "Workflows/{workflow}", FallbackAssignmentCallbackUrl="https://example.com/")
    play.post("an empty fallback URL", "Workflows/{workflow}", FallbackAssignmentCallbackUrl="").settles(
        empty, status=200, fallback_assignment_callback_url=""
    )
    play.post("an empty name", "Workers/{Alice}", FriendlyName="").settles(empty, **REFUSED)


@scenario("Dates, versions, ETag and If-Match")
def versions(play: ScenarioPlayer) -> None:
    """Of a Task, and of a Reservation by both of its paths."""
    everybody(play)
    task(play)
    etag = f"{_REST}ETag and If-Match; another version is 412"
    play.request("the Task", "GET", "Tasks/{task}", keep=["ETag"]).settles(
        f"{_REST}Dates: ISO 8601, UTC, whole seconds", date_created="+0 s"
    ).shows(etag, {"headers.ETag": '"1"'})

    def update(name: str, version: str) -> StepAnswer:
        return play.request(name, "POST", "Tasks/{task}", {"Priority": "1"}, headers={"If-Match": version})

    for name, version in (("1", "1"), ("in quotes", '"2"'), ("weak", 'W/"3"'), ("any", "*")):
        update(f"the version {name}", version).settles(etag, status=200)
    update("another version", "77").settles(etag, status=412, code=20001)
    play.request("the list of Tasks", "GET", "Tasks", keep=["ETag"]).shows(etag, {"headers.ETag": ""})
    worker(play)
    play.reservation("reservation")
    play.request("by the Task's path", "GET", "Tasks/{task}/Reservations/{reservation}", keep=["ETag"])
    play.request("by the Worker's path", "GET", "Workers/{Alice}/Reservations/{reservation}", keep=["ETag"]).shows(
        etag, {"headers.ETag": '"0"'}
    )


@scenario("Pages, and the order of what is in them", seconds=3)
def lists(play: ScenarioPlayer) -> None:
    """Three of each resource, one second after the other."""
    everybody(play)
    for name in ("b", "c", "a"):
        play.pass_time(1.1)
        queue(play, f"queue {name}")
        play.post(f"Activity {name}", "Activities", FriendlyName=name)
        worker(play, f"Worker {name}", ActivitySid=play["Offline"])
        task(play, f"Task {name}", attributes={"name": name})
    order = f"{_REST}Order of a list"
    for path, key, place in (
        ("TaskQueues", "task_queues", 1), ("Activities", "activities", 3), ("Workers", "workers", 0),
    ):  # fmt: skip
        names = {f"answer.{key}.{place + number}.friendly_name": each for number, each in enumerate(_named(path))}
        play.get(f"all {path}", path).shows(order, names)
    play.get("all Tasks", "Tasks").shows(order, {"answer.tasks.0.attributes.name": "b"})
    play.events("all Events")
    play.get("the newest Event", "Events", PageSize=1, EventType="task.created").shows(
        order, {"answer.events.0.event_data.task_attributes.name": "a"}
    )
    ordering = f"{_REST}`Ordering` of Workers and TaskQueues"
    play.get("Workers by their creation", "Workers", Ordering="DateCreated:desc").shows(
        ordering, {"answer.workers.0.friendly_name": "Worker a"}
    )
    play.get("Workers by their names", "Workers", Ordering="FriendlyName:asc").shows(
        ordering, {"answer.workers.0.friendly_name": "Worker a"}
    )
    play.get("the first page", "Tasks", PageSize=1).shows(
        f"{_REST}Paging: PageSize, Page, PageToken, all of meta",
        {"answer.meta.next_page_url": "{api}/v1/Workspaces/{Workspace}/Tasks?PageSize=1&Page=1&PageToken=PA{Task b}"},
    )
    by_number = f"{_REST}`Page` without a token: alert 40153"
    play.get("the second page, without a token", "Tasks", PageSize=1, Page=1).shows(
        by_number, {"status": 200, "answer.tasks.0.attributes.name": "c"}
    )
    play.alerts("the alert of that page", 40153).settles(by_number, came=True)


def _named(path: str) -> list[str]:
    kind = {"TaskQueues": "queue ", "Workers": "Worker "}.get(path, "")
    return [f"{kind}{each}" for each in ("b", "c", "a")]


@scenario("What an answer says of the rate limits")
def rate_limits(play: ScenarioPlayer) -> None:
    """In its headers, of a list by an expression, which may be asked for three times in a second."""
    worker(play)
    keep = ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Config"]
    asked = {"TargetWorkersExpression": "1==1"}
    play.request("the headers", "GET", "Workers", asked, keep=keep).shows(
        f"{_REST}X-Rate-Limit headers", {"status": 200}
    )
