"""The Flask app: routes, checks, answers. It knows nothing of threads, ports or notebooks.

Every request is recorded, whatever became of it, but those of the agent page, which hold secrets. Input can make a 4xx
only; a 5xx would be a mistake of ours.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, NotFound

from labkit import limits
from labkit.callback_events import ASSIGNMENT_ROUTE, EVENT_ROUTE, AssignmentCallback, EventCallback, route_of
from labkit.callbacks.agent_page.routes import AgentPageRoutes
from labkit.callbacks.exchanges import (
    BODY_LIMIT,
    LINE_LIMIT,
    STRANGER_LIMIT,
    STRANGER_LINE,
    Exchange,
    ExchangeLog,
    Verdict,
    cut,
    shown_form,
    shown_headers,
    shown_url,
)
from labkit.callbacks.forms import BODY_BYTES, CallbackRefused, callback_fields, read_params
from labkit.callbacks.page import render_page
from labkit.callbacks.page_password import PagePassword
from labkit.callbacks.policy import JSON, AnswerPolicy
from labkit.callbacks.probes import PARAMETER, Probes
from labkit.callbacks.public_prefix import KEPT, PublicPrefix
from labkit.callbacks.signature import HEADER, Params, SignatureCheck
from labkit.callbacks.signature_mismatch import FORWARDED, MismatchSearch, UnfitRequest
from labkit.callbacks.told_urls import ToldUrls
from labkit.settings import hide_passwords
from labkit.stream import EventStream, Kind

ROUTES = {
    f"POST {ASSIGNMENT_ROUTE}": "TaskRouter asks what to do with a Reservation",
    f"POST {EVENT_ROUTE}": "TaskRouter reports an event",
    "GET /": "a page that says whether callbacks have arrived",
    "GET /healthz": "who is serving here",
}

View = Callable[[], Any]
"""A Flask view without arguments, as somebody writes it in a cell."""

_HOST_HIDDEN = (
    ", though under another name: have the proxy pass the Host header on (nginx: proxy_set_header Host $host), or the "
    "lab cannot tell who comes from outside, and only the agent page's links keep strangers from it"
)

_PATIENCE_SECONDS = {
    ASSIGNMENT_ROUTE: limits.ASSIGNMENT_CALLBACK_SECONDS,
    EVENT_ROUTE: limits.EVENT_CALLBACK_SECONDS,
}


def create_app(
    *,
    stream: EventStream,
    policy: AnswerPolicy,
    exchanges: ExchangeLog,
    signatures: SignatureCheck,
    public_url: Callable[[], str],
    told_urls: ToldUrls,
    probes: Probes,
    own_views: Mapping[str, View],
    agent_page: AgentPageRoutes,
    page_password: PagePassword,
) -> Flask:
    """A Flask app that answers TaskRouter's callbacks.

    Args:
        stream: gets `ASSIGNMENT` and `EVENT` for each callback that passes all checks, `EXCHANGE` for every request.
        policy: what assignment callbacks are answered with.
        exchanges: where every request and its answer is kept.
        signatures: the check of `X-Twilio-Signature`.
        public_url: gives the address TaskRouter was told, without a slash at its end, such as `https://x.example`.
        told_urls: what else it was told at other times; tried where a signature is wrong.
        probes: told of each that comes in.
        own_views: what answers assignment callbacks at `/assignment_callback/<name>`, by that name.
        agent_page: what serves a Worker's own page.
        page_password: what asks for a password before the pages that people open.
    """
    app = Flask("labkit.callbacks", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False  # else //x is redirected, and TaskRouter's POST with it
    routes = _Routes(
        stream,
        policy=policy,
        exchanges=exchanges,
        signatures=signatures,
        public_url=public_url,
        told_urls=told_urls,
        probes=probes,
        own_views=own_views,
    )
    routes.add_to(app)
    agent_page.add_to(app)
    app.before_request(page_password.check)
    app.wsgi_app = PublicPrefix(app.wsgi_app, public_url=public_url)  # type: ignore[method-assign]  # Flask's own way
    return app


class _Routes:
    """The views and hooks, and the parts that they share."""

    def __init__(
        self,
        stream: EventStream,
        *,
        policy: AnswerPolicy,
        exchanges: ExchangeLog,
        signatures: SignatureCheck,
        public_url: Callable[[], str],
        told_urls: ToldUrls,
        probes: Probes,
        own_views: Mapping[str, View],
    ) -> None:
        self._stream = stream
        self._policy = policy
        self._exchanges = exchanges
        self._signatures = signatures
        self._mismatches = MismatchSearch(signatures)
        self._public_url = public_url
        self._told_urls = told_urls
        self._probes = probes
        self._own_views = own_views

    def add_to(self, app: Flask) -> None:
        app.add_url_rule(ASSIGNMENT_ROUTE, view_func=self.assignment, methods=["POST"])
        app.add_url_rule(f"{ASSIGNMENT_ROUTE}/<name>", view_func=self.own_assignment, methods=["POST"])
        app.add_url_rule(EVENT_ROUTE, view_func=self.event, methods=["POST"])
        app.add_url_rule("/", view_func=self.page, methods=["GET"])
        app.add_url_rule("/healthz", view_func=self.health, methods=["GET"])
        app.register_error_handler(CallbackRefused, self.refused)
        app.register_error_handler(HTTPException, self.not_served)
        app.register_error_handler(Exception, self.failed)
        app.before_request(self.begin)
        app.after_request(self.record)

    def assignment(self) -> Response:
        fields = self._asked_what_to_do()
        reply = self._policy.reply_for(fields)
        _call().error = reply.error
        return Response(reply.body, status=reply.status, content_type=reply.content_type)

    def own_assignment(self, name: str) -> Response:
        view = self._own_views.get(name)
        if view is None:
            raise NotFound
        self._asked_what_to_do()
        try:
            return current_app.make_response(view())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner's view may raise anything, even by exit()
            _call().error = f"The view {cut(name, 60)!r} failed: {type(error).__name__}: {cut(str(error), 300)}"
            return _json(500, {"error": "The view failed; the lab's exchange log says how."})

    def event(self) -> Response:
        event = EventCallback.from_form(self._verified("EventType"))
        self._stream.publish_once(Kind.EVENT, event, key=event.sid)
        return Response(status=HTTPStatus.NO_CONTENT, content_type=JSON)

    def page(self) -> Response:
        routes = [(route, self._exchanges.arrivals(route)) for route in _PATIENCE_SECONDS]
        return render_page(seen=shown_url(request.base_url), told=self._public_url(), routes=routes)

    def health(self) -> Response:
        """Who is serving here, for another lab that wanted the same port, and for this one that looks from outside."""
        self._probes.take(request.args.get(PARAMETER, ""), way=_way(_request(), self._public_url()))
        # Jupyter tells its kernels the notebook's path; the name is enough, and the page is open to the world.
        session = os.environ.get("JPY_SESSION_NAME")
        return _json(
            200, {"app": "labkit", "pid": os.getpid(), "notebook": PurePath(session).name if session else None}
        )

    def refused(self, refusal: CallbackRefused) -> Response:
        _call().error = refusal.detail
        return _json(refusal.status, {"error": str(refusal)})

    def not_served(self, error: HTTPException) -> Response:
        path = cut(request.path, 200)
        text = {
            404: f"Nothing is served at {path}.",
            405: f"{path} does not take {cut(request.method, 20)}.",
        }.get(error.code or 0, error.description or error.name)
        _call().error = text
        response = _json(error.code or 400, {"error": text, "routes": ROUTES})
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    def failed(self, error: Exception) -> Response:
        # What the request held was too strange to be read, as opposed to a mistake of ours.
        unreadable = isinstance(error, (ValueError, RecursionError))
        _call().error = f"{type(error).__name__}: {cut(str(error), 300)}"
        text = "The request cannot be read." if unreadable else "The lab failed here; its exchange log says how."
        return _json(400 if unreadable else 500, {"error": text})

    def begin(self) -> None:
        g.call = _Call(time.perf_counter(), datetime.now(UTC))

    def record(self, response: Response) -> Response:
        if AgentPageRoutes.serves(request.path):
            return response
        exchange = self._exchanges.add(self._exchange(_request(), response, _call()))
        self._stream.publish(Kind.EXCHANGE, exchange.as_dict())
        return response

    def _asked_what_to_do(self) -> dict[str, str]:
        """The fields of an assignment callback, which everybody who follows the stream hears of too."""
        fields = self._verified("ReservationSid")
        self._stream.publish(Kind.ASSIGNMENT, AssignmentCallback.from_form(fields))
        return fields

    def _verified(self, needed: str) -> dict[str, str]:
        """The fields of a callback that passed all checks: size, then signature, then form."""
        asked, call = _request(), _call()
        if (asked.content_length or 0) > BODY_BYTES:
            raise CallbackRefused(413, f"The body is over {BODY_BYTES:,} bytes; no callback of TaskRouter's is.")
        body = asked.get_data()
        params = call.params = read_params(body, asked.mimetype)
        self._check_signature(asked, call, params)
        return callback_fields(params, body=body, content_type=asked.mimetype, needed=needed)

    def _check_signature(self, asked: Request, call: _Call, params: Params | str) -> None:
        signature, url = asked.headers.get(HEADER), self._public_url() + _target(asked)
        call.verdict = self._signatures.verdict(signature, url=url, params=params)
        if not signature:
            raise CallbackRefused(403, f"There is no {HEADER}, so this did not come from TaskRouter.")
        if call.verdict == "wrong":
            why = self._mismatches.explain(self._unfit(asked, signature, params))
            raise CallbackRefused(403, f"{HEADER} is wrong.", detail=why)

    def _unfit(self, asked: Request, signature: str, params: Params | str) -> UnfitRequest:
        public_url, target = self._public_url(), _target(asked)
        return UnfitRequest(
            signature=signature,
            told=public_url + target,
            seen=_url_seen(asked),
            prefix=urlsplit(public_url).path,
            params=params,
            body=asked.get_data(),
            forwarded={name: asked.headers.get(name, "") for name in FORWARDED},
            known=self._told_urls.likely(target),
        )

    def _exchange(self, asked: Request, response: Response, call: _Call) -> Exchange:
        known = call.verdict == "valid"
        limit, line = (BODY_LIMIT, LINE_LIMIT) if known else (STRANGER_LIMIT, STRANGER_LINE)
        milliseconds = (time.perf_counter() - call.started) * 1000
        return Exchange(
            at=call.at,
            method=cut(asked.method, 20),
            path=shown_url(asked.path),
            url_seen=shown_url(_url_seen(asked)),
            signed_url=shown_url(self._public_url() + _target(asked)),
            headers=shown_headers(asked.headers.items(), line),
            body=_body_text(asked, limit),
            form=shown_form(call.params, limit) if isinstance(call.params, Params) else {},
            status=response.status_code,
            response_headers=shown_headers(response.headers.items()),
            response_body=cut(hide_passwords(response.get_data().decode("utf-8", "replace")), BODY_LIMIT),
            milliseconds=round(milliseconds, 3),
            signature=call.verdict,
            error=call.error or _too_late(asked.path, milliseconds / 1000),
        )


@dataclass(slots=True)
class _Call:
    """What becomes known about a request while it is answered."""

    started: float
    at: datetime
    params: Params | str | None = None
    verdict: Verdict | None = None
    error: str | None = None


def _call() -> _Call:
    call: _Call = g.call
    return call


def _request() -> Request:
    """The request itself; each look through Flask's stand-in for it costs as much as what is looked for."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Werkzeug's own way
    return asked


