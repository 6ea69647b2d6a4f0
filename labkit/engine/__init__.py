"""The routing engine: pure, driven by hand. Start reading at `states.py`, `matching.py` and `routing.py`."""

from labkit.engine.engine import Engine as Engine
