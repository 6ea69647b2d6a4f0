"""Form fields in a body of type `multipart/form-data` (RFC 7578), as twilio-node sent every request from 3.0 to 3.41.

aiohttp reads the parts; here is what it is given, and what a body may not be.
"""

from __future__ import annotations

import asyncio
import codecs

from aiohttp import BodyPartReader, MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.helpers import parse_mimetype
from aiohttp.http_exceptions import HttpProcessingError

from labkit.engine.refusals import InvalidParameter

TYPE = "multipart/form-data"
_WHERE = "post body"
_HEADERS = 8
"""Of a part; RFC 7578 knows three."""
_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1"})
"""Others are refused: some of Python's take a very long time."""


async def read_parts(body: bytes, *, content_type: str, most: int) -> list[tuple[str, str]]:
    """The name and the value of every part, in order.

    Args:
        body: the whole of it.
        content_type: the header, with the boundary.
        most: how many parts there may be.

    Raises:
        InvalidParameter: it does not begin with the boundary, has too many parts, or one that is a file, has no name
            or cannot be read.
    """
    boundary = parse_mimetype(content_type).parameters.get("boundary", "").encode()
    first = body[: len(boundary) + 8].removeprefix(b"\r\n").partition(b"\n")[0].rstrip()
    # aiohttp looks for the boundary line by line, and nothing else would run for as long.
    if not boundary or first not in (b"--" + boundary, b"--" + boundary + b"--"):
        raise InvalidParameter(_WHERE, "it does not begin with the boundary of its Content-Type")
    try:
        reader = MultipartReader({"Content-Type": content_type}, _stream_of(body), max_headers=_HEADERS)
        return await _fields(reader, most)
    except (ValueError, LookupError, RuntimeError, HttpProcessingError) as problem:
        raise InvalidParameter(_WHERE, f"no {TYPE}, {type(problem).__name__}: {str(problem)[:100]}") from None


def _stream_of(body: bytes) -> StreamReader:
    loop = asyncio.get_running_loop()
    stream = StreamReader(BaseProtocol(loop), len(body), loop=loop)  # so much that it never asks for a pause
    stream.feed_data(body)
    stream.feed_eof()
    return stream


async def _fields(reader: MultipartReader, most: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    async for part in reader:
        if len(found) >= most:
            raise InvalidParameter(_WHERE, "Max number of fields exceeded")
        if not isinstance(part, BodyPartReader) or not part.name:
            raise InvalidParameter(_WHERE, "a part has no name, or parts of its own")
        if part.filename is not None:
            raise InvalidParameter(_WHERE, f"{part.name[:40]!r} is a file, and TaskRouter takes none")
        found.append((part.name, await _text(part)))
    return found


async def _text(part: BodyPartReader) -> str:
    charset = codecs.lookup(part.get_charset(default="utf-8")).name
    if charset not in _CHARSETS:
        raise InvalidParameter(_WHERE, f"a part is in {charset}, and not in UTF-8")
    return bytes(await part.read(decode=True)).decode(charset, "replace")
