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
        ('languages HAS "es"', {"languages": "es"}, 'languages is the string "es", and HAS needs a list.'),
        ('languages HAS "es"', {"languages": {}}, "languages is an object, and HAS needs a list."),
        ('languages HAS "es"', {}, "languages is not set."),
        ('languages HAS "es"', {"languages": []}, "languages is an empty list."),
        ('languages HAS "es"', {"languages": ["en"]}, 'languages is ["en"], without "es".'),
        ('languages HAS "es"', {"languages": ["ES"]}, 'languages has "ES", not "es": upper and lower case count.'),
        ("skills HAS 7", {"skills": ["7"]}, 'skills has the string "7", not the number 7.'),
        ("skills HAS needed", {"skills": [7], "needed": 8}, "skills is [7], without needed (8)."),
        ("skills HAS needed", {"skills": [7]}, "needed is not set."),
        ("tags HAS other", {"tags": [1], "other": [1]}, "other is [1], and HAS looks for a single value."),
        ('lang IN ["es"]', {"lang": "en"}, 'lang is "en", not "es".'),
        ('lang IN ["es", "fr"]', {"lang": "en"}, 'lang is "en", not one of ["es", "fr"].'),
        ('lang IN ["es", "fr"]', {}, "lang is not set."),
        ("level IN [1, 2]", {"level": "2"}, 'the list has the number 2, not the string "2".'),
        ('lang NOT IN ["es"]', {"lang": "es"}, 'lang is "es", which is in the list.'),
        ('"es" NOT IN refused', {"refused": ["es"]}, 'refused has "es" in it.'),
        ("lang NOT IN refused", {"lang": "es"}, "refused is not set, and NOT IN needs a list."),
        (
            'languages == "es"',
            {"languages": ["es"]},
            'languages is ["es"], and == compares single values; HAS looks into a list.',
        ),
        ('lang == "es"', {"lang": "en"}, 'lang is "en", not "es".'),
        ('lang == "es"', {"lang": "Es"}, 'lang is "Es", not "es": upper and lower case count.'),
        ('"es" == lang', {"lang": "en"}, 'lang is "en", not "es".'),
        ('lang == "es"', {"lang": None}, "lang is not set."),
        ("lang == null", {"lang": "es"}, 'lang is "es", not null.'),
        ("vip == true", {"vip": False}, "vip is false, not true."),
        ("vip == true", {"vip": "true"}, 'vip is the string "true", not the boolean true.'),
        ("level == 5", {"level": "5"}, 'level is the string "5", not the number 5.'),
        ("level == needed", {"level": 5, "needed": 6}, "level is 5 and needed is 6."),
        ("level == needed", {"level": 5, "needed": "5"}, 'level is the number 5 and needed is the string "5".'),
        ("1 == 2", {}, "1 is not 2."),
        ("level > 3", {"level": 3}, "level is 3, which is not more than 3."),
        ("level >= 3", {"level": 2}, "level is 2, which is less than 3."),
        ("level < 3", {"level": 3}, "level is 3, which is not less than 3."),
        ("level <= 3", {"level": 3.5}, "level is 3.5, which is more than 3."),
        ("3 <= level", {"level": 2}, "level is 2, which is less than 3."),
        ("level >= needed", {"level": 2, "needed": 4}, "level is 2, which is less than needed (4)."),
        ("level > 3", {"level": "5"}, 'level is the string "5", not a number.'),
        ("level > 3", {}, "level is not set."),
        (
            "level > true",
            {"level": 5},
            "level is the number 5 and true is a boolean, and > compares two numbers or two strings.",
        ),
        ('grade >= "C"', {"grade": "B"}, 'grade is "B", which is not >= "C".'),
        ('email CONTAINS "@a.org"', {"email": "x@b.org"}, 'email is "x@b.org", without "@a.org".'),
        ('level CONTAINS "x"', {"level": 2}, "level is the number 2, and CONTAINS needs a string."),
        (
            'tags CONTAINS "x"',
            {"tags": ["x"]},
            'tags is the list ["x"], and CONTAINS needs a string; HAS looks into a list.',
        ),
        ('lang != "es"', {"lang": "es"}, 'lang is "es", which != rules out.'),
        ("a != null", {}, "a is not set."),
        ("a != b", {}, "a and b are both not set."),
        ("a != b", {"a": 1, "b": 1.0}, "a and b are both 1."),
        ("vip", {"vip": False}, "vip is false."),
        ("vip", {"vip": "yes"}, 'vip is the string "yes", and by itself only the boolean true counts.'),
        ("NOT vip", {"vip": True}, "vip holds, which NOT rules out."),
        ("a == 1 OR a == 2", {"a": 3}, "neither a == 1 nor a == 2 holds."),
        ("a == 1 OR a == 2 OR a == 4", {"a": 3}, "none of the 3 alternatives holds."),
        ("a == 1 AND b == 2", {"a": 1, "b": 3}, "b is 3, not 2."),
        (" ", {}, "an empty expression matches nothing."),
    ],
)
def test_reason_says_why_it_is_false(text: str, attributes: dict[str, Any], reason: str) -> None:
    """The sentence has the values, and the kinds only where they are the trouble."""
    trace = traced(text, **attributes)
    assert trace.value is False
    assert trace.reason == reason


@pytest.mark.parametrize("text", ["lang == 'es'", "'es' == lang", "vip AND lang"])
def test_bare_name_in_a_target_is_pointed_out(text: str) -> None:
    """Where a prefix is needed, the reason says what to write."""
    name = "vip" if "vip" in text else "lang"
    reason = traced(text, Dialect.TARGET, lang="es", vip=True).reason
    assert reason == f"{name} means nothing here: write worker.{name}."


def test_reasons_stay_short() -> None:
    """Long values and long parts are quoted by their beginning only."""
    assert len(traced("a == 'x'", a="y" * 10_000).reason) < 200
    assert len(traced("NOT (" + " OR ".join(["a"] * 1000) + ")", a=True).reason) < 200
