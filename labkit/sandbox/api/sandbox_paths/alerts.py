"""What Twilio's debugger would show: `/_sandbox/alerts`; see `labkit/sandbox/alert_log.py`."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from labkit.sandbox.api.render import answer, moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.service import Service
from labkit.settings import hide_passwords


async def alerts(place: RequestContext, service: Service) -> web.Response:
    """Those of this account, oldest first."""
    kept = service.alerts.of(place.account_sid)
    shown = [{**asdict(alert), "at": moment(alert.at), "text": hide_passwords(alert.text)} for alert in kept]
    return answer({"alerts": shown})


ROUTES = (Route("GET", "/_sandbox/alerts", alerts, needs=Service, for_every_account=True),)
