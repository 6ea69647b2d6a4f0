"""How JupyterHub is told what the workshop is: for JupyterHub 5 and 6."""

from __future__ import annotations

from traitlets.config import Config

from workshop import inside, passwords, proxy, services
from workshop.authenticator import ParticipantAuthenticator
from workshop.participant_home import NAME_PATTERN, NOTEBOOKS
from workshop.settings import FOLDER_VARIABLE, SPAWN_SECONDS, Workshop
from workshop.spawner import ParticipantSpawner

FIRST_NOTEBOOK = "/lab/tree/00_start_here.ipynb"
_EXTENSIONS_OFF = ("jupyter_lsp", "jupyter_server_terminals", "notebook_shim", "voila.server_extension")
"""What no lesson uses costs each server 8 MiB and a quarter of a second."""
_FROM_OURS = ["JUPYTER_CONFIG_PATH", "JUPYTER_PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TZ"]


def configure(c: Config, workshop: Workshop) -> None:
    """Write down all that differs from JupyterHub's own defaults."""
    _addresses(c, workshop)
    _hub(c, workshop)
    _people(c, workshop)
    _servers(c, workshop)
    c.JupyterHub.services = services.services(workshop)
    c.JupyterHub.load_roles = services.roles(workshop)


def _addresses(c: Config, workshop: Workshop) -> None:
    """Only the proxy's own port is for people; the others are for this machine."""
    c.JupyterHub.bind_url = workshop.url
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{workshop.hub_port}"
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{workshop.proxy_api_port}"
    c.ConfigurableHTTPProxy.auth_token = proxy.token(workshop)


def _hub(c: Config, workshop: Workshop) -> None:
    c.JupyterHub.cleanup_servers = False  # the end of the hub is nobody's end; `make workshop-end` ends all
    c.JupyterHub.db_url = f"sqlite:///{workshop.hub_folder / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(workshop.hub_folder / "cookie_secret")
    c.JupyterHub.last_activity_interval = services.look_seconds(workshop)
    c.JupyterHub.pid_file = str(workshop.hub_folder / "hub.pid")


def _people(c: Config, workshop: Workshop) -> None:
    c.JupyterHub.authenticator_class = ParticipantAuthenticator
    c.Authenticator.allow_all = not workshop.names
    c.Authenticator.allowed_users = {*workshop.names, workshop.admin} if workshop.names else set()
    c.Authenticator.admin_users = {workshop.admin}
    c.FirstUseAuthenticator.dbm_path = str(passwords.file_of(workshop))
    c.JupyterHub.template_vars = {"announcement_login": _first_login(workshop)}
    c.Authenticator.username_pattern = NAME_PATTERN


def _first_login(workshop: Workshop) -> str:
    """For the login page, where nobody says otherwise that the first password is the one that counts."""
    name = "Type your name as it is on the list" if workshop.names else "Choose a name of small letters and digits"
    return (
        f"Here for the first time? {name}, and choose a password of {passwords.LEAST} characters or more: "
        "it is yours from then on."
    )


def _servers(c: Config, workshop: Workshop) -> None:
    off = dict.fromkeys(_EXTENSIONS_OFF, False)
    c.JupyterHub.spawner_class = ParticipantSpawner
    c.JupyterHub.concurrent_spawn_limit = 0  # beyond it people are sent away, and here they stand in a queue
    c.ParticipantSpawner.workshop = workshop
    c.ParticipantSpawner.cmd = inside.COMMAND
    pings = {"ws_ping_interval": 1000 * services.ping_seconds(workshop)}
    c.ParticipantSpawner.args = [
        f"--ServerApp.jpserver_extensions={off!r}",
        f"--ServerApp.tornado_settings={pings!r}",
    ]
    c.ParticipantSpawner.notebook_dir = f"~/{NOTEBOOKS}"
    c.ParticipantSpawner.default_url = FIRST_NOTEBOOK
    c.ParticipantSpawner.env_keep = _FROM_OURS
    c.ParticipantSpawner.start_timeout = SPAWN_SECONDS
    c.ParticipantSpawner.http_timeout = 120
    c.ParticipantSpawner.environment = {
        FOLDER_VARIABLE: str(workshop.folder),
        "JUPYTERHUB_ACTIVITY_INTERVAL": str(services.look_seconds(workshop)),
    }