def _target(asked: Request) -> str:
    """Path and query as they were sent, since it is their spelling that was signed."""
    sent = str(asked.environ.get("REQUEST_URI") or asked.full_path)
    if not sent.startswith("/"):
        parts = urlsplit(sent)
        sent = parts._replace(scheme="", netloc="").geturl()
    return sent


def _url_seen(asked: Request) -> str:
    return f"{asked.scheme}://{asked.host}{asked.environ.get(KEPT, '')}{_target(asked)}"


def _way(asked: Request, public_url: str) -> str:
    """What the proxy in front has done to a request on its way."""
    public, kept = urlsplit(public_url), KEPT in asked.environ
    way = f", with the path {public.path} {'left on' if kept else 'taken off'} by the proxy" if public.path else ""
    hosts = {asked.host, *(each.strip() for each in asked.headers.get("X-Forwarded-Host", "").split(","))}
    return way if public.netloc in hosts else f"{way}{_HOST_HIDDEN}"


def _body_text(asked: Request, limit: int) -> str:
    length = asked.content_length or 0
    if length > BODY_BYTES:
        return f"(not read: {length:,} bytes)"
    return cut(asked.get_data().decode("utf-8", "replace"), limit)


def _too_late(path: str, seconds: float) -> str | None:
    patience = _PATIENCE_SECONDS.get(route_of(path))
    if patience is None or seconds < patience:
        return None
    return f"The answer took {seconds:.1f} s; TaskRouter stopped waiting after {patience} s."


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status=status, content_type=JSON)
