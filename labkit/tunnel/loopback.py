"""No tunnel at all: the sandbox runs on this computer and calls 127.0.0.1."""

from __future__ import annotations


class Loopback:
    """The address `http://127.0.0.1:<port>`, which only this computer can reach."""

    name = "loopback"
    trouble = note = ""

    def __init__(self) -> None:
        self.url: str | None = None

    def __repr__(self) -> str:
        return f"<Loopback: {self.url or 'closed'}>"

    def look(self) -> None:
        """There is nothing that could change."""

    def open(self, port: int) -> str:
        """The address of `port`, 1 to 65535."""
        self.url = f"http://127.0.0.1:{port}"
        return self.url

    def close(self) -> None:
        """Forget the address; there is nothing to end."""
        self.url = None

    def describe(self) -> str:
        """Its state in a line, for people."""
        return f"loopback: {self.url} (this computer only)" if self.url else "loopback: closed"
