"""RoomTokens: the token of one's own Worker in a room, which the room makes, for nobody here has a key to sign one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labkit.display import Section, duration
from labkit.errors import LabError
from labkit.lab.room_connection import RoomConnection
from labkit.lab.worker_tokens import WorkerToken, WorkerTokens
from labkit.settings import Secret

if TYPE_CHECKING:
    from labkit.taskrouter.access_token import ApiKey, TokenRequest

TOKEN_SECONDS = 3600
"""How long one lives, as the room makes it."""


class RoomToken(WorkerToken):
    """A token that the room has made; it shows itself as dots."""

    __slots__ = ()

    def _sections(self) -> Iterable[Section]:
        headline = f"•••: a token for {self._request.identity}, made by the room, for {duration(TOKEN_SECONDS)}"
        yield Section(headline, foot="It is shown by .reveal() alone; whoever has it is this Worker until it ends.")


class RoomTokens(WorkerTokens):
    """Gets tokens for one's own Worker. Arguments as for `WorkerTokens`."""

    _connection: RoomConnection

    def request(self, worker: str | None, *, role: str, lifetime_seconds: int) -> TokenRequest:  # noqa: ARG002
        """What a token for my own Worker is made of; a room gives no other.

        Raises:
            LabError: it is another Worker, or a supervisor is asked for.
        """
        from labkit.taskrouter.access_token import TokenRequest

        me = self._connection.joined
        if worker not in (None, me.worker_name, me.worker_sid) or role != "worker":
            raise LabError(
                f"In a room everybody has a page and a token of their own Worker alone, with the role worker, and you "
                f"are {me.worker_name}: lab.agent_page() is yours."
            )
        return TokenRequest(
            workspace_sid=me.workspace_sid,
            worker_sid=me.worker_sid,
            identity=me.worker_name,
            role=role,
            lifetime_seconds=TOKEN_SECONDS,
        )

    def make(self, request: TokenRequest) -> WorkerToken:
        """A token that begins to live now.

        Raises:
            RoomError: the room refused, or did not answer.
        """
        answer = self._connection.room.post("worker-token")
        token = answer.get("token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise LabError("The room made no token; is it of the same version as this lab?")
        return RoomToken(Secret(token), request=request, sandbox=False)

    def check(self) -> None:
        """See that the room makes one. Raises as `make`."""
        self.make(self.request(None, role="worker", lifetime_seconds=TOKEN_SECONDS))

    def key(self) -> ApiKey:
        """Refused: only the room has one."""
        raise LabError("In a room nobody holds an API key; the room makes the tokens.")
