"""What a panel does, as lines to copy: for the official Python SDK, and for curl in a POSIX shell.

No line holds the Auth Token or the secret of an API key: they are taken from where Twilio's own examples keep them, the
environment variables TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET. Every value
is quoted, whoever wrote it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from pprint import pformat
from typing import Any

from labkit.vocabulary import wire_name

Pairs = Iterable[tuple[str, str]]

CREDENTIALS = '"$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN"'
CREDENTIALS_IN_PYTHON = (
    "import os; os.environ.update(TWILIO_ACCOUNT_SID=lab.client.username, TWILIO_AUTH_TOKEN=lab.client.password)"
)
"""What sets the two variables in a notebook, for the cells below that begin with %%sh."""
API_KEY_IN_PYTHON = """\
import json, os

key = json.loads(lab.client.request("POST", "https://taskrouter.twilio.com/_sandbox/keys").text)
os.environ.update(TWILIO_ACCOUNT_SID=key["account_sid"])
os.environ.update(TWILIO_API_KEY_SID=key["sid"], TWILIO_API_KEY_SECRET=key["secret"])"""
"""What makes an API key in a sandbox, and sets the three variables that a Worker token takes."""


def create_in_python(attributes: Mapping[str, Any], *, workspace_sid: str, options: Mapping[str, Any]) -> str:
    """A Task created with the SDK; `client` is the lab's own or one made as the second line says.

    Args:
        attributes: of the Task.
        workspace_sid: where.
        options: the SDK's other arguments; those that are None are left out.
    """
    arguments = [f"    attributes=json.dumps({attributes!r}),"]
    arguments += [f"    {name}={value!r}," for name, value in options.items() if value is not None]
    return "\n".join(
        [
            "import json",
            "",
            "client = lab.client  # outside of the lab: twilio.rest.Client(), which reads your TWILIO_… variables",
            f"task = client.taskrouter.v1.workspaces({workspace_sid!r}).tasks.create(",
            *arguments,
            ")",
        ]
    )


def target_workers_in_python(expression: str, *, workspace_sid: str, task_queue_sid: str) -> str:
    """A TaskQueue given this expression with the SDK; without a SID, one that is made with it."""
    queues = f"lab.client.taskrouter.v1.workspaces({workspace_sid!r}).task_queues"
    if task_queue_sid:
        return f"{queues}({task_queue_sid!r}).update(\n    target_workers={expression!r},\n)"
    return f"{queues}.create(\n    friendly_name='My TaskQueue',\n    target_workers={expression!r},\n)"


def configuration_in_python(configuration: Any, *, workspace_sid: str, workflow_sid: str) -> str:
    """A Workflow given this configuration with the SDK; without a SID, one that is made with it."""
    workflows = f"lab.client.taskrouter.v1.workspaces({workspace_sid!r}).workflows"
    call = f"({workflow_sid!r}).update(" if workflow_sid else ".create(friendly_name='My Workflow', "
    return "\n".join(
        [
            "import json",
            "",
            f"configuration = {pformat(configuration, width=100, sort_dicts=False)}",
            f"{workflows}{call}configuration=json.dumps(configuration))",
        ]
    )


def worker_token_in_python(
    *, workspace_sid: str, worker_sid: str, identity: str, role: str, lifetime_seconds: int
) -> str:
    """A Worker token made with the SDK, by the API key in the environment; `jwt` is the token."""
    variables = ("TWILIO_ACCOUNT_SID", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET")
    return "\n".join(
        [
            "import os",
            "",
            "from twilio.jwt.access_token import AccessToken",
            "from twilio.jwt.access_token.grants import TaskRouterGrant",
            "",
            "token = AccessToken(",
            *(f'    os.environ["{name}"],' for name in variables),
            f"    identity={identity!r},",
            f"    ttl={lifetime_seconds!r},",
            ")",
            "grant = TaskRouterGrant(",
            f"    workspace_sid={workspace_sid!r},",
            f"    worker_sid={worker_sid!r},",
            f"    role={role!r},",
            ")",
            "token.add_grant(grant)",
            "jwt = token.to_jwt()",
        ]
    )


def create_in_curl(
    attributes: Mapping[str, Any], *, base_url: str, workspace_sid: str, options: Mapping[str, Any]
) -> str:
    """The same Task created with curl; `options` by the names of the SDK, which say them in snake case."""
    form = [("Attributes", json.dumps(attributes, ensure_ascii=False))]
    form += [(wire_name(name), str(value)) for name, value in options.items() if value is not None]
    return rest_in_curl("POST", f"{base_url}/v1/Workspaces/{workspace_sid}/Tasks", form=form)


def rest_in_curl(method: str, url: str, *, form: Pairs) -> str:
    """A call of the REST API, with the credentials from the environment."""
    return _lines([*_request(method, url), f"-u {CREDENTIALS}", *_fields(form)])


def callback_in_curl(method: str, url: str, *, headers: Pairs, form: Pairs, body: str) -> str:
    """A callback as TaskRouter sent it; the headers are those that it takes to be accepted again.

    Args:
        method: as sent.
        url: the one that was signed.
        headers: such as `X-Twilio-Signature`, which says nothing of the token.
        form: its fields; without any, `body` is sent as it is.
        body: its body.
    """
    shown = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers]
    fields = _fields(form) or ([f"--data-raw {shlex.quote(body)}"] if body else [])
    return _lines([*_request(method, url), *shown, *fields])


def _request(method: str, url: str) -> list[str]:
    return [f"curl {shlex.quote(url)}" if method == "GET" else f"curl -X {shlex.quote(method)} {shlex.quote(url)}"]


def _fields(form: Pairs) -> list[str]:
    return [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in form]


def _lines(parts: Iterable[str]) -> str:
    return " \\\n  ".join(parts)
