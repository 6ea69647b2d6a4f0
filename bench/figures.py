"""The frame: what a figure is, which there are, and how they are run, shown and written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import blocking, callbacks, durability, members, panels, routing, simulated_day, sockets, startup, throughput
from bench.measurement import Measurement, Say
from labkit.errors import LabError

FIGURES: dict[str, Callable[[Say], Measurement]] = {
    "import_s": startup.import_s,
    "start_cold_s": startup.start_cold_s,
    "start_warm_s": startup.start_warm_s,
    "callback_vs_bare_flask": throughput.callback_vs_bare_flask,
    "callback_burst_slowest_s": callbacks.callback_burst_slowest_s,
    "get_task_vs_bare_aiohttp": throughput.get_task_vs_bare_aiohttp,
    "create_task_vs_bare_aiohttp": throughput.create_task_vs_bare_aiohttp,
    "statistics_ms": throughput.statistics_ms,
    "list_10000_vs_100": throughput.list_10000_vs_100,
    "members_list_ms": members.members_list_ms,
    "durable_vs_memory": durability.durable_vs_memory,
    "durable_power_vs_process": durability.durable_power_vs_process,
    "reopen_10000_s": durability.reopen_10000_s,
    "sandbox_rss_mib": durability.sandbox_rss_mib,
    "socket_event_ms": sockets.socket_event_ms,
    "sockets_500_rest_ratio": sockets.sockets_500_rest_ratio,
    "slowest_request_ms": blocking.slowest_request_ms,
    "first_statistics_s": blocking.first_statistics_s,
    "lives_per_s": routing.lives_per_s,
    "lives_per_s_large": routing.lives_per_s_large,
    "life_cost_25000_vs_100": routing.life_cost_25000_vs_100,
    "worker_back_ms": routing.worker_back_ms,
    "expression_us": routing.expression_us,
    "task_bytes": routing.task_bytes,
    "day_of_5000_calls_s": simulated_day.day_of_5000_calls_s,
    "card_vs_floor_p50": panels.card_vs_floor_p50,
    "card_vs_floor_p95": panels.card_vs_floor_p95,
    "burst_200_drawn_s": panels.burst_200_drawn_s,
}
"""Every figure by its name; each takes a function that says how far it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a measurement, or why there is none."""

    name: str
    measurement: Measurement | None
    failure: str = ""


def main(names: Sequence[str] = (), *, out: Path = Path("bench.json"), say: Say | None = None) -> int:
    """Measure, print the table, write `out`; 0 if every figure could be measured, else 1.

    Args:
        names: which figures; all of `FIGURES` when empty.
        out: gets ``{name: {"value", "unit", "ratio_to", "ratio"}}`` of the figures that were measured.
        say: takes each line; printed when not given.

    Raises:
        LabError: there is no figure of such a name.
    """
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        raise LabError(f"There is no figure {unknown[0]!r}. There are: {', '.join(FIGURES)}.")
    tell = say or _print
    rows = [_measured(name, tell) for name in names or FIGURES]
    tell(table(rows))
    write(out, {row.name: row.measurement for row in rows if row.measurement is not None})
    tell(f"Written to {out}.")
    return 1 if any(row.measurement is None for row in rows) else 0


def table(rows: Sequence[Row]) -> str:
    """The rows as text in columns: name, value, unit, ratio, to what."""
    cells = [("figure", "value", "unit", "ratio", "to"), *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    lines = ["  ".join(_aligned(row, widths)).rstrip() for row in cells]
    return "\n".join(["", *lines, ""])


def write(out: Path, measurements: Mapping[str, Measurement]) -> None:
    """Write the measurements to `out` as JSON."""
    document = {name: asdict(measurement) for name, measurement in measurements.items()}
    out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _measured(name: str, say: Say) -> Row:
    say(f"{name} …")
    try:
        return Row(name, FIGURES[name](say))
    except (LabError, OSError) as error:
        say(f"  not measured: {error}")
        return Row(name, None, " ".join(str(error).split())[:100])


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    m = row.measurement
    if m is None:
        return row.name, "-", "", "", row.failure
    ratio = "" if m.ratio is None else f"{m.ratio:.2f}"
    return row.name, f"{m.value:,.3f}" if m.value < 100 else f"{m.value:,.0f}", m.unit, ratio, m.ratio_to or ""


def _aligned(row: tuple[str, ...], widths: Sequence[int]) -> list[str]:
    numbers = (1, 3)
    return [
        text.rjust(w) if i in numbers else text.ljust(w) for i, (text, w) in enumerate(zip(row, widths, strict=True))
    ]


def _print(line: str) -> None:
    print(line, flush=True)
