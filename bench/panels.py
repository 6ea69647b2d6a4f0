"""How soon a person sees it: from the POST of a callback to its card on the page, in a real JupyterLab.

The floor is the least that the same notebook can do: one trait of one widget, set from a thread. Both are measured in
turns, by the computer's one clock: when it was sent, and the first frame in which it can be seen.
"""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from bench.jupyter import CHROMIUM_ARGUMENTS, HOW_TO_GET_CHROMIUM, chromium_program, serving
from bench.measurement import Measurement, Say
from labkit.errors import LabError

if TYPE_CHECKING:
    from playwright.sync_api import Page

SINGLES = 60
WARM_UP = 10
BURST = 200
PATIENCE_MS = 60_000

CELL = """
import labkit
from bench.in_kernel import Floor, play
lab = labkit.start()
floor = Floor()
display(floor, lab.inbox())
"""

RUN = """() => { void window.jupyterapp.commands.execute('notebook:run-all-cells'); }"""
READY = """() => document.querySelector('.lk-inbox') && document.querySelector('p.floor')
  && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"""
KERNEL_IS_IDLE = """() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"""

# Notes the first frame in which each mark can be seen, and that in which the inbox counts so many Reservations.
WATCH = """burst => {
  window.seen = {};
  const note = mark => { window.seen[mark] ??= (performance.timeOrigin + performance.now()) / 1000; };
  let asked = false;
  const look = () => {
    asked = false;
    const inbox = document.querySelector('.lk-inbox').textContent;
    const text = document.querySelector('p.floor').textContent + inbox;
    for (const [mark] of text.matchAll(/(?:floor|card)-\\d+-/g)) note(mark);
    const pending = inbox.match(/To answer\\s*(\\d+)/);
    if (pending && Number(pending[1]) >= burst) note('drawn');
  };
  new MutationObserver(() => {
    if (!asked) { asked = true; requestAnimationFrame(look); }
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
PLAY = """code => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}).done
  .then(() => null)"""


def card_vs_floor_p50(say: Say) -> Measurement:
    """Milliseconds from the POST of an assignment callback to its card, the median; to a bare trait change."""
    return _compared(_seen(say), percentile=50)


def card_vs_floor_p95(say: Say) -> Measurement:
    """The same for the slowest of twenty."""
    return _compared(_seen(say), percentile=95)


def burst_200_drawn_s(say: Say) -> Measurement:
    """Seconds from the first of 200 callbacks at once to the frame in which the inbox shows them all."""
    sent, seen = _seen(say)
    return Measurement(seen["drawn"] - sent["burst"], "s")


def _compared(found: tuple[Mapping[str, float], Mapping[str, float]], *, percentile: int) -> Measurement:
    card, floor = (_percentile(_milliseconds(*found, kind=kind), percentile) for kind in ("card", "floor"))
    return Measurement(card, "ms", "a bare trait change", card / floor)


def _percentile(values: list[float], percentile: int) -> float:
    return quantiles(values, n=100)[percentile - 1]


def _milliseconds(sent: Mapping[str, float], seen: Mapping[str, float], *, kind: str) -> list[float]:
    marks = [f"{kind}-{number}-" for number in range(WARM_UP, SINGLES)]
    missing = [mark for mark in marks if mark not in seen]
    if missing:
        raise LabError(f"{len(missing)} of {len(marks)} were never seen, such as {missing[0]}.")
    return [(seen[mark] - sent[mark]) * 1000 for mark in marks]


@functools.cache
def _seen(say: Say) -> tuple[dict[str, float], dict[str, float]]:
    """When each mark was sent and seen; one run for all the figures."""
    from playwright.sync_api import TimeoutError as TookTooLong

    with (
        tempfile.TemporaryDirectory(prefix="labkit-bench-", ignore_cleanup_errors=True) as folder,
        _page(folder) as page,
    ):
        say("  the notebook is open")
        out = Path(folder) / "sent.json"
        page.evaluate(WATCH, BURST)
        page.evaluate(PLAY, f"thread = play(lab, floor, singles={SINGLES}, burst={BURST}, out={str(out)!r})")
        try:
            page.wait_for_function("() => 'drawn' in window.seen", timeout=PATIENCE_MS)
        except TookTooLong as error:
            raise LabError(f"The inbox did not show {BURST} Reservations within {PATIENCE_MS / 1000:g} s.") from error
        page.evaluate(PLAY, "thread.join(30); lab.stop(sandbox=True)")
        return json.loads(out.read_text(encoding="utf-8")), page.evaluate("() => window.seen")


@contextmanager
def _page(folder: str) -> Iterator[Page]:
    """JupyterLab in Chromium with the notebook's cell run."""
    from playwright.sync_api import sync_playwright

    program = chromium_program()
    if program is None:
        raise LabError(HOW_TO_GET_CHROMIUM)
    with serving(Path(folder)) as jupyter, sync_playwright() as driver:
        (jupyter.root / "bench.ipynb").write_text(json.dumps(_notebook()), encoding="utf-8")
        with driver.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS) as browser:
            page = browser.new_page()
            page.goto(jupyter.address("bench.ipynb"))
            page.wait_for_function(KERNEL_IS_IDLE, timeout=PATIENCE_MS)
            page.evaluate(RUN)
            page.wait_for_function(READY, timeout=PATIENCE_MS)
            yield page
        jupyter.end_kernels()


def _notebook() -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "all",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": CELL,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
