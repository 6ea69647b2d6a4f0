"""The same Workspace for panels as for what they draw, and a sandbox for those that move it."""

from live.conftest import desk, heard, jobs, line, live, news, stream
from sandbox.conftest import centre, client, sandbox

__all__ = ["centre", "client", "desk", "heard", "jobs", "line", "live", "news", "sandbox", "stream"]
