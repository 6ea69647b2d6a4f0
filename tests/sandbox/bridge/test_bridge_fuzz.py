"""Hundreds of requests to the bridge that nobody means well with: never a 5xx, and nothing is out of joint."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from random_sizes import sized
from sandbox.bridge_client import PATH, send
from sandbox.call_centre import build
from sandbox.hostile import ATTACK, NASTY
from sandbox.in_place import assert_all_in_place
from sandbox.local import LocalSandbox, local_sandbox
from sandbox.worker_tokens import ApiKey, worker_token

from labkit.sandbox.bridge.operations import OPERATIONS

REQUESTS = sized(400, ci=800, soak=20_000)
TEXTS = [text.decode("utf-8", "replace") for text in NASTY]
KINDS = {"Workspaces": "WS", "Workers": "WK", "TaskQueues": "WQ", "Tasks": "WT", "Reservations": "WR"}
KINDS |= {"WorkerChannels": "WC", "Transfers": "TT"}
WORDS = ["accepted", "rejected", "wrapping", "completed", "canceled", "WARM", "COLD", "conference", "supervise"]
WORDS += ["redirect", "true", "DateStatusChanged:desc", "DateUpdated:asc", "1==1", "2026-01-01T00:00:00Z", "+15550100"]
NAMES = [
    *("Attributes", "ActivitySid", "RejectPendingReservations", "FriendlyName", "ReservationStatus", "Instruction"),
    *("WorkerActivitySid", "To", "From", "CallFrom", "CallUrl", "Supervisor", "SupervisorMode", "AssignmentStatus"),
    *("Reason", "Priority", "VirtualStartTime", "WorkflowSid", "TaskQueueSid", "RoutingTarget", "TaskChannelSid"),
    *("TaskChannelUniqueName", "Timeout", "ReservationSid", "TaskSid", "Mode", "TransferStatus", "TargetWorkerSid"),
    *("Hold", "HoldUrl", "Mute", "EndConferenceOnExit", "PageSize", "Ordering", "AfterSid", "NextToken", "Active"),
    *("ActivityName", "TargetWorkersExpression", "WorkerSid", "Capacity", "Available", "StatusCallbackEvent", "Other"),
]
FITTING: list[dict[str, Any]] = [
    {},
    {"Attributes": {"languages": ["es"]}},
    {"ActivitySid": "<WA>"},
    {"ReservationStatus": "accepted"},
    {"ReservationStatus": "completed"},
    {"AssignmentStatus": "completed", "Reason": "done"},
    {"WorkflowSid": "<WW>", "Attributes": {"call_sid": f"CA{'a' * 32}"}},
    {"RoutingTarget": "<WK>"},
    {"ReservationSid": "<WR>", "TaskSid": "<WT>", "To": "<WQ>"},
    {"TaskSid": "<WT>", "TransferStatus": "canceled"},
    {"Capacity": 3, "Available": True},
    {"PageSize": 3, "Ordering": "DateUpdated:asc"},
]
words = st.sampled_from([*TEXTS, *WORDS])
sids = st.sampled_from([f"<{prefix}>" for prefix in (*KINDS.values(), "WA", "WW")])
"""One that there is, of this kind; it is filled in as the request is sent."""
json_values = st.recursive(
    words | sids | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
strange = st.dictionaries(st.sampled_from(NAMES), json_values | sids | words, max_size=2)
params = st.builds(lambda fitting, given: {**fitting, **given}, st.sampled_from(FITTING), strange | st.just({}))
asked = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(OPERATIONS),
        "method": st.sampled_from([*[""] * 10, "DELETE", "PUT"]),
        "part": st.one_of(*[st.just("")] * 6, st.sampled_from(TEXTS)),
        "params": st.one_of(params, params, params, json_values),
        "role": st.sampled_from(["worker", "worker", "supervisor", "admin"]),
    }
)


class Attacked:
    """A sandbox under fire, with a key to make tokens, and one SID of each kind at least."""

    def __init__(self, sandbox: LocalSandbox) -> None:
        self.sandbox = sandbox
        client = sandbox.client()
        self.centre = build(client)
        made = json.loads(client.request("POST", "https://taskrouter.twilio.com/_sandbox/keys").text)
        self.key = ApiKey(made["account_sid"], made["sid"], made["secret"])
        self.statuses: Counter[int] = Counter()
        self.sids: dict[str, list[str]] = defaultdict(list)
        self.centre.add_worker("Bob", available=True)
        self.renew()

    def renew(self) -> None:
        """One more Task for somebody, and the time goes on."""
        self.sandbox.advance(50)
        self.centre.switch(self.centre.alice_sid, "Available")
        self.centre.add_task()
        for state in self.sandbox.service.states.values():
            everything = (state.workers, state.tasks, state.reservations, state.task_queues, state.workflows)
            for shelf in (*everything, state.activities, state.transfers):
                for sid in shelf:
                    self.sids[sid[:2]] = [*self.sids[sid[:2]], sid][-4:]
        worker = self.sandbox.service.states[self.centre.sid].workers[self.centre.alice_sid]
        self.sids["WC"] = [channel.sid for channel in worker.channels.values()]
        self.sids["WS"], self.sids["WK"] = [self.centre.sid], [self.centre.alice_sid, *self.sids["WK"]][:2]

    def real(self, value: Any) -> Any:
        """A value with SIDs in the places that are held for them."""
        if isinstance(value, dict):
            return {self.real(name): self.real(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.real(inner) for inner in value]
        if isinstance(value, str) and value.startswith("<") and len(value) == 4:
            known = self.sids[value[1:3]]
            return known[self.statuses.total() % len(known)] if known else f"{value[1:3]}{'0' * 32}"
        return value

    def ask(self, hostile: dict[str, Any]) -> Any:
        operation = hostile["operation"]
        parts = operation.path.split("/")
        path = [
            part if not part.startswith("{") else self.real(f"<{KINDS.get(before, 'WK')}>")
            for before, part in zip(["", *parts], parts, strict=False)
        ]
        if hostile["part"]:
            path[-1] = hostile["part"]
        if "worker_sid" in operation.path:
            path[3] = self.centre.alice_sid
        body = {
            "url": "/".join(path),
            "method": hostile["method"] or operation.method,
            "params": self.real(hostile["params"]),
            "token": worker_token(self.key, self.centre.sid, self.centre.alice_sid, role=hostile["role"]),
        }
        note(json.dumps({**body, "token": "…"}))
        return send("POST", self.sandbox.url, PATH, json.dumps(body).encode(), {"apiVersion": "v2"})


@pytest.fixture(scope="module")
def attacked() -> Iterator[Attacked]:
    with local_sandbox() as sandbox:
        yield Attacked(sandbox)


@pytest.mark.chance
@settings(ATTACK, max_examples=REQUESTS)
@given(hostile=asked)
def test_nothing_that_is_asked_is_a_5xx(attacked: Attacked, hostile: dict[str, Any]) -> None:
    """Whatever the path, its SIDs and the parameters: a payload, or an error that a page can read."""
    answered = attacked.ask(hostile)
    attacked.statuses[answered.status] += 1
    if attacked.statuses.total() % 20 == 0:
        attacked.renew()
    if answered.status == 200:
        assert isinstance(answered.payload, dict)
        return
    status, said = answered.refusal
    assert status < 500, said
    assert "Traceback" not in said


@pytest.mark.chance
def test_what_was_asked_was_of_all_kinds(attacked: Attacked) -> None:
    """Not only refusals."""
    if not attacked.statuses:
        pytest.skip("the requests of the test before this one were not sent")
    assert attacked.statuses[200] > REQUESTS // 10
    assert {200, 400, 403, 404, 405} <= set(attacked.statuses), attacked.statuses


def test_afterwards_all_is_in_its_place(attacked: Attacked) -> None:
    """Every index is what the records say, and what would be loaded after a restart is what is in memory."""
    assert_all_in_place(attacked.sandbox)
