"""Who enters the desk: nobody without the token, no page from elsewhere, and no name that is not this computer's."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import pytest
import requests
import websocket
from desk_page import DeskPage, KernelSocket, kernel_in, serving_desk

from labkit.app.guard import Guarded
from labkit.app.server import DeskServer
from labkit.cli import jupyter
from labkit.cli.jupyter import DESK_NOTEBOOK, NOTEBOOKS, ROOT
from labkit.errors import LabError

pytestmark = pytest.mark.process

KERNEL = "0" * 8 + "-0000-0000-0000-" + "0" * 12
ROUTES = (
    "",
    "nothing",
    f"api/kernels/{KERNEL}",
    f"api/kernels/{KERNEL}/channels",
    "voila/templates/lab/static/voila.js",
    "voila/static/extension.js",
    "voila/api/themes/@jupyterlab/theme-light-extension/index.css",
    "voila/labextensions/anywidget/package.json",
    "voila/files/desk.png",
    f"voila/query/{KERNEL}",
    "logout",
)
SECONDS = 30


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPage]:
    """The desk, as `make desk` serves it."""
    with serving_desk(tmp_path_factory.mktemp("desk")) as page:
        yield page


@pytest.fixture(scope="module")
def opened(desk: DeskPage) -> tuple[requests.Session, str]:
    """A visitor who has the page open, and its kernel."""
    session = requests.Session()
    answer = session.get(desk.link, timeout=SECONDS)
    assert answer.history[0].headers["Location"] == "/", "the token stays in the address bar"
    return session, kernel_in(answer.text)


@pytest.mark.parametrize("given", ["", "?token=wrong"])
@pytest.mark.parametrize("route", ROUTES)
def test_nobody_enters_without_the_token(desk: DeskPage, route: str, given: str) -> None:
    """By no route, and without that a kernel is started for him."""
    before = desk.kernels()
    answer = requests.get(f"{desk.url}{route}{given}", allow_redirects=False, timeout=SECONDS)

    assert answer.status_code == 403 or answer.headers["Location"].startswith("/login?next="), answer.text
    assert desk.kernels() == before


def test_the_link_is_needed_once(desk: DeskPage, opened: tuple[requests.Session, str]) -> None:
    """After the first visit the cookie is enough, for the files and for the socket."""
    visitor, kernel = opened

    assert visitor.get(f"{desk.url}voila/templates/lab/static/voila.js", timeout=SECONDS).ok
    assert visitor.get(f"{desk.url}api/kernels/{kernel}", timeout=SECONDS).ok
    KernelSocket.of(desk, visitor, kernel).socket.close()


def test_the_token_may_be_typed(desk: DeskPage) -> None:
    """Whoever has lost the link is asked for the token, by a page that needs nothing else."""
    visitor = requests.Session()
    asked = visitor.get(desk.url, timeout=SECONDS)
    assert "asks for its token" in asked.text
    form = {"_xsrf": visitor.cookies["_xsrf"]}
    wrong = visitor.post(asked.url, {**form, "password": "guess"}, timeout=SECONDS)
    assert (wrong.status_code, "This is not the token." in wrong.text) == (401, True)

    right = visitor.post(asked.url, {**form, "password": desk.token}, allow_redirects=False, timeout=SECONDS)

    assert (right.status_code, right.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "192.0.2.7", "localhost.evil.example"])
@pytest.mark.parametrize("route", ["", "login", *ROUTES[2:6]])
def test_a_name_that_is_not_this_computers_is_refused(desk: DeskPage, host: str, route: str) -> None:
    """A page whose name was turned round to 127.0.0.1 speaks with its own Host (DNS rebinding), token or not."""
    headers = {"Host": host.format(port=desk.url.split(":")[2].strip("/"))}

    answer = requests.get(
        f"{desk.url}{route}?token={desk.token}", headers=headers, allow_redirects=False, timeout=SECONDS
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "localhost:8866"])
def test_this_computers_own_names_pass(desk: DeskPage, host: str) -> None:
    """And so does every port: behind an ssh tunnel it is another one."""
    assert requests.get(f"{desk.url}login", headers={"Host": host}, timeout=SECONDS).ok


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_from_elsewhere_is_refused(desk: DeskPage, opened: tuple[requests.Session, str], origin: str) -> None:
    """At the socket, and whatever it posts or deletes, cookie and token or not; the kernel goes on."""
    visitor, kernel = opened
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        KernelSocket.of(desk, visitor, kernel, origin=origin)
    headers = {"Origin": origin}
    shut = f"{desk.url}voila/api/shutdown/{kernel}?token={desk.token}"
    assert visitor.post(shut, headers=headers, timeout=SECONDS).status_code == 403
    gone = visitor.delete(f"{desk.url}api/kernels/{kernel}", headers=headers, timeout=SECONDS)
    assert gone.status_code == 403
    assert (
        visitor.post(f"{desk.url}login", {"password": desk.token}, headers=headers, timeout=SECONDS).status_code == 403
    )

    assert visitor.get(f"{desk.url}api/kernels/{kernel}", timeout=SECONDS).ok


def test_the_token_is_on_no_command_line_and_in_no_log(desk: DeskPage, opened: tuple[requests.Session, str]) -> None:
    """The terminal shows the link once; whatever is asked for with it is logged without, refused or not."""
    for route in ("", "nothing", f"api/kernels/{KERNEL}"):
        requests.get(f"{desk.url}{route}?token={desk.token}", headers={"Host": "evil.example"}, timeout=SECONDS)
        requests.post(f"{desk.url}{route}?token={desk.token}", timeout=SECONDS)
    processes = [desk.server, *desk.server.children(recursive=True)]

    assert [each for each in processes if desk.token in " ".join(each.cmdline())] == []
    assert [each for each in desk.kernels() if desk.token in str(each.environ())] == []
    assert desk.log.read_text(encoding="utf-8").count(desk.token) == 1


def test_a_token_of_ones_own(tmp_path: Path) -> None:
    """From the environment: it is not printed, and what the kernel starts does not have it."""
    with serving_desk(tmp_path, own_token="mine-for-the-wall") as desk:
        assert "mine-for-the-wall" not in desk.log.read_text(encoding="utf-8")
        assert requests.get(desk.url, timeout=SECONDS).url.startswith(f"{desk.url}login")

        answer = requests.get(f"{desk.url}login?token=mine-for-the-wall", allow_redirects=False, timeout=SECONDS)

        assert answer.status_code == 302


@pytest.mark.parametrize("argument", ["--token=mine", "--Voila.token=mine", "--IdentityProvider.token="])
def test_a_token_on_the_command_line_is_refused(argument: str) -> None:
    """Everybody on the computer can read it there."""
    with pytest.raises(LabError, match="JUPYTER_TOKEN"):
        jupyter.launch_desk(["--no-browser", argument])


@pytest.fixture
def unstarted(tmp_path: Path) -> Iterator[DeskServer]:
    """A desk that does not serve yet."""
    before = signal.getsignal(signal.SIGTERM)
    server = DeskServer(connection_dir=str(tmp_path))
    server.initialize([str(ROOT / NOTEBOOKS / DESK_NOTEBOOK)])
    yield server
    signal.signal(signal.SIGTERM, before)


def test_every_route_is_guarded(unstarted: DeskServer) -> None:
    """Also one that comes with a newer Voilà, and those of its other ways to serve."""
    unstarted.voila_configuration.preheat_kernel = False
    unstarted.voila_configuration.progressive_rendering = True
    unstarted.init_settings()

    assert [route for route in unstarted.init_handlers() if not issubclass(route[1], Guarded)] == []


def test_the_browser_is_sent_by_a_file_and_not_by_its_command_line(
    unstarted: DeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stands in the folder of the kernels' keys, which only this user can enter."""
    opened: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr("webbrowser.get", lambda _name: SimpleNamespace(open=lambda url, new: opened.put(url)))
    unstarted.app = SimpleNamespace(settings=unstarted.init_settings())

    unstarted.launch_browser()

    token = unstarted.identity_provider.token
    page = Path(unstarted.connection_dir) / "open.html"
    assert opened.get(timeout=SECONDS) == page.as_uri()
    assert f"url=http://127.0.0.1:8866/?token={token}" in page.read_text(encoding="utf-8").replace(
        "localhost", "127.0.0.1"
    )


def test_the_token_cannot_be_switched_off(unstarted: DeskServer) -> None:
    """Not by a file of settings either."""
    unstarted.token = ""

    with pytest.raises(LabError, match="without a token"):
        unstarted.init_settings()


@pytest.mark.parametrize(
    ("ip", "hub", "any_name"),
    [("127.0.0.1", "", False), ("::1", "", False), ("localhost", "", False), ("192.0.2.7", "", True), ("", "", True),
     ("127.0.0.1", "/user/alice/", True)],
)  # fmt: skip
def test_which_names_are_known(
    unstarted: DeskServer, monkeypatch: pytest.MonkeyPatch, ip: str, hub: str, any_name: bool
) -> None:
    """Who serves to others has a name that we do not know, and so has a hub; the token is wanted all the same."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", hub)
    unstarted.ip = ip

    assert unstarted.init_settings()["allow_remote_access"] is any_name
