"""Why a text is not in the language: where, what was expected, and what to write instead."""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedInput, UnexpectedToken

from labkit.errors import ExpressionError

WIDTH = 72
"""Characters of the text that are shown around the place."""
LONGEST_WORD = len("CONTAINS")
"""Characters of the longest operator or keyword."""

# What people write out of habit from other languages, and what TaskRouter has instead. The first that fits wins;
# each pattern begins at the offending character, and the text before it can be asked for with a look-behind.
HINTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"(?<=[\w\]])-\w", "attribute names cannot hold hyphens; use an underscore"),
        (r"[\"']", "the string that begins here has no closing quote"),
        (r"[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb`]", "strings stand in straight quotes, ' or \""),
        (r"&", "and is written AND"),
        (r"\|", "or is written OR"),
        (r"!", "not is written NOT in front of a condition, and != between two values"),
        (r"(?<=<)>", "not equal is written !="),
        (r"(?i:(?<=\bin)|(?<=\bin\s))\(", "a list stands in square brackets"),
        (r"(?i:is\b)", "whether an attribute is there is asked with != null"),
        (r"(?i:not\s+(?:has|contains)\b)", "NOT stands in front of the whole comparison, as in NOT skills HAS 'x'"),
        (r"(?<=[\w\]])\.", "a dot must be followed directly by a name"),
        (r"(?<=[\w\]\.])\[", "an index is a whole number of at most nine digits, as in items[0]"),
        (r"[-+*/%^]", "the language has no arithmetic"),
        (r"[~?]", "the language has no patterns; CONTAINS finds a part of a string"),
        (r"[{}]", "lists stand in square brackets, and objects cannot be written"),
        (r"\d\w+", "a name cannot begin with a digit"),
    )
)

_CONDITION = {"NOT", "OPEN"}
_LITERAL = {"STRING", "NUMBER", "WORD"}
_NAMED = {
    "OPERATOR": "an operator",
    "PATH": "a name",
    "AND": "AND",
    "OR": "OR",
    "CLOSE": "a closing )",
    "CLOSE_LIST": "a closing ]",
    "_COMMA": "a comma",
    "$END": "the end",
}


def complaint(text: str, position: int, what: str, *, expected: tuple[str, ...] = ()) -> ExpressionError:
    """The error for a place in a text, with a picture of the place.

    Args:
        text: the whole expression.
        position: index of the first character that does not fit, from 0 to ``len(text)``.
        what: the end of the sentence, without a full stop.
        expected: what could stand there, in words.
    """
    message = f"Expression does not parse at position {position}: {what}.\n{picture(text, position)}"
    return ExpressionError(message, text=text, position=position, expected=expected)


def from_lark(error: UnexpectedInput, text: str) -> ExpressionError:
    """What lark noticed, said in TaskRouter's words."""
    if isinstance(error, UnexpectedToken):
        return _unexpected_token(error, text)
    position = error.pos_in_stream or 0  # UnexpectedCharacters, the only other kind that LALR raises
    hint = _hint(text, position)
    return complaint(text, position, hint or f"the language has no {_shown(text[position])}")


def picture(text: str, position: int) -> str:
    """The line that holds the position, cut to a readable width, and a caret under the place."""
    begin = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    first = max(begin, min(position - WIDTH // 2, end - WIDTH))
    line = "".join(_shown(character) for character in text[first : min(end, first + WIDTH)])
    return f"  {line}\n  {' ' * (position - first)}^"


def _unexpected_token(error: UnexpectedToken, text: str) -> ExpressionError:
    at_end = error.token.type == "$END"
    position = len(text) if at_end else error.token.start_pos or 0
    expected = _in_words(error.accepts or set())
    found = "end of text" if at_end else "".join(map(_shown, error.token[:40]))
    what = f"expected {_listed(expected)}{_after(text, position, expected)}, found {found}"
    hint = _hint(text, position) if not at_end and error.token.type != "STRING" else ""
    return complaint(text, position, hint or what, expected=expected)


def _in_words(terminals: set[str]) -> tuple[str, ...]:
    words = [word for terminal, word in _NAMED.items() if terminal in terminals]
    if terminals >= _CONDITION:
        return ("a condition",)
    if terminals >= _LITERAL:
        words = ["a value" if "PATH" in terminals else "a literal", *(word for word in words if word != "a name")]
    return tuple(words)


def _listed(words: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _after(text: str, position: int, expected: tuple[str, ...]) -> str:
    """`` after ==`` where something is missing behind an operator; nothing where that would not help."""
    before = text[:position].rstrip()[-LONGEST_WORD:]  # a bounded piece, or the search could take quadratic time
    last = re.search(r"(\w+|[=!<>-]+)\Z", before)
    return f" after {last[1]}" if last and expected[:1] in {("a value",), ("a condition",)} else ""


def _hint(text: str, position: int) -> str:
    return next((hint for pattern, hint in HINTS if pattern.match(text, position)), "")


def _shown(character: str) -> str:
    """Keeps control characters of a stranger's text out of terminals and logs."""
    if character.isspace():
        return " "
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
