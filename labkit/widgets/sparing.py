"""SparingPanel: a live panel that may have hundreds of rows, and sends them only when one of them has changed."""

from __future__ import annotations

from labkit.widgets.base import LivePanel


class SparingPanel(LivePanel):
    """One piece of news is often told under several topics, and often about what is not drawn here.

    Subclasses keep the rows that have not changed, the very same objects, so that to compare costs next to nothing.
    """

    def _on_change(self, topic: str) -> None:
        if topic not in self.topics:
            super()._on_change(topic)
            return
        with self._lock:
            content = self._content()
            if any(self.state.get(name) != value for name, value in content.items()):
                self.state = {**content, **self._time()}
