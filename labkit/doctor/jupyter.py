"""JupyterLab: whether it would show the panels, and whether its notebooks run with this Python."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from labkit.doctor.finding import Finding, bad, ok
from labkit.doctor.requirements import installed_version
from labkit.doctor.surroundings import ROOT, Surroundings, python_command

FRONT_ENDS = {"anywidget": "anywidget", "@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets"}
"""What JupyterLab loads for the panels, and the package that it comes with."""
KERNEL = "python3"
"""The kernel that the notebooks ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """A front end as it lies on disk.

    Attributes:
        folder: where.
        version: of it, by its package.json.
    """

    folder: Path
    version: str


def front_ends(_: Surroundings) -> Finding:
    """Whether JupyterLab finds the panels' front ends, of the versions that their packages brought."""
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    where = [Path(each) for each in jupyter_path("labextensions")]
    trouble = [each for name in FRONT_ENDS for each in _trouble_with(name, where)]
    if trouble:
        return trouble[0]
    disabled = next(_disabled([Path(each) for each in jupyter_config_path()]), None)
    if disabled is not None:
        name, file = disabled
        return bad(
            f"The extension {name} is disabled in {file}, so JupyterLab shows no panel.",
            f"Run `{python_command(f'-m jupyter labextension enable {name}')}`, or take its line out of that file.",
        )
    lab, widgets = installed_version("jupyterlab"), installed_version("anywidget")
    return ok(f"JupyterLab {lab} finds the front ends of anywidget {widgets} and of ipywidgets.")


def _trouble_with(name: str, where: list[Path]) -> Iterator[Finding]:
    package = FRONT_ENDS[name]
    served = next(filter(None, (_front_end(folder / name) for folder in where)), None)
    own = _brought_by(package, name)
    install = f"Run `{python_command(f'-m pip install --force-reinstall --no-deps {package}')}`"
    if served is None:
        yield bad(
            f"JupyterLab finds no front end {name}, so it shows no panel.",
            f"{install}, start JupyterLab anew and reload its page.",
        )
    elif own is not None and served.version != own.version:
        yield bad(
            f"JupyterLab would load the front end {name} {served.version} from {served.folder}, and the package "
            f"{package} brought {own.version}; panels of another version stay empty.",
            "Delete that folder, start JupyterLab anew and reload its page.",
        )


def _front_end(folder: Path) -> FrontEnd | None:
    try:
        said = json.loads((folder / "package.json").read_text("utf-8"))
        return FrontEnd(folder=folder, version=str(said["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _brought_by(package: str, name: str) -> FrontEnd | None:
    """The front end that was installed with the package; None where its metadata tells of none."""
    try:
        distribution = metadata.distribution(package)
        ending = f"share/jupyter/labextensions/{name}/package.json"
        file = next((each for each in distribution.files or [] if each.as_posix().endswith(ending)), None)
    except metadata.PackageNotFoundError:
        return None
    return None if file is None else _front_end(Path(str(distribution.locate_file(file))).parent)


def _disabled(folders: list[Path]) -> Iterator[tuple[str, Path]]:
    """The panels' front ends that somebody has switched off, each with the file that says so."""
    for file in (folder / "labconfig" / "page_config.json" for folder in folders):
        try:
            said = json.loads(file.read_text("utf-8")).get("disabledExtensions", {})
        except (OSError, ValueError, AttributeError):
            continue
        names = said if isinstance(said, list) else [name for name, off in said.items() if off]
        yield from ((name, file) for name in names if str(name).partition(":")[0] in FRONT_ENDS)


def kernel(_: Surroundings) -> Finding:
    """Whether a notebook's kernel is this Python, which has the lab."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    install = f"Run `{python_command(f'-m ipykernel install --sys-prefix --name {KERNEL}')}`."
    try:
        spec: Any = KernelSpecManager().get_kernel_spec(KERNEL)
    except NoSuchKernel:
        return bad(f"Jupyter knows no kernel {KERNEL}, which the notebooks ask for.", install)
    named = str(spec.argv[0]) if spec.argv else ""
    if _is_this_python(named):
        return ok(f"Notebooks run with {sys.executable}.")
    gone = "" if shutil.which(named) else ", which is not there"
    return bad(
        f"Notebooks run with {named}{gone}, by {spec.resource_dir}; the lab is in {sys.executable}.",
        f"Delete that folder, or begin Jupyter from the environment of the lab: `make lab` in {ROOT}.",
    )


def _is_this_python(named: str) -> bool:
    """Jupyter itself takes its own Python for these three names; a path is compared by its folder, not by its target:
    the Python of every environment is a link to the same program."""
    major, minor = sys.version_info[:2]
    if named in ("python", f"python{major}", f"python{major}.{minor}"):
        return True
    folder, own = (os.path.realpath(Path(each).parent) for each in (named, sys.executable))
    return folder == own and Path(named).exists()
