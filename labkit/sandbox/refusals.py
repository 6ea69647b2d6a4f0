"""What the sandbox refuses besides what its engine does (`labkit/engine/refusals.py`), one class per case.

The constructors take the values; the wording stands here and nowhere else.
Codes: https://www.twilio.com/docs/api/errors. Where Twilio documents no code, ours is 20001, as docs/fidelity says.
"""

from __future__ import annotations

from collections.abc import Sequence

from labkit import limits
from labkit.error_codes import ErrorCode
from labkit.errors import Refusal


class BadInstruction(Refusal):
    """An instruction, or one of its fields, cannot be used (docs: /docs/api/errors, 40100 to 40159 and 55555)."""

    def __init__(self, message: str, code: ErrorCode) -> None:
        super().__init__(message)
        self.code = code


class Unauthenticated(Refusal):
    """No credentials, or wrong ones."""

    status = 401
    code = ErrorCode.NOT_AUTHENTICATED

    def __init__(self) -> None:
        super().__init__("Authenticate")


class InvalidToken(Refusal):
    """A Worker's token proves nothing, or no longer (docs: /docs/api/errors, 20101 to 20107)."""

    status = 401

    def __init__(self, why: str, code: ErrorCode) -> None:
        super().__init__(why[:1].upper() + why[1:])
        self.code = code


class Forbidden(Refusal):
    """Whoever asks has proved who they are, and may not do this."""

    status = 403

    def __init__(self, why: str, code: ErrorCode = ErrorCode.FORBIDDEN) -> None:
        super().__init__(why[:1].upper() + why[1:])
        self.code = code


class NotTheOwner(Refusal):
    """Something that is everybody's, such as the clock, asked for by an account that is not the sandbox's owner."""

    status = 403
    code = ErrorCode.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("Only the account that this sandbox was started with may do this, because it is for everybody")


class BadRoutingTarget(Refusal):
    """The SDK's `createTask` names what cannot be a Workflow or a TaskQueue. The sentence is the real service's."""

    def __init__(self, name: str, given: str, *, workspace: str, account: str) -> None:
        super().__init__(
            f"Value '{given[:64]}' provided for {name} as RoutingTarget has an invalid format. "
            f"WorkspaceSid: {workspace}, AccountSid: {account}"
        )


class MethodNotAllowed(Refusal):
    """The path is right and the HTTP method is not.

    Attributes:
        allowed: the methods that the path has.
    """

    status = 405
    code = ErrorCode.METHOD_NOT_ALLOWED

    def __init__(self, method: str, *, allowed: Sequence[str]) -> None:
        super().__init__(f"Method {method} is not allowed on this resource")
        self.allowed = allowed


class NameTaken(Refusal):
    """Something of this name is there already, and would be lost."""

    status = 409
    code = ErrorCode.CONFLICT


class SimulationElsewhere(Refusal):
    """A simulation is on in another Workspace, and there is one at a time, because there is one clock."""

    status = 409
    code = ErrorCode.CONFLICT

    def __init__(self, workspace_name: str) -> None:
        super().__init__(
            f"A simulation is on in the Workspace {workspace_name}, and there is one at a time, because there is one "
            "clock: stop that one first"
        )


class TooManyRequests(Refusal):
    """More requests than a rate limit allows (docs: /docs/api/errors/20429)."""

    status = 429
    code = ErrorCode.TOO_MANY_REQUESTS

    def __init__(self) -> None:
        super().__init__("Too Many Requests")


class PageTooLarge(Refusal):
    """`PageSize` is too large."""

    code = ErrorCode.PAGE_TOO_LARGE

    def __init__(self, size: int) -> None:
        super().__init__(f"Page size {size} is too large; the maximum is {limits.MAX_PAGE_SIZE}")


class BadPageToken(Refusal):
    """`PageToken` is not one that this list gave out."""

    code = ErrorCode.BAD_PAGE_TOKEN

    def __init__(self) -> None:
        super().__init__("Invalid PageToken")


class StatisticsTooOld(Refusal):
    """Statistics are asked for that begin too long ago (docs: /docs/api/errors/14241)."""

    code = ErrorCode.STATISTICS_TOO_OLD

    def __init__(self, start: str) -> None:
        super().__init__(f"Statistics go back {limits.STATISTICS_KEPT_DAYS} days at most, and {start} is before that")


class Unavailable(Refusal):
    """The sandbox cannot keep what it was given, so it did not take it."""

    status = 503
    code = ErrorCode.UNAVAILABLE

    def __init__(self, why: str) -> None:
        super().__init__(f"The sandbox could not store the change, and nothing was changed: {why}")


class StateUnreadable(Refusal):
    """The sandbox cannot read what it keeps: it was damaged while it ran, or an Event in it was."""

    status = 503
    code = ErrorCode.UNAVAILABLE


class NotAWebsocket(Refusal):
    """A websocket's address was asked for as if it were a page."""

    code = ErrorCode.INVALID

    def __init__(self) -> None:
        super().__init__("This is the address of a websocket: connect to it with ws:// or wss://, or POST to it")


class NoRoom(Refusal):
    """There are as many websockets as the sandbox takes, or it is about to end."""

    status = 503
    code = ErrorCode.UNAVAILABLE

    def __init__(self, count: int) -> None:
        super().__init__(f"The sandbox takes no further websocket now; {count} are open")
