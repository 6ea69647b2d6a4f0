"""How a browser reaches a port of this computer: by its number, or through the Jupyter server that can be reached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from labkit.lab.browser_address import address, through_jupyter

HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ann/"}
BINDER = {"JUPYTERHUB_SERVICE_PREFIX": "/user/lab-x1y2/", "BINDER_LAUNCH_HOST": "https://binder.example/"}
KERNEL = {"JPY_PARENT_PID": "4711"}


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jupyter's folder, with a server below a prefix in it."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "jpserver-4711.json").write_text(json.dumps({"base_url": "/base/"}), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "http://127.0.0.1:80"),
        (KERNEL, "http://127.0.0.1:80"),
        (HUB, "/user/ann/proxy/80"),
        (BINDER, "/user/lab-x1y2/proxy/80"),
        ({**HUB, "JUPYTERHUB_PUBLIC_URL": "https://hub.example/user/ann/"}, "https://hub.example/user/ann/proxy/80"),
        ({**HUB, "JUPYTERHUB_PUBLIC_URL": "https://hub.example/elsewhere"}, "/user/ann/proxy/80"),
        ({"CODESPACES": "true", **KERNEL}, "/base/proxy/80"),
        ({"CODESPACES": "true"}, "http://127.0.0.1:80"),
    ],
)
def test_the_way_is_picked_by_where_the_kernel_runs(environ: Mapping[str, str], expected: str) -> None:
    """By its number where browser and kernel share a computer, else through Jupyter."""
    assert address(80, environ) == expected


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_a_file_that_says_nothing_is_no_server(runtime: Path, text: str) -> None:
    """As when it is written just now, or was left by another version."""
    (runtime / "jpserver-4711.json").write_text(text, encoding="utf-8")
    assert through_jupyter(80, KERNEL) == ""


def test_a_kernel_of_no_server_has_no_such_way() -> None:
    """One that a terminal or an editor started."""
    assert through_jupyter(80, {}) == through_jupyter(80, {"JPY_PARENT_PID": "1"}) == ""
    assert through_jupyter(80, KERNEL) == "/base/proxy/80"
