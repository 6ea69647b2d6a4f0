"""What costs requests and is read when somebody looks at it, and then only once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")


class MappingWhenAsked(Mapping[K, V]):
    """A mapping that `read` gives, when it is first looked into."""

    def __init__(self, read: Callable[[], Mapping[K, V]]) -> None:
        self._read = read

    @cached_property
    def _found(self) -> Mapping[K, V]:
        return self._read()

    def __getitem__(self, key: K) -> V:
        return self._found[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class SequenceWhenAsked(Sequence[V]):
    """A sequence that `read` gives, when it is first looked into."""

    def __init__(self, read: Callable[[], Sequence[V]]) -> None:
        self._read = read

    @cached_property
    def _found(self) -> Sequence[V]:
        return self._read()

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[V]: ...
    def __getitem__(self, index: Any) -> Any:
        """One of them, or those of a slice."""
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)
