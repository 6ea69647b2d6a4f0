"""The kernels of the desk's pages: they end when their page is gone, never before, and are not more than may be."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
import requests
from desk_page import DeskPage, KernelSocket, kernel_in, serving_desk

from labkit.app.kernels import PING_INTERVAL_MS, DeskKernels

pytestmark = [pytest.mark.process, pytest.mark.alone, pytest.mark.timeout(240)]

MOST = 3
SECONDS = 60


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPage]:
    """The desk with the same settings as always, and shorter times."""
    with serving_desk(
        tmp_path_factory.mktemp("desk"),
        "--MappingKernelManager.cull_idle_timeout=2",
        "--MappingKernelManager.cull_interval=1",
        f"--DeskKernels.most_kernels={MOST}",
        "--Voila.tornado_settings={'ws_ping_interval': 500, 'ws_ping_timeout': 10000}",
    ) as page:
        yield page


@pytest.fixture
def visitor(desk: DeskPage) -> requests.Session:
    """Somebody with the cookie; no page of former visitors is left."""
    _, left = psutil.wait_procs(desk.kernels(), timeout=SECONDS)
    assert left == []
    visitor = desk.visitor()
    while GOT and visitor.get(f"{desk.url}api/kernels/{GOT[-1]}", timeout=SECONDS).ok:
        pass  # the process has ended, and the server does not know it yet
    return visitor


GOT: list[str] = []
"""The kernels of former pages."""


def get(desk: DeskPage, visitor: requests.Session) -> tuple[str, psutil.Process]:
    """Get the page and nothing else; its kernel by id and process."""
    before = desk.kernels()
    kernel = kernel_in(visitor.get(desk.url, timeout=SECONDS).text)
    GOT.append(kernel)
    (process,) = set(desk.kernels()) - set(before)
    return kernel, process


def test_the_first_kernel_was_begun_with_the_desk(desk: DeskPage, visitor: requests.Session) -> None:
    """It has read its libraries while Voilà was read; the next one is started for its page."""
    began = {child.pid for child in desk.server.children() if "labkit.app.warm_kernel" in child.cmdline()}
    (_, first), (_, second) = get(desk, visitor), get(desk, visitor)

    assert {first.pid} == began
    assert second.pid not in began


def test_the_kernel_of_a_page_that_is_open_goes_on(desk: DeskPage, visitor: requests.Session) -> None:
    """One that nobody came for ends, and so does the other when its page is closed."""
    kernel, process = get(desk, visitor)
    page = KernelSocket.of(desk, visitor, kernel)
    _, bare = get(desk, visitor)
    while bare.is_running() and bare.status() != psutil.STATUS_ZOMBIE:
        page.replies(page.send("kernel_info_request", {}))
    assert process in desk.kernels()

    page.socket.close()

    assert psutil.wait_procs([process], timeout=SECONDS)[1] == []


def test_the_kernel_of_a_page_that_fell_silent_ends(desk: DeskPage, visitor: requests.Session) -> None:
    """A laptop that sleeps closes nothing: its page does not answer any more."""
    kernel, process = get(desk, visitor)
    page = KernelSocket.of(desk, visitor, kernel)

    assert psutil.wait_procs([process], timeout=SECONDS)[1] == []
    page.socket.shutdown()


def test_there_are_not_more_kernels_than_may_be(desk: DeskPage, visitor: requests.Session) -> None:
    """However many pages are asked for: the others are told what to do, and no kernel is started for a HEAD."""
    assert visitor.head(desk.url, timeout=SECONDS).status_code == 405
    answers = [visitor.get(desk.url, timeout=SECONDS, stream=True) for _ in range(MOST + 3)]

    assert [answer.status_code for answer in answers] == [200] * MOST + [503] * 3
    assert "close one" in answers[-1].text
    assert len(desk.kernels()) == MOST
    for answer in answers:
        answer.close()


def test_a_page_that_is_gone_is_known_within_two_minutes() -> None:
    """Three pings, the timeout, and the longest time until somebody looks."""
    kernels = DeskKernels()

    assert 4 * PING_INTERVAL_MS / 1000 + kernels.cull_idle_timeout + kernels.cull_interval < 120
