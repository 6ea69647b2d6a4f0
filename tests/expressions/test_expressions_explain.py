"""explain: the same result as matches, and a reason for each false part."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.expressions import Dialect, Trace, compile_expression, explain


def traced(text: str, dialect: Dialect = Dialect.WORKER, **worker: Any) -> Trace:
    """The trace of an expression over one Worker's attributes."""
    return explain(compile_expression(text, dialect), {"worker": worker})


def test_tree_quotes_every_part_as_written() -> None:
    """Each trace holds its slice of the text, parentheses included, and its own result."""
    trace = traced('(languages HAS "es") AND NOT level > 3', languages=["es"], level=5)
    assert (trace.text, trace.value) == ('(languages HAS "es") AND NOT level > 3', False)
    assert [(child.text, child.value) for child in trace.children] == [
        ('(languages HAS "es")', True),
        ("NOT level > 3", False),
    ]
    assert trace.children[1].children[0].text == "level > 3"


def test_reads_are_the_attributes_with_their_values() -> None:
    """Every attribute once, by the name as written; the root has those of its children."""
    trace = traced("worker.level > 1 AND level < 9 AND worker.level != tags[0]", level=5, tags=["x"])
    assert trace.reads == (("worker.level", 5), ("level", 5), ("tags[0]", "x"))
    assert trace.children[1].reads == (("level", 5),)


@pytest.mark.parametrize(
    ("text", "attributes", "reason"),
    [
        ('languages HAS "es"', {"languages": "es"}, 'languages is a string ("es"), and HAS needs a list.'),
        ('languages HAS "es"', {}, "languages is missing or null, and HAS needs a list."),
        ('languages HAS "es"', {"languages": ["en"]}, '"es" is a string, which is not in languages.'),
        ("tags HAS [1]", {"tags": [1]}, "the list is a list, and HAS looks for a single value."),
        ('lang IN ["es"]', {"lang": "en"}, 'lang is a string ("en"), which is not in the list.'),
        ('lang NOT IN ["es"]', {"lang": "es"}, 'lang is a string ("es"), which is in the list.'),
        ('languages == "es"', {"languages": ["es"]}, "languages is a list, and == compares single values."),
        (
            "level > 3",
            {"level": "5"},
            'level is a string ("5") and 3 is a number, and > needs two numbers or two strings.',
        ),
        (
            "level == 5",
            {"level": "5"},
            'level is a string ("5") and 5 is a number, and values of different kinds are not',
        ),
        ("level > 3", {"level": 2}, "level is a number (2) and 3 is a number, so > does not hold."),
        ("level CONTAINS 'x'", {"level": 2}, "and CONTAINS needs two strings."),
        ("vip", {"vip": "yes"}, 'vip is a string ("yes"), and by itself only the boolean true counts.'),
        ("NOT vip", {"vip": True}, "vip is true."),
        ("a == 1 OR a == 2", {"a": 3}, "None of the 2 alternatives is true."),
        ("a == 1 AND b == 2", {"a": 1, "b": 3}, "b is a number (3) and 2 is a number, so == does not hold."),
        ("a != null", {}, "a is missing or null and null is NULL, so != does not hold."),
        (" ", {}, "An empty expression matches nothing."),
    ],
)
def test_reason_says_why_it_is_false(text: str, attributes: dict[str, Any], reason: str) -> None:
    """The sentence names the attribute, what it is, and what the operator wants."""
    trace = traced(text, **attributes)
    assert trace.value is False
    assert reason in trace.reason


def test_bare_name_in_a_target_is_pointed_out() -> None:
    """Where a prefix is needed, the reason says that the name means nothing."""
    assert "lang (a name without meaning here) is missing" in traced("lang == 'es'", Dialect.TARGET, lang="es").reason


def test_reasons_stay_short() -> None:
    """Long values and long parts are quoted by their beginning only."""
    assert len(traced("a == 'x'", a="y" * 10_000).reason) < 200
    assert len(traced("NOT (" + " OR ".join(["a"] * 1000) + ")", a=True).reason) < 200
