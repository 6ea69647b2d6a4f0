"""Small plots beside each other: what was measured as a line, what a formula says as a dashed one.

They are drawn here, as SVG, and not by Plotly: a picture needs no script, so it stays in a saved notebook and in what
is made of one, and its lines and letters follow the theme of the page, light or dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from labkit.display import Content, Result, Section

WIDTH, HEIGHT = 260, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 22
_BLOCKS = "▁▂▃▄▅▆▇█"
_MEASURED = 'stroke="var(--jp-brand-color1,#1976d2)" stroke-width="2"'
_FORMULA = 'stroke="currentColor" stroke-width="1.5" stroke-dasharray="5 4" opacity=".75"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot(Content):
    """One plot.

    Attributes:
        title: what goes up.
        hours: what goes to the right: hours since the opening.
        measured: a value for each; None where there is none.
        formula: likewise, of the formula.
        is_share: whether they are shares, from 0 to 1.
    """

    title: str
    hours: Sequence[float]
    measured: Sequence[float | None]
    formula: Sequence[float]
    is_share: bool = False

    def as_text(self) -> Iterator[str]:
        """A line of blocks, and between which numbers they are."""
        values = [value for value in self.measured if value is not None]
        top = self._top()
        blocks = "".join(" " if value is None else _BLOCKS[min(7, int(8 * value / top))] for value in self.measured)
        span = f"{self._written(min(values))} to {self._written(max(values))}" if values else "nothing measured"
        yield f"  {self.title:<20} {blocks}  {span}"

    def as_html(self) -> str:
        """The plot with its axes; a screen reader is told the text."""
        said = " ".join(next(self.as_text()).split())
        size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        lines = f"{self._axes()}{self._line(self.formula, _FORMULA)}{self._line(self.measured, _MEASURED)}"
        svg = f'<svg {size} role="img" aria-label="{escape(said)}" font-size="11" fill="currentColor">{lines}</svg>'
        return f'<figure style="margin:0"><figcaption>{escape(self.title)}</figcaption>{svg}</figure>'

    def _top(self) -> float:
        if self.is_share:
            return 1.0
        most = max((value for value in (*self.measured, *self.formula) if value is not None), default=0.0)
        if most <= 0:
            return 1.0
        step = 10.0 ** math.floor(math.log10(most))
        return math.ceil(most / step) * step

    def _written(self, value: float) -> str:
        return f"{value:.0%}" if self.is_share else f"{value:.3g}"

    def _x(self, hour: float) -> float:
        first, last = self.hours[0], self.hours[-1]
        share = (hour - first) / (last - first) if last > first else 0.5
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - value / self._top() * (HEIGHT - _TOP - _BOTTOM)

    def _axes(self) -> str:
        parts = []
        for value in (0.0, self._top() / 2, self._top()):
            y = self._y(value)
            line = f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor"'
            parts.append(f'{line} opacity=".2"/><text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">')
            parts.append(f"{escape(self._written(value))}</text>")
        for hour, anchor in ((self.hours[0], "start"), (self.hours[-1], "end")):
            where = f'x="{self._x(hour):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}"'
            parts.append(f"<text {where}>{hour:g} h</text>")
        return "".join(parts)

    def _line(self, values: Sequence[float | None], style: str) -> str:
        points = [
            f"{self._x(hour):.1f},{self._y(value):.1f}"
            for hour, value in zip(self.hours, values, strict=True)
            if value is not None
        ]
        if len(points) == 1:  # a line of one point would not be seen
            left, right = f"{_LEFT},{points[0].split(',')[1]}", f"{WIDTH - _RIGHT},{points[0].split(',')[1]}"
            points = [left, right]
        return f'<polyline points="{" ".join(points)}" fill="none" {style}/>'


@dataclass(frozen=True, slots=True)
class _PlotRow(Content):
    plots: Sequence[Plot]

    def as_text(self) -> Iterator[str]:
        for plot in self.plots:
            yield from plot.as_text()

    def as_html(self) -> str:
        figures = "".join(plot.as_html() for plot in self.plots)
        return f'<div style="display:flex;flex-wrap:wrap;gap:.4rem 1.2rem">{figures}</div>'


@dataclass(frozen=True, slots=True, repr=False)
class Chart(Result):
    """Plots of one thing; `said` says what the lines are."""

    plots: Sequence[Plot]
    said: str

    def _sections(self) -> tuple[Section]:
        return (Section(self.said, _PlotRow(self.plots)),)
