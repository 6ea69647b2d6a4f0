"""What a Worker's page hears on its websocket, and when that is closed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from labkit.parity.page_socket import PageSocket
from labkit.parity.player import ScenarioPlayer
from labkit.parity.record import StepRecord
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import accept, everybody, task, worker
from labkit.parity.sides import A_GREAT_DEAL, AN_API_KEY, OWN_SIGNATURE
from labkit.parity.step_answer import StepAnswer
from labkit.parity.worker_sdk import ask, changed_token, older_token, token

_SOCKET = "The Worker SDK's websocket | "
_LIMIT = 5.0
_TWO_DAYS = 172_800


@contextmanager
def _page(play: ScenarioPlayer, proof: str, **options: str) -> Iterator[PageSocket]:
    """A page with this token, and options such as `closeExistingSessions`."""
    query = {"token": proof, "closeExistingSessions": "false", "clientVersion": "2.1.1", **options}
    socket = PageSocket(play.side.socket_url, query)
    try:
        yield socket
    finally:
        socket.close()


def _alice(play: ScenarioPlayer) -> str:
    return token(play, "Alice").reveal()


def _load(play: ScenarioPlayer, page: str) -> None:
    """What a page asks for at first; until then it is told nothing."""
    for kind in ("Activities", "Workers/{Alice}/WorkerChannels", "Workers/{Alice}/Reservations"):
        ask(play, f"{page} loads {kind.rpartition('/')[2]}", "GET", kind)


def _heard(play: ScenarioPlayer, name: str, socket: PageSocket, event_type: str) -> StepAnswer:
    """Wait until the page has heard of this; one step, with all that it has heard until then."""
    came = socket.hears(event_type, limit=_LIMIT * play.side.patience)
    messages: list[dict[str, object]] = []
    for each in socket.messages:
        messages.append(_without_lifetime(each))
        if each.get("event_type") == event_type:
            break
    return play.note(StepRecord(name=name, answer={"messages": play.roles.shown(messages)}, came=came))


def _without_lifetime(message: dict[str, object]) -> dict[str, object]:
    """How long a token still holds is another number each time."""
    payload = message.get("payload")
    if message.get("event_type") != "init" or not isinstance(payload, dict):
        return message
    return {**message, "payload": {name: each for name, each in payload.items() if name != "token_lifetime"}}


def _closed(play: ScenarioPlayer, name: str, socket: PageSocket, *, limit: float = _LIMIT) -> StepAnswer:
    """Wait until the other side has closed it; one step."""
    came = socket.is_closed(limit=limit * play.side.patience)
    said = {"close_code": socket.close_code, "close_reason": socket.close_reason}
    return play.note(StepRecord(name=name, answer=said, came=came))


@scenario("Who may connect, and what is said at first", needs=(AN_API_KEY,))
def connections(play: ScenarioPlayer) -> None:
    """With a token of two days, and with those that prove nothing or too little."""
    everybody(play)
    worker(play)
    long = changed_token(play, "Alice", exp=int(time.time()) + _TWO_DAYS)
    with _page(play, long) as page:
        _heard(play, "from another host", page, "init").settles(
            f"{_SOCKET}`GET /v1/wschannels`, with token, closeExistingSessions, clientVersion and "
            "setWorkerOfflineIfDisconnected",
            came=True,
        )
        lifetime = page.messages[0]["payload"].get("token_lifetime")
        play.note(StepRecord(name="how long it holds", answer={"token_lifetime": lifetime})).settles(
            f"{_SOCKET}`init`, with the token's time in milliseconds", token_lifetime=86_400_000
        )
        page.send("hello")
        play.settle()
        play.say("a text closes nothing", page.close_code is None).settles(f"{_SOCKET}What a page sends", came=True)
    refused = f"{_SOCKET}A refused connection"
    for name, proof, status in (
        ("no JWT", "eyJ.no.jwt", 401),
        ("expired", changed_token(play, "Alice", exp=1_600_000_000), 401),
        ("another Workspace", changed_token(play, "Alice", grant={"workspace_sid": f"WS{'0' * 32}"}), 403),
        ("no such Worker", changed_token(play, "Alice", grant={"worker_sid": f"WK{'0' * 32}"}), 403),
    ):
        with _page(play, proof) as page:
            play.note(StepRecord(name=name, status=page.status)).settles(refused, status=status)


@scenario("What a page hears of an offer, and of what becomes of it", needs=(AN_API_KEY,))
def page_hears(play: ScenarioPlayer) -> None:
    """While it loads, after its own call, and after a rejection that another Worker waits for."""
    everybody(play)
    worker(play)
    with _page(play, _alice(play)) as page, _page(play, _alice(play)) as second:
        task(play)
        play.reservation("reservation")
        _load(play, "the newest page")
        loads = _heard(play, "the offer, once it has loaded", second, "reservation.created")
        loads.settles(f"{_SOCKET}A page that loads", came=True)
        _load(play, "the older page")
        _heard(play, "the offer, at the older page", page, "reservation.created").settles(
            f"{_SOCKET}Which session loads", came=True
        )
        worker(play, "Bob")
        path = "Workers/{Alice}/Reservations/{reservation}"
        ask(play, "the rejection", "POST", path, {"ReservationStatus": "rejected"})
        answered = time.monotonic()
        shown = _heard(play, "the rejection is heard", page, "reservation.rejected")
        shown.shows(
            f"{_SOCKET}A message shows the whole of what a change did, and nothing of what routing makes of it",
            {"answer.messages.2.payload.task.assignment_status": "pending"},
        )
        after = (page.heard_at("reservation.rejected") or 0.0) > answered
        play.say("it is heard after the answer", after).settles(
            f"{_SOCKET}What a page's call has caused comes after its answer", came=True
        )
        play.post("the Task changes", "Tasks/{task}", Priority=3)
        _heard(play, "the change is heard", page, "task.updated").settles(
            f"{_SOCKET}What a page hears of a change, in which order and of which state", came=True
        )


@scenario("What a page hears of a Task that is deleted", needs=(AN_API_KEY,))
def page_hears_of_a_deletion(play: ScenarioPlayer) -> None:
    """One that is assigned."""
    everybody(play)
    worker(play)
    with _page(play, _alice(play)) as page:
        _load(play, "the page")
        task(play)
        play.reservation("reservation")
        accept(play)
        play.delete("the Task is deleted", "Tasks/{task}")
        _heard(play, "the end is heard", page, "reservation.completed").settles(
            f"{_SOCKET}A Task that is deleted: reservation.completed where it was assigned", came=True
        )


@scenario("How a page's websocket is closed, and what becomes of the Worker", needs=(AN_API_KEY,))
def page_closes(play: ScenarioPlayer) -> None:
    """By another page, by the Worker's end, and by the page itself."""
    everybody(play)
    worker(play)
    codes = f"{_SOCKET}Codes and reasons of a close"
    both = f"{_SOCKET}closeExistingSessions"
    first, second = _alice(play), changed_token(play, "Alice", jti="another")
    alone = {"closeExistingSessions": "true"}
    with _page(play, first, **alone) as one, _page(play, second, **alone) as other:
        _closed(play, "closed by another page", one).settles(
            codes, close_code=1000, close_reason="closed by another session"
        )
        with _page(play, first, **alone) as again:
            _heard(play, "the first is back", again, "init").settles(both, came=True)
            play.settle()
            play.say("and closes nobody", other.close_code is None).settles(both, came=True)
    offline = f"{_SOCKET}setWorkerOfflineIfDisconnected"
    with _page(play, first, setWorkerOfflineIfDisconnected="false") as page:
        _heard(play, "who stays", page, "init")
    play.settle(after=0.8)
    play.get("the Worker who stays", "Workers/{Alice}").settles(offline, activity_name="Available")
    with _page(play, first, setWorkerOfflineIfDisconnected="true") as page:
        _heard(play, "who leaves", page, "init")
    play.field("the Worker who has left", "Workers/{Alice}", activity_name="Offline").settles(offline, came=True)
    with _page(play, first) as page:
        play.delete("the Worker is deleted", "Workers/{Alice}")
        _closed(play, "closed by the Worker's end", page).settles(codes, close_code=1008)


