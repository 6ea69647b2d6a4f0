"""The hub of a workshop and the proxy before it: started, found again, and ended.

Both go on when the command has ended. A hub that was killed is started again beside its proxy, which has kept every
open connection, and finds its participants' servers again.
"""

from __future__ import annotations

import errno
import http.client
import socket
import sys
from pathlib import Path

from labkit.child_environment import PROXIES, PYTHON, environment_for
from workshop import proxy
from workshop.addresses import own_addresses
from workshop.daemon import Daemon, end_processes, python_path
from workshop.participants import processes_of, services_of
from workshop.room_account import account_variables
from workshop.settings import FOLDER_VARIABLE, LOOPBACK, USUAL_PORT, Workshop, WorkshopError
from workshop.warm.warming import Warming

_PASSED = ["JUPYTER_(CONFIG_)?PATH", "LABKIT_ROOM_[A-Z_]+", "REQUESTS_CA_BUNDLE"]
_CONFIG = Path(__file__).with_name("jupyterhub_config.py")


class Hub:
    """The hub of one workshop, whether it runs or not."""

    def __init__(self, workshop: Workshop) -> None:
        """Nothing is started yet."""
        self.workshop = workshop
        self.hub = Daemon(workshop.hub_folder, "hub")
        self.proxy = Daemon(workshop.hub_folder, "proxy")
        self.warming = Warming(workshop)

    def check_closed(self) -> None:
        """Look whether it may be started.

        Raises:
            WorkshopError: it runs already.
        """
        if self.hub.find() and self.proxy.find():
            raise WorkshopError(
                f"The workshop in {self.workshop.folder} is open already, at {self.workshop.url}. "
                f"`make workshop-end` ends it."
            )

    def start(self) -> None:
        """Begin what does not run of it, and wait until it takes logins.

        Raises:
            WorkshopError: it runs already; a port is taken; a folder cannot be used; it does not come up; Twilio cannot
                use its room's public address.
            SettingsError: the account that its room is to stand on is not as it should be.
        """
        account = account_variables(self.workshop)
        self.check_closed()
        self.hub.end()  # without its proxy it reaches nobody, and would not tell a new one of the servers for minutes
        self.prepare()
        self._look_for_ports()
        if not self.proxy.find():
            command = proxy.command(self.workshop, self.proxy.pid_file)
            environ = self._environ() | {proxy.TOKEN_VARIABLE: proxy.token(self.workshop)}
            self.proxy.start(command, environ=environ)
            self.proxy.wait_until(lambda: _answers(self.workshop.proxy_api_port, "/api/routes"))
        self.warming.begin()  # it reads while the hub starts
        end_processes(services_of(self.workshop))  # which a hub that was killed has left behind
        hub = [sys.executable, "-m", "jupyterhub", "--config", str(_CONFIG), "--pid-file", str(self.hub.pid_file)]
        self.hub.start(hub, environ=self._environ() | account)
        self.hub.wait_until(self._takes_logins)
        self.warming.wait()

    def stop(self) -> None:
        """End the hub, its services, every participant's processes and the proxy, and nothing else. May be repeated."""
        self.hub.end()
        end_processes([*services_of(self.workshop), *processes_of(self.workshop)])
        self.warming.end()
        self.proxy.end()

    def prepare(self) -> None:
        """Make the workshop's folders, and write down what it was asked to be.

        Raises:
            WorkshopError: there is no way to write there.
        """
        self.workshop.write()
        try:
            for folder in (self.workshop.hub_folder, self.workshop.people, self.workshop.room_folder):
                folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise WorkshopError(f"The workshop's folder cannot be used: {error}.") from None

    def _look_for_ports(self) -> None:
        """A taken port is said here, in a sentence, and not in a log."""
        wanted = [(LOOPBACK, self.workshop.hub_port)]
        if not self.proxy.find():
            wanted += [(self.workshop.host, self.workshop.port), (LOOPBACK, self.workshop.proxy_api_port)]
        for host, port in wanted:
            try:
                socket.getaddrinfo(host, port)
                with socket.create_server((host, port)):
                    pass
            except OSError as error:
                raise WorkshopError(_in_the_way(host, port, error)) from None

    def _environ(self) -> dict[str, str]:
        return environment_for([PYTHON, PROXIES, *_PASSED]) | {
            FOLDER_VARIABLE: str(self.workshop.folder),
            "PYTHONPATH": python_path(),
        }

    def _takes_logins(self) -> bool:
        return _answers(self.workshop.hub_port, "/hub/health") and proxy.leads_to_the_hub(self.workshop)


def _in_the_way(host: str, port: int, error: OSError) -> str:
    """Why nobody can listen there, and what to do."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        here = ", ".join([*own_addresses(), LOOPBACK])
        return f"{host} is no address of this machine, which has {here}. Choose one of them with --host."
    other = USUAL_PORT if error.errno == errno.EACCES else port + 10  # the next is the system's own too
    return f"Port {port} of {host} cannot be used: {error.strerror}. Choose another one, such as --port {other}."


def _answers(port: int, path: str) -> bool:
    """Whether something speaks HTTP there; what it says does not matter (the proxy wants a token)."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
