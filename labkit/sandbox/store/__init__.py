"""Durable state behind a written contract: `contract.py` says what, `memory.py` and `sqlite.py` do it."""

from labkit.sandbox.store.contract import EventQuery as EventQuery
from labkit.sandbox.store.contract import Store as Store
from labkit.sandbox.store.contract import StoredEvent as StoredEvent
from labkit.sandbox.store.contract import StoreError as StoreError
from labkit.sandbox.store.history import History as History
from labkit.sandbox.store.memory import MemoryStore as MemoryStore
from labkit.sandbox.store.sqlite import SqliteStore as SqliteStore
