"""Every error that the lab raises on purpose.

LabError                    what happened, with which value, and what to do about it
├── SettingsError           an argument, an environment variable or a line of .env cannot be used
│   └── CredentialsError    the account's credentials are missing, or are none; carries which are missing
├── ArgumentError           a method has no such argument, or needs one that was not given
├── AccountMemoryError      what the lab made in an account cannot be noted or read; nothing was changed
├── NotSetUpError           the lab is connected to an account, and its Workspace is not set up for it
├── SandboxError            the sandbox process cannot be started, found or reached
├── CallbackServerError     the callback server cannot listen
├── TunnelError             no public address; carries ngrok's own error code where there is one
├── TaskRouterError         TaskRouter refused a request, or did not answer; carries status and code
│   └── AttributesError     attributes are not a JSON object, so nothing was sent; carries the position
├── RoomError               a workshop's room refused, or did not answer; carries status and code
├── WorkspaceFileError      a file with a Workspace cannot be used; carries the path in it and the line
├── AnswerError             what `answer_with` was given is not an instruction
├── ExpressionError         an expression is not in the language; carries the position
└── Refusal                 the sandbox refuses a request; carries the HTTP status and Twilio's code
    └── (one class per case, in labkit/engine/refusals.py and labkit/sandbox/refusals.py)

Messages are whole sentences for the person who meets them, and never hold a secret.
"""

from __future__ import annotations

from labkit.error_codes import ErrorCode


class LabError(Exception):
    """The root: `except labkit.LabError` catches whatever the lab foresaw."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback; the name is IPython's."""
        from labkit.error_box import in_place_of_traceback

        return in_place_of_traceback(self)


class SettingsError(LabError):
    """An argument, an environment variable or a line of .env cannot be used."""


class CredentialsError(SettingsError):
    """What signs in to an account is missing, or has not the form of it.

    Attributes:
        missing: the variables that have no value; empty where one has the wrong form.
    """

    def __init__(self, message: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class ArgumentError(LabError, TypeError):
    """A public method has no such argument, or needs one that was not given."""


class AccountMemoryError(LabError):
    """What the lab made in an account cannot be noted or read; the account and the file stay as they are."""


class NotSetUpError(LabError):
    """The lab is connected to an account and has not set up its Workspace there: it waits for a yes."""


class SandboxError(LabError):
    """The sandbox process cannot be started, found or reached."""


class CallbackServerError(LabError):
    """The callback server cannot listen where it was asked to."""


class TunnelError(LabError):
    """There is no public address for the callback server.

    Attributes:
        ngrok_code: ngrok's own error code (such as ``ERR_NGROK_4018``), or None.
    """

    def __init__(self, message: str, *, ngrok_code: str | None = None) -> None:
        super().__init__(message)
        self.ngrok_code = ngrok_code


class TaskRouterError(LabError):
    """TaskRouter refused a request, or could not be reached.

    Attributes:
        status: the HTTP status, or None when there was no answer.
        code: Twilio's error code (https://www.twilio.com/docs/api/errors), or None.
    """

    def __init__(self, message: str, *, status: int | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class AttributesError(TaskRouterError):
    """Attributes are not a JSON object, so they were not sent.

    Attributes:
        line: where the JSON goes wrong, from 1; None when it is sound but not an object.
        column: the character in that line, from 1; None likewise.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class RoomError(LabError):
    """A workshop's room, the contact centre that all share, refused a request, or could not be reached.

    Attributes:
        status: the HTTP status, or None when there was no answer.
        code: Twilio's error code, where the refusal has one, or None.
    """

    def __init__(self, message: str, *, status: int | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class WorkspaceFileError(LabError):
    """A file with a Workspace cannot be read, written, or used as it is; nothing was changed.

    Attributes:
        path: the place in the file, such as ``workers[2].activity``; empty for the whole of it.
        line: its line, from 1, where it is known.
    """

    def __init__(self, message: str, *, path: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.line = line


class AnswerError(LabError):
    """What `answer_with` was given is not an instruction that an assignment callback may answer."""


class ExpressionError(LabError):
    """An expression is not in TaskRouter's expression language.

    Attributes:
        text: the whole expression.
        position: index of the first character that does not fit, from 0 to ``len(text)``.
        expected: what could stand there, in words; may be empty.
    """

    def __init__(self, message: str, *, text: str, position: int, expected: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.text = text
        self.position = position
        self.expected = expected


class Refusal(LabError):
    """The sandbox refuses a request, as TaskRouter would.

    Attributes:
        status: the HTTP status of the answer.
        code: Twilio's error code in the answer's body.
    """

    status: int = 400
    code: ErrorCode = ErrorCode.INVALID
