"""The ways in which the sandbox says no, one class per case, each with TaskRouter's HTTP status and error code.

The constructors take the values; the wording stands here and nowhere else.
Codes: https://www.twilio.com/docs/api/errors. Where Twilio documents no code, ours is 20001, as docs/fidelity says.
"""

from __future__ import annotations

from labkit.errors import Refusal


class InvalidParameter(Refusal):
    """A parameter has a value that TaskRouter does not take."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Invalid {name}: {problem}")
        self.name = name


class MissingParameter(Refusal):
    """A required parameter was not given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Missing required parameter {name} in the post body")
        self.name = name


class BadInstruction(Refusal):
    """An instruction, or one of its fields, cannot be used (docs: /docs/api/errors, 40100 to 40159 and 55555)."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class NotFound(Refusal):
    """There is no such resource; the API names the path that was asked for."""

    status = 404
    code = 20404

    def __init__(self, path: str) -> None:
        super().__init__(f"The requested resource {path} was not found")


class InUse(Refusal):
    """A resource cannot be deleted because another one needs it."""

    def __init__(self, what: str, user: str) -> None:
        super().__init__(f"Cannot delete {what} because it is used by {user}")


class IllegalTransition(Refusal):
    """The state tables allow no such step from here."""


class ReservationGone(Refusal):
    """The Reservation was rescinded: another Worker was quicker (docs: multi-reservation queues)."""

    status = 410
    code = 20410

    def __init__(self, reservation_sid: str) -> None:
        super().__init__(f"Reservation {reservation_sid} was rescinded because another Worker accepted the Task")


class PreconditionFailed(Refusal):
    """`If-Match` names another version than the resource has (docs: /docs/usage/mutation-and-conflict-resolution)."""

    status = 412

    def __init__(self, sid: str, version: int, asked: str) -> None:
        super().__init__(f"{sid} is at version {version}, and If-Match asked for {asked}")


class Unauthenticated(Refusal):
    """No credentials, or wrong ones."""

    status = 401
    code = 20003

    def __init__(self) -> None:
        super().__init__("Authenticate")


class MethodNotAllowed(Refusal):
    """The path is right and the HTTP method is not."""

    status = 405
    code = 20004

    def __init__(self, method: str) -> None:
        super().__init__(f"Method {method} is not allowed on this resource")


class NameTaken(Refusal):
    """Something of this name is there already, and would be lost."""

    status = 409
    code = 20409


class TooManyRequests(Refusal):
    """More requests than a rate limit allows (docs: /docs/api/errors/20429)."""

    status = 429
    code = 20429

    def __init__(self) -> None:
        super().__init__("Too Many Requests")


class PageTooLarge(Refusal):
    """`PageSize` is above 1000."""

    code = 20007

    def __init__(self, size: int) -> None:
        super().__init__(f"Page size {size} is too large; the maximum is 1000")


class BadPageToken(Refusal):
    """`PageToken` is not one that this list gave out."""

    code = 21481

    def __init__(self) -> None:
        super().__init__("Invalid PageToken")


class StatisticsTooOld(Refusal):
    """Statistics are asked for that begin more than 30 days ago (docs: /docs/api/errors/14241)."""

    code = 14241

    def __init__(self, start: str) -> None:
        super().__init__(f"Statistics go back 30 days at most, and {start} is before that")


class Unavailable(Refusal):
    """The sandbox cannot keep what it was given, so it did not take it."""

    status = 503
    code = 20503

    def __init__(self, why: str) -> None:
        super().__init__(f"The sandbox could not store the change, and nothing was changed: {why}")
