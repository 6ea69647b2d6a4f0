"""Rate limits over HTTP: Twilio's 429, the headers, and a clock moved by hand (reference, 11)."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from sandbox.bridge_client import BridgeClient
from sandbox.call_centre import build
from sandbox.local import ACCOUNT, PATIENCE_SECONDS, START, TOKEN, LocalSandbox, local_sandbox
from sandbox.members import share
from sandbox.refused import list_refused
from sandbox.worker_tokens import ApiKey, worker_token
from twilio.base.exceptions import TwilioException

from labkit import limits
from labkit.sandbox.clock import Clock
from labkit.sandbox.rate_limits import RATES, Rate, RateLimits

HEADERS = ("X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Config")


@pytest.fixture
def limited() -> Iterator[LocalSandbox]:
    """A sandbox with TaskRouter's rate limits, whose clock stands still."""
    with local_sandbox(limits=RateLimits(), clock=Clock(START, read=lambda: START, monotonic=lambda: 0.0)) as running:
        yield running


@dataclass
class Answered:
    """What came back."""

    status: int
    body: Any
    limits: tuple[str | None, ...]


def ask(sandbox: LocalSandbox, method: str, path: str, *, body: str | None = None) -> Answered:
    """One request, with the rate limit headers of its answer."""
    pair = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answered(answer.status, json.loads(answer.read()), tuple(answer.getheader(name) for name in HEADERS))
    finally:
        connection.close()


def request_of(sandbox: LocalSandbox, method: str, path: str, rate: Rate) -> tuple[str, str, str | None]:
    """A request that counts towards the rate, in a Workspace of its own."""
    workspace = sandbox.client().taskrouter.v1.workspaces.create(friendly_name=rate.name)
    queue = sandbox.client().taskrouter.v1.workspaces(workspace.sid).task_queues.create(friendly_name="Q")
    values = {"EvaluateWorkerAttributes": "{}"}
    query = f"?{urlencode({rate.when: values.get(rate.when, '1==1')})}" if rate.when else ""
    body = json.dumps({"queueSids": [queue.sid]}) if method == "POST" else None
    return method, f"/v1{path.format(workspace_sid=workspace.sid)}{query}", body


@pytest.mark.parametrize(("method", "path", "rate"), [(*route, rate) for route, rate in RATES.items()])
def test_one_too_many_is_429_until_a_second_has_passed(
    limited: LocalSandbox, method: str, path: str, rate: Rate
) -> None:
    """20429 in Twilio's form; what is left counts down, and the sandbox's clock brings it back."""
    method, path, body = request_of(limited, method, path, rate)
    taken = [ask(limited, method, path, body=body) for _ in range(rate.most)]
    assert {answer.status for answer in taken} == {200}
    expected = [(str(rate.most), str(left), rate.name) for left in reversed(range(rate.most))]
    assert [answer.limits for answer in taken] == expected
    refused = ask(limited, method, path, body=body)
    assert (refused.status, refused.limits) == (429, (str(rate.most), "0", rate.name))
    assert refused.body == {
        "code": 20429,
        "message": "Too Many Requests",
        "more_info": "https://www.twilio.com/docs/errors/20429",
        "status": 429,
    }
    limited.advance(1)
    assert ask(limited, method, path, body=body).status == 200


def test_the_sdk_is_told(limited: LocalSandbox) -> None:
    """As the error that it makes of every page that it does not get, with Twilio's body in it."""
    client = limited.client()
    workers = client.taskrouter.v1.workspaces(build(client).sid).workers
    for _ in range(3):
        workers.list(target_workers_expression="1==1")
    with pytest.raises(TwilioException, match=r'HTTP 429 .*"code":20429'):
        workers.list(target_workers_expression="1==1")


def test_lists_without_the_parameter_do_not_count(limited: LocalSandbox) -> None:
    """Nor do they say anything of limits; nobody knows what those are."""
    sid = build(limited.client()).sid
    answers = [ask(limited, "GET", f"/v1/Workspaces/{sid}/Tasks?EvaluateTaskAttributes=") for _ in range(8)]
    assert {(answer.status, answer.limits) for answer in answers} == {(200, (None, None, None))}


def test_a_request_that_is_wrong_counts_too(limited: LocalSandbox) -> None:
    """It was a request, and its answer says what is left."""
    sid = build(limited.client()).sid
    wrong = f"/v1/Workspaces/{sid}/Tasks?EvaluateTaskAttributes=a+%3D%3D"
    assert [ask(limited, "GET", wrong).status for _ in range(4)] == [400, 400, 400, 429]


def test_workspaces_that_are_not_there_are_404(limited: LocalSandbox) -> None:
    """However often they are asked for: there is nothing to count."""
    nowhere = f"/v1/Workspaces/WS{'0' * 32}/TaskQueues?EvaluateWorkerAttributes=%7B%7D"
    assert {ask(limited, "GET", nowhere).status for _ in range(8)} == {404}


def test_without_limits_everything_is_answered(sandbox: LocalSandbox) -> None:
    """For those who measure."""
    sid = build(sandbox.client()).sid
    path = f"/v1/Workspaces/{sid}/Workers?TargetWorkersExpression=1%3D%3D1"
    assert {(answer.status, answer.limits) for answer in (ask(sandbox, "GET", path) for _ in range(8))} == {
        (200, (None, None, None))
    }


def test_a_member_uses_up_nobody_elses(limited: LocalSandbox) -> None:
    """Each is counted apart, over REST and on the bridge together; the owner has what TaskRouter gives."""
    shared = share(limited, ["Ann", "Bob"])
    ann, bob = shared.members
    queue = {"target_workers_expression": "1==1"}
    for _ in range(limits.EXPRESSION_LISTS_PER_SECOND):
        ann.workspace.workers.list(**queue)
    with list_refused(429, 20429):
        ann.workspace.workers.list(**queue)
    page = BridgeClient(
        limited.url, shared.centre.sid, worker_token(ApiKey(ACCOUNT, *ann.key), shared.centre.sid, ann.worker_sid)
    )
    assert page.get(f"{page.all}/Workers", TargetWorkersExpression="1==1").status == 429
    assert len(bob.workspace.workers.list(**queue)) == len(shared.centre.workspace.workers.list(**queue)) == 3
