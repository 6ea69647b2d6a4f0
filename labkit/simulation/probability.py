"""The distributions that intervals and Erlang's formulas need, by numbers alone.

SciPy has them, and is 120 MB for two functions that fit on a page: what is here is held to published tables by a test.
"""

from __future__ import annotations

import math

_SMALLEST = 1e-300
_PRECISION = 1e-14
_MOST_TERMS = 10_000


def incomplete_beta(x: float, *, a: float, b: float) -> float:
    """The regularised incomplete beta function: the probability that a Beta(a, b) number is at most `x`.

    Args:
        x: from 0 to 1.
        a, b: more than 0.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # where the fraction comes to its value slowly, the other tail is quick
        return 1 - incomplete_beta(1 - x, a=b, b=a)
    factor = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(factor) / a * _beta_fraction(x, a, b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the function above, by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _SMALLEST else _SMALLEST


def student_t_quantile(probability: float, *, degrees: int) -> float:
    """The number that a Student's t is below with this probability.

    Args:
        probability: at least 0.5 and less than 1.
        degrees: degrees of freedom, 1 or more.
    """
    low, high = 0.0, 1.0
    while _student_t_below(high, degrees) < probability:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _student_t_below(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


def _student_t_below(t: float, degrees: int) -> float:
    return 1 - incomplete_beta(degrees / (degrees + t * t), a=degrees / 2, b=0.5) / 2
