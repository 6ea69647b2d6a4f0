"""Workspaces with one Task each whose explanation a learner may read: `EVERY` has them, by a title."""

from explain.worlds import ends, expressions, transfers, workers, workflows  # noqa: F401 - each adds its own
from explain.worlds.base import EVERY

__all__ = ["EVERY"]
