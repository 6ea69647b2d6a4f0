"""What holds for every text and every scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.errors import ExpressionError
from labkit.expressions import Dialect, Expression, Order, compile_expression, compile_order, explain, searchable
from labkit.expressions.operators import SEARCHED_FROM, SearchableList, has

NAMES = ("a", "b", "worker", "task", "workers", "in", "größe")
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(10**400))
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=4),
    max_leaves=12,
)
scopes = st.dictionaries(st.sampled_from(("task", "worker", "workers")), json_values, max_size=3)
dialects = st.sampled_from(Dialect)

PIECES = (
    *("a", "b.a", "task.a", "worker.b", "workers.a", "a[0]", "a[1].b", "'x'", '"y"', "1", "-2.5", "true", "null"),
    *("==", "=", "!=", "<", ">=", ">-", "<-", "HAS", "in", "NOT IN", "contains", "AND", "or", "NOT", "(", ")"),
    *("[", "]", ",", "-", "&&", "'", '"', "\\", ".", "\n", "DESC"),
)
near_texts = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)
texts = st.text() | near_texts

paths = st.sampled_from(("a", "b", "a.b", "a[0]", "task.a", "worker.a", "worker.b[1].a", "workers.a"))
literals = st.sampled_from(("'x'", '""', "0", "1", "-1.5", "true", "false", "null", "[]", "['x', 1, null]"))
operators = st.sampled_from(("==", "!=", "<", "<=", ">", ">=", "CONTAINS", "HAS", "IN", "NOT IN"))
comparisons = st.tuples(paths | literals, operators, paths | literals).map(" ".join)
expressions = st.recursive(
    comparisons | paths,
    lambda inner: (
        st.tuples(inner, st.sampled_from((" AND ", " OR ")), inner).map("".join)
        | inner.map(lambda text: f"NOT ({text})")
    ),
    max_leaves=6,
)


@given(st.lists(scalars | st.lists(scalars, max_size=2), min_size=SEARCHED_FROM, max_size=40), scalars)
def test_a_list_that_is_searched_quickly_has_what_the_list_has(values: list[Any], asked: Any) -> None:
    """True is not 1, 1 is 1.0, null is there or not, lists in it are equal to nothing."""
    quick = searchable(values)
    assert type(quick) is SearchableList
    for value in (asked, *values):
        assert has(quick, value) == has(values, value) or value != value  # noqa: PLR0124  # NaN, which is no JSON


def test_every_long_list_is_searched_quickly() -> None:
    """In the attributes at any depth, and in an expression: thousands of Workers are asked thousands of HAS."""
    scope = searchable({"skills": list(range(40)), "more": {"skills": list("abcdefghijklmnopqrstuvwxyz"), "few": [1]}})
    kinds = [type(scope["skills"]), type(scope["more"]["skills"]), type(scope["more"]["few"])]
    assert kinds == [SearchableList, SearchableList, list]
    expression = compile_expression(f"skill IN {list(range(40))}", Dialect.WORKER)
    assert [expression.matches({"worker": {"skill": skill}}) for skill in (39, 40, True)] == [True, False, False]


def outcome(compiled: Callable[[], Expression | Order]) -> Expression | Order | ExpressionError:
    """What compiling came to; any other exception goes through and fails the test."""
    try:
        return compiled()
    except ExpressionError as error:
        return error


@given(texts, dialects)
@settings(max_examples=300, deadline=None)
def test_any_text_compiles_or_is_refused(text: str, dialect: Dialect) -> None:
    """A text is in the language, or an ExpressionError says where it is not."""
    result = outcome(lambda: compile_expression(text, dialect))
    assert result.text == text
    if isinstance(result, ExpressionError):
        assert 0 <= result.position <= len(text)
        assert str(result).count("\n") == 2


@given(texts)
@settings(deadline=None)
def test_any_order_compiles_or_is_refused(text: str) -> None:
    """An order_by is a list of attributes, or an ExpressionError says where it is not."""
    result = outcome(lambda: compile_order(text))
    assert result.text == text
    if isinstance(result, ExpressionError):
        assert 0 <= result.position <= len(text)


@given(expressions, dialects, scopes)
@settings(max_examples=400, deadline=None)
def test_any_expression_on_any_scope_gives_a_bool(text: str, dialect: Dialect, scope: dict[str, Any]) -> None:
    """No attributes make an expression raise, and the explanation comes to the same result."""
    expression = compile_expression(text, dialect)
    value = expression.matches(scope)
    trace = explain(expression, scope)
    assert value in {True, False}
    assert trace.value is value
    assert bool(trace.reason) is not value


@given(expressions, scopes)
@settings(deadline=None)
def test_not_turns_every_expression_round(text: str, scope: dict[str, Any]) -> None:
    """NOT gives the opposite, whatever is NULL or of the wrong kind."""
    plain = compile_expression(text, Dialect.TARGET)
    negated = compile_expression(f"NOT ({text})", Dialect.TARGET)
    assert negated.matches(scope) is not plain.matches(scope)


@given(paths, scopes)
@settings(deadline=None)
def test_in_is_any_equal_and_not_in_is_all_unequal(path: str, scope: dict[str, Any]) -> None:
    """IN and NOT IN a list of literals say the same as their comparisons one by one."""
    pairs = (
        (f"{path} IN ['x', 1, null]", f"{path} == 'x' OR {path} == 1 OR {path} == null"),
        (f"{path} NOT IN ['x', 1]", f"{path} != 'x' AND {path} != 1"),
    )
    for short, long in pairs:
        assert compile_expression(short, Dialect.TARGET).matches(scope) is (
            compile_expression(long, Dialect.TARGET).matches(scope)
        )


@given(st.lists(json_values, max_size=6))
@settings(deadline=None)
def test_sort_keys_of_any_workers_can_be_compared(levels: list[Any]) -> None:
    """Workers sort whatever their attributes are, those without an integer last in both directions."""
    for text in ("worker.level ASC", "worker.level DESC"):
        keys = sorted(compile_order(text).sort_key({"worker": {"level": level}}) for level in levels)
        lacking = [key[0][0] for key in keys]
        assert lacking == sorted(lacking)
