"""A public address through ngrok, as a lab holds it: opened once, closed for certain."""

from __future__ import annotations

import atexit
import getpass
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from labkit.errors import TunnelError
from labkit.settings import Secret
from labkit.tunnel import ngrok_cleanup, ngrok_config, ngrok_errors
from labkit.tunnel.ngrok_agent import NgrokAgent
from labkit.tunnel.outside_check import ProbeOffice, check_from_outside
from labkit.tunnel.outside_failures import OutsideCheck

Ask = Callable[[str], str]

NOTICE_SECONDS = (1.0, 2.0, 4.0)
"""How long ngrok's service is given to notice that an agent has ended, before each further attempt."""

PROMPT = f"ngrok authtoken (from {ngrok_errors.TOKEN_PAGE}; for this kernel, it is not kept): "
FIRST_PAGE = (
    "ngrok's free plan shows a browser a page of its own first (ERR_NGROK_6024): press 'Visit Site' there. "
    "TaskRouter's callbacks never see it."
)
_CHECK_SECONDS = 4.0
_FREE_DOMAIN = re.compile(r"\.ngrok-free\.[a-z]+$")


def ask_privately(prompt: str) -> str:
    """Ask in the notebook or the terminal, without echo.

    Raises:
        EOFError, NotImplementedError: nobody can be asked.
    """
    # Looked up now, not when this module was imported: a kernel puts its own in its place while a cell runs.
    in_kernel = getattr(getpass.getpass, "__module__", "") != "getpass"
    if not in_kernel and not (sys.stdin is not None and sys.stdin.isatty()):
        raise EOFError("nobody to ask")
    return getpass.getpass(prompt)


class Ngrok:
    """An ngrok tunnel. One agent at most; closed at `close()` and at exit.

    Args:
        authtoken: ngrok's authtoken; when None, that of ngrok's own configuration file, else it is asked for.
        path: the ngrok program; None for pyngrok's own, which is downloaded when it is not there.
        domain: a domain reserved at ngrok, such as `name.ngrok-free.app`; None for one that ngrok gives.
        deadline_seconds: how long opening may take in all.
        ask: called with a prompt when the authtoken is missing; None to never ask.

    Attributes:
        outside: what came of asking its address from outside; None before that, and after `close`.
    """

    name = "ngrok"

    def __init__(
        self,
        authtoken: Secret | None = None,
        *,
        path: Path | None = None,
        domain: str | None = None,
        deadline_seconds: float = 20.0,
        ask: Ask | None = ask_privately,
    ) -> None:
        self._given = authtoken
        self._asked: Secret | None = None
        self._path = path
        self._domain = domain
        self._deadline = deadline_seconds
        self._ask = ask
        self._agent: NgrokAgent | None = None
        self._port = 0
        self._lock = threading.RLock()
        self.outside: OutsideCheck | None = None
        self._checked_url = ""

    def __repr__(self) -> str:
        return f"<Ngrok: {self.url or 'closed'}>"

    @property
    def url(self) -> str | None:
        """The address outside, such as `https://name.ngrok-free.app`; None while closed, or when its agent ended."""
        agent = self._agent
        return agent.url if agent is not None and agent.alive else None

    @property
    def ended(self) -> bool:
        """Whether its agent has ended by itself, or by somebody else's hand: nobody has closed it."""
        agent = self._agent
        return agent is not None and not agent.alive

    @property
    def trouble(self) -> str:
        """Why nothing may come in although it is open; empty while all is well.

        The agent has lost ngrok's service, or that answered itself when the address was last asked from outside.
        """
        agent = self._agent
        if agent is None or not agent.alive:
            return ""
        return agent.session.trouble or (self.outside.text if self.outside and self.outside.ngrok_code else "")

    @property
    def note(self) -> str:
        """What a person who opens the address in a browser should know: ngrok's free plan shows a page first.

        It is for pages that a browser asks for: what a program sends and asks for passes
        (https://ngrok.com/docs/pricing-limits/free-plan-limits).
        """
        return FIRST_PAGE if _FREE_DOMAIN.search(urlsplit(self.url or "").hostname or "") else ""

    @property
    def is_checked(self) -> bool:
        """Whether its address of now was asked from outside; a closed one has none."""
        return self.url in (None, self._checked_url)

    def check(self, probes: ProbeOffice) -> OutsideCheck | None:
        """Ask its address from outside whether ngrok leads on to the server of these probes; None while closed.

        Only ngrok's own refusal counts as a trouble: an answer of a company's proxy says nothing of what TaskRouter,
        which is elsewhere, would get. Takes some seconds at most.
        """
        url = self.url
        self.outside = check_from_outside(url, probes, all_seconds=_CHECK_SECONDS) if url else None
        self._checked_url = url or ""
        return self.outside

    def look(self) -> None:
        """See what has become of it, within two seconds: its address may be another one now. Never raises."""
        agent = self._agent
        if agent is not None and agent.alive:
            agent.look()

    def open(self, port: int) -> str:
        """Lead a public address to `port` of 127.0.0.1, and return it. The same again while it is open.

        Raises:
            TunnelError: there is no tunnel; says why and what to do, with ngrok's code where there is one.
        """
        with self._lock:
            if self._agent is not None and self._agent.alive and self._port == port:
                return self._agent.url
            had_one = self._agent is not None
            self.close()
            ended = ngrok_cleanup.clear()
            try:
                agent = self._start_again(port) if ended or had_one else self._start(port)
            except TunnelError as error:
                raise self._reason(error) from None
            self._agent, self._port = agent, port
            atexit.register(self.close)
            return agent.url

    def close(self) -> None:
        """End the tunnel and its process, within a few seconds. May be called twice."""
        with self._lock:
            agent, self._agent = self._agent, None
            self.outside, self._checked_url = None, ""
            if agent is not None:
                agent.end()
                atexit.unregister(self.close)

    def describe(self) -> str:
        """Its state in a line, for people."""
        return f"ngrok: {self.url} → 127.0.0.1:{self._port}" if self.url else "ngrok: closed"

    def _start_again(self, port: int) -> NgrokAgent:
        """Start where an agent has just ended: ngrok's service may count that one for a moment longer."""
        for seconds in NOTICE_SECONDS:
            try:
                return self._start(port)
            except TunnelError as error:
                if error.ngrok_code not in ngrok_errors.ONLINE_CODES:
                    raise
            time.sleep(seconds)
        return self._start(port)

    def _reason(self, error: TunnelError) -> TunnelError:
        """Why there is no tunnel, with what only this computer knows of it."""
        if error.ngrok_code in ngrok_errors.TOKEN_CODES and self._given is None:
            if self._asked is None:
                return ngrok_errors.from_file(error, path=ngrok_config.config_path())
            self._asked = None  # so that the next attempt asks anew
        others = ngrok_cleanup.owners_of_others() if error.ngrok_code in ngrok_errors.ONLINE_CODES else []
        return ngrok_errors.online_here(error, owners=others) if others else error

    def _start(self, port: int) -> NgrokAgent:
        return NgrokAgent(
            self._token(), port=port, path=self._path, domain=self._domain, deadline_seconds=self._deadline
        )

    def _token(self) -> Secret:
        known = self._given or self._asked or ngrok_config.read_authtoken()
        if known is not None:
            return known
        answer = ""
        if self._ask is not None:
            try:
                answer = ngrok_config.token_in(self._ask(PROMPT))
            except (EOFError, NotImplementedError, OSError):  # a kernel that cannot ask says NotImplementedError
                answer = ""
        if not answer:
            raise ngrok_errors.missing_token()
        self._asked = Secret(answer)
        return self._asked
