"""The version, for modules below those that `labkit` itself imports; it stands in `labkit/__init__.py`."""

import sys

__version__: str = sys.modules[__package__ or "labkit"].__version__
