"""A gallery: real panels of the lab on a page of their own, without JupyterLab and without a kernel.

The script and style of a panel run in Chromium, its Python runs in the test, and a line between the two plays what the
kernel's comm does. So a test of what one sees and clicks takes a fraction of a second. What only JupyterLab can show
(the kernel's threads, a reload, a second tab) stays with `browser/jupyter.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

from browser.pictures import save
from comm.base_comm import BaseComm
from playwright.sync_api import Locator, Page

Theme = Literal["light", "dark"]

PATIENCE_MS = 15_000

THEMES = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab"

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>gallery</title><style id="theme"></style>
<style>body { margin: 0; padding: 12px; background: var(--jp-layout-color0); color: var(--jp-ui-font-color1);
  font-family: var(--jp-ui-font-family); font-size: var(--jp-ui-font-size1); }</style></head><body></body></html>"""

# A model as anywidget gives one to a script. Every few milliseconds the page exchanges the post of all its panels with
# Python, at once: an exchange for each panel is what most of the browser's time would go into.
DRAW = """() => {
  window.galleryReady = new Map();
  const open = new Map();
  const exchange = async () => {
    const post = [...open].map(([number, {out}]) => [number, out.splice(0)]);
    const news = post.length ? await window.galleryExchange(post) : [];
    news.forEach(([number, messages]) => open.get(number).hear(messages));
    setTimeout(exchange, 15);
  };
  exchange();
  const host = {
    getWidget: async ref => {
      const given = window.galleryReady.get(ref);
      if (!given) throw new Error(`there is no panel ${ref}`);
      return {exports: undefined, render: ({el}) => window.galleryDraw(given, el)};
    },
  };
  window.galleryDraw = async ({number, code, style, state, look_only}, el) => {
    const css = document.createElement("style");
    css.textContent = style;
    document.head.append(css);
    const listeners = {};
    const values = {state, look_only};
    const out = [];
    const model = {
      get: name => values[name],
      set: (name, value) => { values[name] = value; },
      save_changes: () => {},
      send: message => out.push(JSON.parse(JSON.stringify(message))),
      on: (name, listener) => (listeners[name] = listeners[name] || []).push(listener),
      off: (name, listener) => { listeners[name] = (listeners[name] || []).filter(each => each !== listener); },
    };
    const emit = (name, ...given) => (listeners[name] || []).slice().forEach(listener => listener(...given));
    const hear = messages => messages.forEach(({state: next, answer}) => {
      if (next) { values.state = next; emit("change:state"); }
      else emit("msg:custom", answer, []);
    });
    const module = await import(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
    await module.default.render({model, el, host, signal: new AbortController().signal});
    open.set(number, {out, hear});
  };
}"""
SHOW = """async given => {
  const el = document.createElement("div");
  el.className = "cell-output-ipywidget-background";
  document.body.append(el);
  await window.galleryDraw(given, el);
}"""


class Line(BaseComm):
    """The kernel's end of a panel's comm: what the panel sends waits here until the page asks for it."""

    def __init__(self, **given: Any) -> None:
        self.post: SimpleQueue[dict[str, Any]] = SimpleQueue()
        super().__init__(**given)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        """Keep what the panel sends."""
        if data and data.get("method") == "custom":
            self.post.put({"answer": data["content"]})
        elif data and "state" in data.get("state", {}):
            self.post.put({"state": data["state"]["state"]})

    def receive(self, content: Any) -> None:
        """Play a message from the page."""
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def collect(self) -> list[dict[str, Any]]:
        """What came since the last time, oldest first."""
        found = []
        while not self.post.empty():
            found.append(self.post.get())
        return found


@dataclass
class Gallery:
    """Shows panels on `page`. A panel must be made while the test has the `gallery` fixture: it needs the line.

    Attributes:
        errors: what the browser complained about.
        requests: the addresses that the page asked for; a panel needs none.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _panels: list[Any] = field(default_factory=list)
    _shown: int = 0

    def open(self) -> None:
        """Prepare the empty page."""
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error.stack or error}"))
        self.page.on("console", lambda m: self.errors.append(f"console: {m.text}") if m.type == "error" else None)
        self.page.on("request", lambda request: self._note(request.url))
        self.page.expose_function("galleryExchange", self._exchange)
        self.page.set_content(PAGE)
        self.page.evaluate(DRAW)
        self.use_theme("light")

    def show(self, panel: Any, *, within: Sequence[Any] = ()) -> Locator:
        """Draw `panel` below what is there already; its outermost element.

        Args:
            panel: one of the lab's panels.
            within: the panels that it shows inside of itself.
        """
        for each in within:
            self.page.evaluate(
                "([ref, given]) => window.galleryReady.set(ref, given)",
                [f"anywidget:{each.model_id}", self._given(each)],
            )
        self.page.evaluate(SHOW, self._given(panel))
        self._shown += 1
        return self.page.locator(".cell-output-ipywidget-background").nth(self._shown - 1)

    def _given(self, panel: Any) -> dict[str, Any]:
        number = len(self._panels)
        self._panels.append(panel)
        panel.comm.collect()  # what was sent before: the state as it is now goes with the page
        shown = {"state": panel.state, "look_only": panel.look_only}
        return {"number": number, "code": str(panel._esm), "style": str(panel._css), **shown}

    def until(self, wanted: Callable[[], Any]) -> None:
        """Wait until something is true in Python, while the page and Python exchange what they have."""
        for _ in range(PATIENCE_MS // 20):
            if wanted():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError("what was waited for never came to be")

    def use_theme(self, theme: Theme) -> None:
        """JupyterLab's own variables, light or dark."""
        css = (THEMES / f"theme-{theme}-extension" / "index.css").read_text(encoding="utf-8")
        self.page.evaluate(
            """([css, light]) => {
              document.getElementById("theme").textContent = css;
              document.body.dataset.jpThemeLight = light;
            }""",
            [css, "true" if theme == "light" else "false"],
        )

    def use_width(self, pixels: int, *, height: int = 900) -> None:
        """Make the window so wide: 360 is a narrow tab, 1920 a projector."""
        self.page.set_viewport_size({"width": pixels, "height": height})

    def screenshot(self, name: str, *, of: Locator | None = None) -> Path:
        """Save the page, or one element of it, as test-artifacts/<name>.png; see `browser/pictures.py`."""
        if of is None:
            return save(name, lambda path: self.page.screenshot(path=path, animations="disabled", full_page=True))
        return save(name, lambda path: of.screenshot(path=path, animations="disabled"))

    def both_themes(self, name: str, take: Callable[[], Locator]) -> None:
        """Screenshots `<name>-light` and `<name>-dark` of what `take` gives."""
        for theme in ("light", "dark"):
            self.use_theme(theme)  # type: ignore[arg-type]
            self.screenshot(f"{name}-{theme}", of=take())
        self.use_theme("light")

    def _exchange(self, post: list[tuple[int, list[Any]]]) -> list[tuple[int, list[dict[str, Any]]]]:
        """What the panels have for the page, where they have something; the page's own messages come first."""
        news = [(number, self._exchange_with(number, messages)) for number, messages in post]
        return [(number, found) for number, found in news if found]

    def _exchange_with(self, number: int, messages: list[Any]) -> list[dict[str, Any]]:
        line: Line | None = self._panels[number].comm
        if line is None:  # the test has closed the panel, and the page asks once more
            return []
        for message in messages:
            line.receive(message)
        return line.collect()

    def _note(self, url: str) -> None:
        if not url.startswith(("blob:", "data:", "about:")):
            self.requests.append(url)
