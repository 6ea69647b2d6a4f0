"""A sandbox in this process, and a call centre in it."""

from sandbox.conftest import ask, centre, client, sandbox

__all__ = ["ask", "centre", "client", "sandbox"]
