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

# --- what a Workspace holds ------------------------------------------------------------------------------------------

MAX_ACTIVITIES = 100
MAX_TASK_QUEUES = 5_000
"""Another guide says 250."""
MAX_WORKERS = 15_000
"""Another guide says 50,000."""
MAX_TASKS_IN_FLIGHT = 25_000
"""Tasks that are neither completed nor canceled."""
DEFAULT_CAPACITY = 1
"""Of a WorkerChannel, in Tasks. Not documented: ours is what Twilio's samples show."""
DEFAULT_RESERVED_WORKERS = 1
"""`MaxReservedWorkers` of a TaskQueue: how many Reservations a Task has at a time."""
MAX_RESERVED_WORKERS = 50
"""Docs: /docs/taskrouter/api/task-queue."""

# --- texts -----------------------------------------------------------------------------------------------------------

MAX_NAME_CHARACTERS = 64
"""Of a FriendlyName."""
MAX_ATTRIBUTES_CHARACTERS = 4_096
"""Of a Task's or a Worker's attributes, blanks included."""
MAX_CONFIGURATION_BYTES = 1_038_576
"""Of a Workflow's configuration."""

# --- callbacks and calls ---------------------------------------------------------------------------------------------

ASSIGNMENT_CALLBACK_SECONDS = 5
"""How long TaskRouter waits for the answer (docs: /docs/taskrouter/handle-assignment-callbacks)."""
EVENT_CALLBACK_SECONDS = 15
"""How long TaskRouter waits for the answer (docs: /docs/taskrouter/api/event/reference)."""
DEFAULT_RING_SECONDS = 60
"""How long a Worker's telephone rings (docs: /docs/taskrouter/handle-assignment-callbacks, `timeout`)."""
MAX_RING_SECONDS = 999
"""600 for SIP."""
MIN_PARTICIPANTS, MAX_PARTICIPANTS = 2, 250
"""Of a conference (docs: /docs/taskrouter/api/reservations, `MaxParticipants`)."""

# --- tokens ----------------------------------------------------------------------------------------------------------

MAX_ACCESS_TOKEN_SECONDS = 86_400
"""How long an access token may live (docs: /docs/iam/access-tokens)."""

# --- lists, events and statistics ------------------------------------------------------------------------------------

DEFAULT_PAGE_SIZE = 50
"""Docs: /docs/usage/twilios-response."""
MAX_PAGE_SIZE = 1_000
"""What the lab asks for: fewest requests."""
EVENTS_KEPT_DAYS = 30
STATISTICS_KEPT_DAYS = 30
"""Statistics that begin earlier are refused (docs: /docs/api/errors/14241)."""
DEFAULT_MINUTES = 15
"""How far back Events and statistics go when no time is given (docs: /docs/taskrouter/api/event)."""
MAX_BULK_TASK_QUEUES = 50
"""In one request for real-time statistics (docs: /docs/taskrouter/api/taskqueue-statistics)."""
MAX_SPLIT_TASKS = 10_000
"""That `SplitByWaitTime` looks at for each threshold."""

# --- requests per second, of one Workspace ---------------------------------------------------------------------------

EXPRESSION_LISTS_PER_SECOND = 3
"""Of each: Tasks, Workers and TaskQueues by an expression."""
BULK_STATISTICS_PER_SECOND = 5
QUEUES_STATISTICS_PER_SECOND = 50
"""Statistics of all TaskQueues. An example, in the changelog of 18 Oct 2024."""
