"""The agent page behind a real Jupyter server with a prefix, as on a hub: page, requests and websocket."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
import websocket

import labkit
from bench.jupyter import JupyterServer, serving
from labkit.tunnel.outside_check import check_from_outside

pytestmark = pytest.mark.process

PREFIX = "/user/ann/"


def visitor(jupyter: JupyterServer) -> requests.Session:
    """A browser of whoever this Jupyter server belongs to: it has a cookie, and says no token."""
    session = requests.Session()
    session.get(f"{jupyter.url}api/status?token={jupyter.token}", timeout=30).raise_for_status()
    session.get(f"{jupyter.url}lab?token={jupyter.token}", timeout=30).raise_for_status()
    return session


def test_everything_a_page_asks_goes_through_jupyter(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the visitor's cookie alone; without one nothing does, and neither does it by another way."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", PREFIX)
    with serving(tmp_path, base_url=PREFIX) as jupyter, labkit.start() as lab, visitor(jupyter) as browser:
        link = urljoin(jupyter.url, lab.agent_page("Alice").link())
        page, _, secret = link.partition("#")
        port = lab.callbacks.local_url.rpartition(":")[2]
        assert page == f"{jupyter.url}proxy/{port}/agent"
        answer = browser.get(page, timeout=30)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert browser.get(urljoin(page, "agent/page.js"), timeout=30).ok
        told = browser.post(urljoin(page, "agent/token"), json={"link": secret}, timeout=30).json()

        bridge = urljoin(page, f"../{lab.taskrouter_url.rpartition(':')[2]}/v1/wschannels")
        path = f"Workspaces/{lab.workspace_sid}/Workers/{told['worker']['sid']}"
        body = json.dumps({"url": path, "method": "GET", "params": {}, "token": told["token"]})
        headers = {"apiVersion": "v1", "clientVersion": "2.1.1", "Content-Type": "application/x-www-form-urlencoded"}
        worker = browser.post(bridge, data=body, headers=headers, timeout=30)
        assert worker.json()["payload"]["friendly_name"] == "Alice"
        assert requests.post(bridge, data=body, headers=headers, timeout=30).status_code == 403

        socket = websocket.create_connection(
            f"{bridge.replace('http', 'ws', 1)}?token={told['token']}&closeExistingSessions=false&clientVersion=2.1.1",
            cookie="; ".join(f"{each.name}={each.value}" for each in browser.cookies),
            timeout=30,
        )
        assert json.loads(socket.recv())["payload"]["channel_id"] == told["worker"]["sid"]
        socket.close()


def test_the_proxy_of_jupyter_is_no_way_in_for_twilio(home: Path, tmp_path: Path) -> None:
    """A look from outside says why: it wants a login, and a POST without Jupyter's token is refused."""
    with serving(tmp_path, base_url=PREFIX) as jupyter, labkit.start() as lab:
        address = f"{jupyter.url}proxy/{lab.callbacks.local_url.rpartition(':')[2]}"
        found = check_from_outside(address, lab.callbacks.probes)
        assert found.reached is False
        assert "a Jupyter server asks for its login" in found.text
        assert "must never be given to Twilio" in found.text
        assert requests.post(f"{address}/assignment_callback", data={"a": "b"}, timeout=30).status_code == 403
        assert [each.path for each in lab.callbacks.exchanges if each.signature != "valid"] == []
