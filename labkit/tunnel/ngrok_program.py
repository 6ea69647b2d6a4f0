"""The ngrok program: where it is, or would be."""

from __future__ import annotations

import shutil
from pathlib import Path


def program_path(named: Path | None) -> Path | None:
    """Where the program is; without a name pyngrok's own, which it downloads when it is first used.

    Args:
        named: the program that the settings name, by its path or as one of the PATH's.

    Returns:
        The path; None where nothing that may be run has the name.
    """
    from pyngrok import conf

    if named is None:
        return Path(str(conf.PyngrokConfig().ngrok_path))
    found = shutil.which(str(named))
    return Path(found) if found else None
