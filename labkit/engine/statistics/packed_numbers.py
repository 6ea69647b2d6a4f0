"""Whole numbers as bytes, the least byte first whatever this machine has, so that a file can be read on another."""

from __future__ import annotations

import sys
from array import array


def pack_numbers(numbers: array[int]) -> bytes:
    """The numbers, each as wide as the array has it."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def unpack_numbers(kind: str, packed: bytes) -> array[int]:
    """What `pack_numbers` was given.

    Args:
        kind: the array's type code, such as "q" for eight bytes each.
        packed: the bytes.

    Raises:
        ValueError: they are no whole number of such numbers.
    """
    numbers = array(kind)
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
