"""A call that a public method cannot take: said in one sentence, with the argument that was meant."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast

from labkit.errors import ArgumentError, LabError

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


def expanded(path: object, *, name: str, error: type[LabError]) -> Path:
    """A path that somebody has written, with the home folder in place of its `~`.

    Args:
        path: as it was given.
        name: what was given so, such as `home`.
        error: what is raised where it is no path, or begins with a home folder that this computer does not know.
    """
    try:
        return Path(path).expanduser()  # type: ignore[arg-type]  # whatever it is, it may be no path
    except RuntimeError:  # pathlib's word for it
        raise error(
            f"{name} is {str(path)!r}, and this computer does not know that home folder; write the path without ~."
        ) from None
    except TypeError:
        raise error(f"{name} is {path!r}; give a path.") from None


def named_arguments(cls: C) -> C:
    """A class whose public methods raise ArgumentError, and no bare TypeError, for arguments that they do not have."""
    for name, each in list(vars(cls).items()):
        if inspect.isfunction(each) and not name.startswith("_"):
            setattr(cls, name, explaining_arguments(each))
    return cls


def explaining_arguments(function: F, *, name: str = "") -> F:
    """This function, with an ArgumentError for a call that does not fit it. A call that fits costs nothing more.

    Args:
        function: any; a TypeError from inside of it stays what it is.
        name: what people call it, if that is not its own name.
    """

    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
        raise ArgumentError(_what_is_wrong(function, name or function.__name__, arguments, named))

    return cast(F, called)


def no_such_argument(wrong: str, *, of: str, known: Iterable[str]) -> str:
    """The sentence for an argument that a function does not have: the one that is nearest, and all that there are."""
    names = list(known)
    near = get_close_matches(wrong, names, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else "."
    return f"{of}() has no argument {wrong!r}{meant} {_taken(names)}"


def no_such_value(wrong: Any, *, of: str, known: Iterable[str]) -> str:
    """The sentence for an argument that is one of some names, and is none of them."""
    names = list(known)
    near = get_close_matches(wrong, names, n=1) if isinstance(wrong, str) else []
    meant = f"; did you mean {near[0]!r}?" if near else "."
    return f"{of} cannot be {wrong!r}{meant} There are: {', '.join(map(repr, names))}."


def _what_is_wrong(function: Callable[..., Any], name: str, given: Sequence[Any], named: Mapping[str, Any]) -> str:
    signature = inspect.signature(function)
    known = [each for each in signature.parameters if each != "self"]
    unknown = [each for each in named if each not in known]
    if unknown:
        return no_such_argument(unknown[0], of=name, known=known)
    try:
        signature.bind(*given, **named)
    except TypeError as error:
        return f"{name}(): {error}. {_taken(known)}"
    return f"{name}() cannot be called like this. {_taken(known)}"


def _taken(names: Sequence[str]) -> str:
    return f"It takes: {', '.join(names)}." if names else "It takes none."
