"""A program for a test: with other defaults of both timeouts in `labkit/limits`, what is seen where, as JSON."""

from __future__ import annotations

import json
import sys

from labkit import limits

limits.DEFAULT_RESERVATION_TIMEOUT_SECONDS, limits.DEFAULT_TASK_TIMEOUT_SECONDS = map(int, sys.argv[1:])

from sandbox.call_centre import build  # noqa: E402  # whatever needs a default is imported now, and reads the new one
from sandbox.local import START, local_sandbox  # noqa: E402

from labkit.explain import Explainer  # noqa: E402


def main() -> None:
    """A Workflow and a Task that say nothing of time, and a Reservation that no Workflow speaks for."""
    with local_sandbox() as sandbox:
        centre = build(sandbox.client())
        centre.switch(centre.alice_sid, "Available")
        workflow = centre.workspace.workflows.create(
            friendly_name="Says nothing", configuration=json.dumps({"task_routing": {"filters": []}})
        )
        task = centre.workspace.tasks.create(routing_target=centre.queue_sid)
        state = sandbox.look(lambda: sandbox.service.states[centre.sid])
        [reservation] = state.reservations.values()
        account = Explainer(centre.client, centre.sid, sandbox=False)
        found = {
            "api": [workflow.task_reservation_timeout, task.timeout],
            "engine": (reservation.expires_at - START).total_seconds(),
            "account": account.explain(task.sid).findings.headline,
        }
    sys.stdout.write(json.dumps(found))


main()
