"""JupyterHub reads this; the workshop's folder stands in the environment."""

import os
from pathlib import Path

from workshop.configuration import configure
from workshop.settings import FOLDER_VARIABLE, Workshop

configure(get_config(), Workshop.read(Path(os.environ[FOLDER_VARIABLE])))  # type: ignore[name-defined]  # noqa: F821
