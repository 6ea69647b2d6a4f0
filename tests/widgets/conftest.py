"""The same Workspace for panels as for what they draw."""

from live.conftest import desk, heard, jobs, line, live, news, stream

__all__ = ["desk", "heard", "jobs", "line", "live", "news", "stream"]
