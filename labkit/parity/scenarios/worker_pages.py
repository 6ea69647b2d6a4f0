"""What a Worker's page may ask, as both versions of the JavaScript SDK ask it."""

from __future__ import annotations

from collections.abc import Callable

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import accept, everybody, reserved, worker
from labkit.parity.sides import AN_API_KEY, OWN_SIGNATURE
from labkit.parity.step_answer import StepAnswer
from labkit.parity.worker_sdk import ask, ask_older, changed_token, token

_REQUESTS = "The Worker SDK: tokens and requests | "
_MOST_TRIES = 30
_TOO_MANY = {"status": 429, "code": 20429}
_EXPRESSION = {"TargetWorkersExpression": "1==1"}


@scenario("Tokens that prove nothing, prove too little, or are somebody else's", needs=(AN_API_KEY,))
def tokens(play: ScenarioPlayer) -> None:
    """The status of each; a grant without a role is a Worker's."""
    everybody(play)
    worker(play)
    worker(play, "Bob")
    proves = f"{_REQUESTS}A token that proves nothing is a 401; one of another account, or without the grant, a 403"
    for name, proof, status in (
        ("no JWT", "eyJ.no.jwt", 401),
        ("another signature", token(play, "Alice").reveal()[:-4] + "AAAA", 401),
        ("expired", changed_token(play, "Alice", exp=1_600_000_000), 401),
        ("another Workspace", changed_token(play, "Alice", grant={"workspace_sid": f"WS{'0' * 32}"}), 403),
    ):
        ask(play, name, "GET", "Workers/{Alice}", proof=proof).settles(proves, status=status)
    no_role = changed_token(play, "Alice", grant={"role": None})
    role = f"{_REQUESTS}A grant without a role"
    ask(play, "without a role: oneself", "GET", "Workers/{Alice}", proof=no_role).settles(role, status=200)
    ask(play, "without a role: another", "POST", "Workers/{Bob}", {"Attributes": "{}"}, proof=no_role).settles(
        role, status=403
    )


@scenario("Who may ask what, and how it is answered", needs=(AN_API_KEY,))
def page_requests(play: ScenarioPlayer) -> None:
    """Another Worker, lists, versions, and requests of other origins."""
    reserved(play)
    worker(play, "Bob", ActivitySid=play["Offline"])
    may = f"{_REQUESTS}Who may ask what, by the role"
    ask(play, "another Worker is changed", "POST", "Workers/{Bob}", {"Attributes": "{}"}).settles(may, status=403)
    ask(play, "another's Reservations", "GET", "Workers/{Bob}/Reservations").settles(may, status=403)
    made = ask(play, "a Task is made", "POST", "Tasks", {"WorkflowSid": play["workflow"], "Attributes": "{}"})
    made.settles(
        f"{_REQUESTS}`POST /v1/wschannels`, for every Host: JSON under whatever Content-Type, the answer "
        '`{"payload": …}`',
        status=200,
    )
    ask(play, "a path that there is not", "GET", "Workers/{Alice}/Nothing").settles(
        f"{_REQUESTS}Errors are JSON with `message`", status=404, code=20404
    )
    lists = f"{_REQUESTS}Lists: oldest first with AfterSid, or with Ordering and NextToken"
    ask(play, "after a SID that is not there", "GET", "Workers", {"AfterSid": f"WK{'0' * 32}"}).settles(
        lists, status=400
    )
    ask(play, "an ActivitySid that is none", "GET", "Workers", {"ActivitySid": "none"}).settles(lists, status=400)
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    answered = play.side.client.http_client.request("OPTIONS", play.side.bridge_url, headers=headers)
    play.take("a preflight", answered, keep=["Access-Control-Allow-Origin"]).shows(
        f"{_REQUESTS}Preflights without credentials, and every origin, also for errors",
        {"headers.Access-Control-Allow-Origin": "*"},
    )
    version = f"{_REQUESTS}If-Match, as the bare number (`enableVersionCheck`)"
    ask(
        play, "an old version of oneself", "POST", "Workers/{Alice}", {"Attributes": "{}"}, headers={"If-Match": "99"}
    ).settles(version, status=412)
    supervisor = token(play, "Alice", role="supervisor").reveal()
    ask(
        play,
        "another's version, by a supervisor",
        "POST",
        "Workers/{Bob}",
        {"Attributes": "{}"},
        headers={"If-Match": "99"},
        proof=supervisor,
    ).settles(version, status=200)