@scenario("What a page of version 1 of the JavaScript SDK hears", needs=(OWN_SIGNATURE,))
def older_page_hears(play: ScenarioPlayer) -> None:
    """Its first word is the first event."""
    everybody(play)
    worker(play, ActivitySid=play["Offline"])
    query = {"token": older_token(play).reveal(), "closeExistingSessions": "false"}
    page = PageSocket(f"{play.side.socket_url}/{play.side.account_sid}/{play['Alice']}", query)
    try:
        play.post("available", "Workers/{Alice}", ActivitySid=play["Available"])
        _heard(play, "the Activity is heard", page, "activity.update").shows(
            f"{_SOCKET}The websocket of version 1 of the JavaScript SDK, `/v1/wschannels/AC…/WK…`, with a capability "
            "token",
            {"answer.messages.0.event_type": "activity.update"},
        )
    finally:
        page.close()


_BLANK = f"{_SOCKET}A blank as a heartbeat"
_TOKEN_ENDS = f"{_SOCKET}The end of a token"


@scenario("Heartbeats, and the end of a token", settles=(_BLANK, _TOKEN_ENDS), needs=(AN_API_KEY, A_GREAT_DEAL))
def patient_page(play: ScenarioPlayer) -> None:
    """In real time, which no clock of a sandbox moves on."""
    everybody(play)
    worker(play)
    with _page(play, _alice(play)) as page:
        play.say("a blank comes within 17 seconds", page.beats(limit=17)).settles(_BLANK, came=True)
    short = changed_token(play, "Alice", exp=int(time.time()) + 3)
    with _page(play, short) as page:
        _closed(play, "its token has run out", page, limit=15).settles(
            _TOKEN_ENDS, close_code=1000, close_reason="token expired"
        )
