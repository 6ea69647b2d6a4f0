"""AgentPage: a Worker's own page in a browser, and the links that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labkit.callbacks.agent_page.admissions import LINK_SECONDS, SignIn
from labkit.callbacks.agent_page.routes import PAGE
from labkit.display import Frame, Result, Section, duration
from labkit.errors import LabError
from labkit.lab.browser_address import address, through_jupyter
from labkit.lab.callback_routing import CallbackRouting
from labkit.lab.connection import Connection

if TYPE_CHECKING:
    from labkit.lab.worker_tokens import WorkerTokens
    from labkit.taskrouter.access_token import TokenRequest

TOKEN_SECONDS = 3600
"""How long a page's token lives; it gets a new one by itself."""


class AgentPage(Result):
    """A Worker's page, which a notebook shows in a frame, and text as a link. Each link works once, for ten minutes.

    Args:
        worker: the Worker's name.
        invite: makes what goes behind the `#` of a link.
        base_url: where the callback server is for the browser.
        jupyter_url: where it is for a browser that reaches the Jupyter server alone; empty if nowhere.
        public: whether the links lead in from anywhere.
        note: what whoever opens one should know, in sentences.
    """

    def __init__(
        self,
        worker: str,
        *,
        invite: Callable[[], str],
        base_url: str,
        jupyter_url: str = "",
        public: bool = False,
        note: str = "",
    ) -> None:
        self.worker = worker
        self.public = public
        self._note = note
        self._invite = invite
        self._base_url = base_url
        self._jupyter_url = jupyter_url

    def link(self) -> str:
        """A new link, which lets one page in, once, within ten minutes."""
        return f"{self._base_url}{PAGE}#{self._invite()}"

    def _link_through_jupyter(self) -> str:
        return f"{self._jupyter_url}{PAGE}#{self._invite()}"

    def _sections(self) -> Iterator[Section]:
        if self.public:
            careful = "Give a link only to the person it is for, by a way that nobody else reads."
            yield Section(
                f"Public: whoever opens a link of this page first, from anywhere, is {self.worker} from then on.",
                foot=f"{careful} {self._note}".rstrip(),
            )
        links: dict[str, Callable[[], str]] = {"Open it in a tab of its own": self.link}
        if self._jupyter_url:
            links["From another computer, through this Jupyter server"] = self._link_through_jupyter
        title = f"Agent page of {self.worker}"
        lasts = duration(LINK_SECONDS)
        foot = f"A link works once, within {lasts}; show this again for a new one. A page that is open stays."
        yield Section(title, Frame(title, address=self.link, links=links), foot=foot)


def agent_page(
    request: TokenRequest,
    *,
    tokens: WorkerTokens,
    connection: Connection,
    routing: CallbackRouting,
    public: bool,
) -> AgentPage:
    """The page of the Worker whom this request is for.

    Raises:
        LabError: it cannot be public; or as for `WorkerTokens.make`.
    """
    if public and connection.mode != "twilio":
        raise LabError(
            "Only the page of a Worker of a real account can be public: what this lab's pages speak to is reached from "
            "here alone. Leave out public=True."
        )
    tokens.check()  # what is missing is said in this cell, and not on the page

    def sign_in() -> Mapping[str, Any]:
        return {
            "token": tokens.make(request).reveal(),
            "worker": {"sid": request.worker_sid, "name": request.identity},
            "bridge": connection.event_bridge.as_options(),
        }

    return AgentPage(
        request.identity,
        invite=_invitations(routing, sign_in, public=public),
        base_url=routing.server.public_url if public else address(_port(routing)),
        jupyter_url="" if public else _other_way(_port(routing)),
        public=public,
        note=routing.tunnel.note if public else "",
    )


def _invitations(routing: CallbackRouting, sign_in: SignIn, *, public: bool) -> Callable[[], str]:
    return lambda: routing.server.agent_page.admissions.invite(sign_in, public=public)


def _port(routing: CallbackRouting) -> int:
    return urlsplit(routing.server.local_url).port or 0


def _other_way(port: int) -> str:
    """Through the Jupyter server, where that is not the way anyhow."""
    path = through_jupyter(port)
    return path if not address(port).endswith(path) else ""