@scenario("A Worker's Reservations in each status, and a supervisor who joins", needs=(AN_API_KEY,))
def page_reservations(play: ScenarioPlayer) -> None:
    """With Active=true, and where there is no conference."""
    reserved(play)
    worker(play, "Boss", attributes={"contact_uri": "client:boss"}, ActivitySid=play["Offline"])
    active = f"{_REQUESTS}Reservations with Active=true"
    path, open_ones = "Workers/{Alice}/Reservations", {"Active": "true"}
    joins = f"{_REQUESTS}A supervisor is called into a conference (`monitor`), by way of the Task"
    boss = token(play, "Boss", role="supervisor").reveal()
    asked = {"Instruction": "supervise", "Supervisor": play["Boss"], "SupervisorMode": "monitor"}
    on_task = "Tasks/{task}/Reservations/{reservation}"
    ask(play, "a supervisor, while it is pending", "POST", on_task, asked, proof=boss).settles(joins, status=400)
    ask(play, "pending", "GET", path, open_ones).settles(active, count=1)
    accept(play)
    ask(play, "accepted", "GET", path, open_ones).settles(active, count=1)
    ask(play, "a supervisor, without a conference", "POST", on_task, asked, proof=boss).settles(joins, status=400)
    other = {**asked, "Supervisor": play["Alice"]}
    ask(play, "another Supervisor than oneself", "POST", on_task, other, proof=boss).settles(joins, status=403)
    play.post("wrapping up", "Tasks/{task}", AssignmentStatus="wrapping")
    ask(play, "wrapping", "GET", path, open_ones).settles(active, count=1)
    play.post("the completion", "Tasks/{task}", AssignmentStatus="completed")
    ask(play, "completed", "GET", path, open_ones).settles(active, count=0)


@scenario("More requests in a second than there may be", needs=(AN_API_KEY,))
def too_many_requests(play: ScenarioPlayer) -> None:
    """A list by an expression, over REST and as a page asks for it, until one is refused."""
    worker(play)
    _until_refused(
        play, lambda name: play.request(name, "GET", "Workers", _EXPRESSION, again=False), "over REST"
    ).settles("Limits | Requests per second: 429, 20429", **_TOO_MANY)
    play.settle(after=1.2)
    _until_refused(play, lambda name: ask(play, name, "GET", "Workers", _EXPRESSION), "by a page").settles(
        f"{_REQUESTS}Rate limits", **_TOO_MANY
    )


def _until_refused(play: ScenarioPlayer, ask_once: Callable[[str], StepAnswer], how: str) -> StepAnswer:
    """The last of many requests; only that one is a step, for which it was is no matter."""
    name = f"one too many, {how}"
    answered = ask_once(name)
    for _ in range(_MOST_TRIES):
        if answered.record.status == _TOO_MANY["status"]:
            break
        play.steps.pop()
        answered = ask_once(name)
    return answered


@scenario("Version 1 of the JavaScript SDK, over HTTP", needs=(OWN_SIGNATURE,))
def older_page(play: ScenarioPlayer) -> None:
    """Its answers, and what its capability tokens allow."""
    everybody(play)
    worker(play)
    answers = (
        f"{_REQUESTS}Version 1 of the JavaScript SDK over HTTP, `POST /v1/wschannels/AC…/WK…`: REST's answers, within "
        "what the token's policies allow"
    )
    ask_older(play, "oneself", "GET", "Workers/{Alice}").settles(answers, status=200, event_type="response")
    allowed = (
        f"{_REQUESTS}Capability tokens of version 1 of the JavaScript SDK, signed with the auth token: policies with "
        "`*` and `**`, allowed or forbidden, with filters"
    )
    activity = {"ActivitySid": play["Offline"]}
    ask_older(play, "the Activity", "POST", "Workers/{Alice}", activity, allow_update_activities=True).settles(
        allowed, status=200
    )
    both = {**activity, "Attributes": "{}"}
    ask_older(
        play, "the Activity and attributes", "POST", "Workers/{Alice}", both, allow_update_activities=True
    ).settles(allowed, status=403)
    ask_older(play, "one's Reservations", "GET", "Workers/{Alice}/Reservations").settles(allowed, status=200)
    ask_older(play, "another is made", "POST", "Workers", {"FriendlyName": "Bob"})
