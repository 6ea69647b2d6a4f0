"""The documented limits, one beyond each."""

from __future__ import annotations

import json

from labkit import limits
from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario

REFUSED = {"status": 400, "code": 20001}


@scenario("A text, a number or a document that is one too long or too large")
def one_too_many(play: ScenarioPlayer) -> None:
    """Each is refused, and what was made before stays."""
    play.post("a TaskQueue", "TaskQueues", FriendlyName="Everybody", TargetWorkers="1==1", role="queue")
    configuration = {"task_routing": {"default_filter": {"queue": play["queue"]}}}
    play.post("a Workflow", "Workflows", FriendlyName="Main", Configuration=json.dumps(configuration), role="workflow")
    padding = "x" * (limits.MAX_ATTRIBUTES_CHARACTERS - len('{"a":""}') + 1)
    too_long = play.post(
        "attributes of one character too many", "Tasks", Attributes=json.dumps({"a": padding}, separators=(",", ":"))
    )
    too_long.settles("Limits | Attributes: 4,096 characters with blanks", **REFUSED)
    deep = '{"a":' * 65 + "1" + "}" * 65
    play.post("attributes of 65 levels", "Tasks", Attributes=deep).settles(
        "Limits | Attributes: 4,096 characters with blanks", **REFUSED
    )
