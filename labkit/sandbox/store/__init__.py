"""Durable state behind a written contract: `contract.py` says what, `memory.py` and `sqlite.py` do it."""

from labkit.sandbox.store.contract import Store as Store
from labkit.sandbox.store.history import EventHistory as EventHistory
from labkit.sandbox.store.memory import MemoryStore as MemoryStore
from labkit.sandbox.store.snapshots import Snapshot as Snapshot
from labkit.sandbox.store.snapshots import Snapshots as Snapshots
from labkit.sandbox.store.sqlite import Durable as Durable
from labkit.sandbox.store.sqlite import SqliteStore as SqliteStore
from labkit.sandbox.store.sqlite import facts_in_use as facts_in_use
from labkit.sandbox.store.stored_events import MALFORMED as MALFORMED
from labkit.sandbox.store.stored_events import EventCursor as EventCursor
from labkit.sandbox.store.stored_events import EventQuery as EventQuery
from labkit.sandbox.store.stored_events import EventTarget as EventTarget
from labkit.sandbox.store.stored_events import StoredEvent as StoredEvent
from labkit.sandbox.store.stored_events import StoredTarget as StoredTarget
from labkit.sandbox.store.stored_events import StoreError as StoreError
from labkit.sandbox.store.versions import DamagedError as DamagedError
from labkit.sandbox.store.versions import is_ours as is_ours
from labkit.sandbox.store.versions import set_aside as set_aside
