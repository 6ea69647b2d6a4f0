"""Statistics: what happened, kept by a Ledger; what is now, kept by a Tally of Tasks and read off the state.

Both grow with every commit, so that to answer is to look up: no history is read, and no Task is counted twice.
"""

from labkit.engine.statistics.cumulative import Span as Span
from labkit.engine.statistics.cumulative import reservations as reservations
from labkit.engine.statistics.cumulative import tasks as tasks
from labkit.engine.statistics.cumulative import time_in_activities as time_in_activities
from labkit.engine.statistics.cumulative import wait_in_queue as wait_in_queue
from labkit.engine.statistics.ledger import ANY_CHANNEL as ANY_CHANNEL
from labkit.engine.statistics.ledger import ENTERED as ENTERED
from labkit.engine.statistics.ledger import KEPT as KEPT
from labkit.engine.statistics.ledger import Ledger as Ledger
from labkit.engine.statistics.realtime import eligible_workers as eligible_workers
from labkit.engine.statistics.realtime import tasks_in_queue as tasks_in_queue
from labkit.engine.statistics.realtime import tasks_now as tasks_now
from labkit.engine.statistics.realtime import workers_now as workers_now
from labkit.engine.statistics.tally import Tally as Tally
