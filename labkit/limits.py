"""TaskRouter's documented numbers, each with its unit and its page. Whoever needs one reads it here.

Docs: /docs/taskrouter/limits, and the page that is named where it is another one. A number that Twilio does not
document says so; docs/fidelity has our other choices.
"""

from __future__ import annotations

# --- Tasks (docs: /docs/taskrouter/api/task) -------------------------------------------------------------------------

DEFAULT_TASK_TIMEOUT_SECONDS = 86_400
"""How long a Task waits for its assignment unless its `Timeout` says otherwise."""
MAX_TASK_TIMEOUT_SECONDS = 1_209_600
MAX_WHOLE_NUMBER = 2_147_483_647
"""Of a Priority; ours for every other number without a documented maximum."""
MAX_ASSIGNMENTS = 1_000
"""How often a Task goes from pending to reserved; then it is canceled (docs: /docs/taskrouter/lifecycle-task-state)."""
MAX_ASSIGNED_SECONDS = 86_400
"""After so long in `assigned` TaskRouter removes the Task (docs: /docs/taskrouter/lifecycle-task-state)."""
ENDED_TASK_KEPT_SECONDS = 300
"""Until a Task that is completed or canceled is gone; another page says 5 to 8 minutes."""

# --- Reservations (docs: /docs/taskrouter/api/workflow) --------------------------------------------------------------

DEFAULT_RESERVATION_TIMEOUT_SECONDS = 120
"""How long a Reservation waits for its answer unless the Workflow's `TaskReservationTimeout` says otherwise."""
MAX_RESERVATION_TIMEOUT_SECONDS = 86_400
