"""What takes thousands of requests or a day; played only where it is asked for by name."""

from __future__ import annotations

from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from labkit import limits
from labkit.parity.callback_receiver import PlannedAnswer
from labkit.parity.page_socket import PageSocket
from labkit.parity.player import ScenarioPlayer
from labkit.parity.record import StepRecord
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import REFUSED, assigned_beside_bob, everybody, queue, task, worker, workflow
from labkit.parity.sides import A_GREAT_DEAL, AN_API_KEY, CALLBACKS
from labkit.parity.worker_sdk import token, transfer

_TASKS = f"Limits | Tasks in flight: {limits.MAX_TASKS_IN_FLIGHT:,}"
_WORKERS = f"Limits | Workers: {limits.MAX_WORKERS:,}"
_QUEUES = f"Limits | TaskQueues: {limits.MAX_TASK_QUEUES:,}"
_ASSIGNMENTS = "Transfers | The limit of assignments holds in a transfer"
_SESSIONS = "The Worker SDK's websocket | Sessions at once"
_UNREAD = "The Worker SDK's websocket | A page that does not read"
_SLOW_URL = "Event callbacks | How long events wait for a slow URL"
_MOST_SESSIONS = 1_100
_UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@scenario("One Task more than may be in flight", settles=(_TASKS,), needs=(A_GREAT_DEAL,))
def too_many_tasks(play: ScenarioPlayer) -> None:
    """Nobody is there who could take one."""
    everybody(play)
    for _ in range(limits.MAX_TASKS_IN_FLIGHT):
        play.quietly("POST", "Tasks", Attributes="{}")
    play.post("one Task too many", "Tasks", Attributes="{}").settles(_TASKS, **REFUSED)


@scenario("One Worker more than there may be", settles=(_WORKERS,), needs=(A_GREAT_DEAL,))
def too_many_workers(play: ScenarioPlayer) -> None:
    """Numbered."""
    for number in range(limits.MAX_WORKERS):
        play.quietly("POST", "Workers", FriendlyName=f"Worker {number}")
    play.post("one Worker too many", "Workers", FriendlyName="One too many").settles(_WORKERS, **REFUSED)


@scenario("One TaskQueue more than there may be", settles=(_QUEUES,), needs=(A_GREAT_DEAL,))
def too_many_queues(play: ScenarioPlayer) -> None:
    """Numbered, with an expression that nobody fits."""
    given = {"TargetWorkers": "1==2"}
    for number in range(limits.MAX_TASK_QUEUES):
        play.quietly("POST", "TaskQueues", FriendlyName=f"Queue {number}", **given)
    play.post("one TaskQueue too many", "TaskQueues", FriendlyName="One too many", **given).settles(_QUEUES, **REFUSED)


@scenario(
    "A Task that is rejected again and again in a transfer", settles=(_ASSIGNMENTS,), needs=(AN_API_KEY, A_GREAT_DEAL)
)
def many_rejections(play: ScenarioPlayer) -> None:
    """Until its limit of assignments is reached."""
    assigned_beside_bob(play)
    transfer(play, "Bob's queue")
    path = "Tasks/{task}/Reservations"
    for _ in range(limits.MAX_ASSIGNMENTS):
        pending = play.quietly("GET", path, ReservationStatus="pending")["reservations"]
        if not pending:
            break
        play.quietly("POST", f"{path}/{pending[0]['sid']}", ReservationStatus="rejected")
    play.field("assigned as before", "Tasks/{task}", assignment_status="assigned").settles(_ASSIGNMENTS, came=True)


@scenario("More pages at once than there may be", settles=(_SESSIONS,), needs=(AN_API_KEY, A_GREAT_DEAL))
def too_many_pages(play: ScenarioPlayer) -> None:
    """Until one is refused."""
    worker(play)
    query = urlencode({"token": token(play, "Alice").reveal(), "closeExistingSessions": "false"})
    with ExitStack() as open_pages:
        for _ in range(_MOST_SESSIONS):
            status, answered = _upgraded(f"{play.side.socket_url}?{query}")
            open_pages.callback(answered.close)
            if status != 101:
                break
        play.note(StepRecord(name="one page too many", status=status)).settles(_SESSIONS, status=503)


def _upgraded(url: str) -> tuple[int, HTTPResponse]:
    """A websocket that nobody reads, and the status of its upgrade: a socket and no more, for there are many."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "wss" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=_UPGRADE)
    answered = connection.getresponse()
    return answered.status, answered


@scenario("A page that does not read", settles=(_UNREAD,), needs=(AN_API_KEY, A_GREAT_DEAL))
def unread_page(play: ScenarioPlayer) -> None:
    """It answers no ping."""
    worker(play)
    query = {"token": token(play, "Alice").reveal(), "closeExistingSessions": "false"}
    page = PageSocket(play.side.socket_url, query, reads=False)
    try:
        play.say("it is let go", page.is_closed(limit=60)).settles(_UNREAD, came=True)
    finally:
        page.close()


@scenario(
    "Event callbacks that wait for more than a day",
    seconds=90_000,
    settles=(_SLOW_URL,),
    needs=(CALLBACKS, A_GREAT_DEAL),
)
def a_slow_day(play: ScenarioPlayer) -> None:
    """The URL hangs for one Event of a Task; the next ones of the same Task wait behind it, for 25 hours."""
    queue(play)
    workflow(play)
    hangs = PlannedAnswer(after_seconds=12.0)
    play.callbacks.answer("events", hangs, PlannedAnswer())
    play.post(
        "an event callback URL",
        "",
        EventCallbackUrl=play.callbacks.url("events"),
        EventsFilter="task.created,task.updated",
    )
    task(play)
    play.received("the one that hangs", "events")
    play.post("a change", "Tasks/{task}", Priority=1)
    play.pass_time(90_000)
    play.settle(after=16.0)
    play.received("what came in the end", "events", count=1, more=True).shows(_SLOW_URL, {"callbacks.1": "(absent)"})
