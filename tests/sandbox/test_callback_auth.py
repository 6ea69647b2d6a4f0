"""Callback URLs with a name and a password, as their receiver sees them (docs: /docs/usage/security)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable

import pytest
from sandbox.call_centre import CallCentre
from sandbox.callback_target import Answer, Received, Target
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox
from twilio.request_validator import RequestValidator

from labkit import limits
from labkit.sandbox.callback_auth import is_user_info, without_user_info
from labkit.sandbox.delivery_log import Delivery

BASIC = Answer(status=401, headers={"WWW-Authenticate": 'Basic realm="My Realm"'})
DIGEST = Answer(
    status=401, headers={"WWW-Authenticate": 'Digest realm="lab", qop="auth", nonce="n1", opaque="o1", algorithm=MD5'}
)
ACCEPT = Answer(b'{"instruction": "accept"}')


def basic(user_info: str) -> str:
    return f"Basic {b64encode(user_info.encode()).decode()}"


def md5(text: str) -> str:
    return hashlib.new("md5", text.encode(), usedforsecurity=False).hexdigest()


def with_user_info(url: str, user_info: str) -> str:
    return url.replace("://", f"://{user_info}@")


Assign = Callable[..., list[str]]


@pytest.fixture
def assign(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> Assign:
    """Makes a Task whose callback URL has a name and a password; what becomes of its Reservations."""

    def assigned(user_info: str = "me:secret", *, fallback: str = "") -> list[str]:
        centre.set_callback(with_user_info(target.url("/assign?lab=1"), user_info), fallback=fallback)
        task, _ = centre.reserved_task()
        target.wait_for("/assign")
        sandbox.settle()
        return centre.reservation_status(task.sid)

    return assigned


def first_delivery(sandbox: LocalSandbox) -> Delivery:
    return sandbox.look(lambda: sandbox.webhooks.deliveries.of(ACCOUNT))[0]


def is_signed(received: Received, url: str) -> bool:
    return bool(RequestValidator(TOKEN).validate(url, received.form, received.headers["X-Twilio-Signature"]))


def test_a_401_with_a_realm_is_asked_again_with_the_credentials(
    sandbox: LocalSandbox, assign: Assign, target: Target
) -> None:
    """First without, then the same request with them; both are one delivery, whose answer counts."""
    target.guards["/assign"], target.answers["/assign"] = BASIC, ACCEPT
    assert assign() == ["accepted"]
    first, second = target.of("/assign")
    assert "Authorization" not in first.headers
    assert second.headers["Authorization"] == basic("me:secret")
    assert (second.path, second.form) == (first.path, first.form) == ("/assign?lab=1", first.form)
    (logged,) = sandbox.look(lambda: sandbox.webhooks.deliveries.of(ACCOUNT))
    assert (logged.status, logged.error) == (200, None)


def test_the_credentials_are_not_signed(assign: Assign, target: Target) -> None:
    """They are dropped before it is made, in both requests (docs: /docs/usage/webhooks/webhooks-security)."""
    target.guards["/assign"], target.answers["/assign"] = BASIC, ACCEPT
    assign()
    url = target.url("/assign?lab=1")
    assert [is_signed(each, url) for each in target.of("/assign")] == [True, True]
    assert not is_signed(target.of("/assign")[0], with_user_info(url, "me:secret"))


def test_who_does_not_ask_gets_no_credentials(assign: Assign, target: Target) -> None:
    """A URL that answers at once has never seen them."""
    target.answers["/assign"] = ACCEPT
    assert assign() == ["accepted"]
    (received,) = target.of("/assign")
    assert "Authorization" not in received.headers


@pytest.mark.parametrize(
    ("user_info", "sent"),
    [("me%40home:s%3Acret%2F", "me@home:s:cret/"), ("me", "me:"), ("me:a:b", "me:a:b"), ("%C3%BC:%E2%82%AC", "ü:€")],
)
def test_escapes_are_read(assign: Assign, target: Target, user_info: str, sent: str) -> None:
    """A name or password has other characters as escapes, as anywhere in a URL."""
    target.guards["/assign"], target.answers["/assign"] = BASIC, ACCEPT
    assert assign(user_info) == ["accepted"]
    assert target.of("/assign")[1].headers["Authorization"] == basic(sent)


def test_digest_is_answered_too(assign: Assign, target: Target) -> None:
    """The page names both. What is sent is what RFC 7616 makes of the challenge."""
    target.guards["/assign"], target.answers["/assign"] = DIGEST, ACCEPT
    assert assign() == ["accepted"]
    said = target.of("/assign")[1].headers["Authorization"]
    fields = dict(re.findall(r'(\w+)="?([^",]*)"?', said.removeprefix("Digest ")))
    secret, asked = md5("me:lab:secret"), md5("POST:/assign?lab=1")
    assert (fields["username"], fields["uri"], fields["opaque"]) == ("me", "/assign?lab=1", "o1")
    assert fields["response"] == md5(f"{secret}:n1:{fields['nc']}:{fields['cnonce']}:auth:{asked}")
    assert "secret" not in said


@pytest.mark.parametrize(
    "headers",
    [{}, {"WWW-Authenticate": "Basic"}, {"WWW-Authenticate": 'Bearer realm="x"'}, {"WWW-Authenticate": "Digest qop=1"}],
    ids=str,
)
def test_without_a_realm_a_401_is_a_failure(
    sandbox: LocalSandbox, assign: Assign, target: Target, headers: dict[str, str]
) -> None:
    """As any 4xx: once, without the credentials, and the Reservation is canceled."""
    target.answers["/assign"] = [Answer(status=401, headers=headers), *[Answer()] * 5]
    assert assign()[0] == "canceled"
    assert all("Authorization" not in each.headers for each in target.of("/assign"))
    assert first_delivery(sandbox).remark == "the callback URL answered 401, and named no realm to log in to"


def test_credentials_that_are_refused_are_a_failure(sandbox: LocalSandbox, assign: Assign, target: Target) -> None:
    """They are sent once for each callback; the fallback, with credentials of its own, is asked then."""
    target.answers["/assign"] = BASIC
    target.guards["/fallback"], target.answers["/fallback"] = BASIC, ACCEPT
    fallback = with_user_info(target.url("/fallback"), "you:other")
    assert assign("me:wrong", fallback=fallback) == ["accepted"]
    assert [each.headers.get("Authorization") for each in target.received] == [
        None,
        basic("me:wrong"),
        None,
        basic("you:other"),
    ]
    logged = first_delivery(sandbox)
    assert (logged.status, logged.error) == (401, 11200)
    assert logged.remark == "the callback URL answered 401, with the URL's name and password too"


def test_a_url_without_credentials_has_none_to_give(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """Whoever asks for them; the log says no more than that."""
    target.answers["/plain"] = [BASIC, *[Answer()] * 5]
    centre.set_callback(target.url("/plain"))
    centre.reserved_task()
    target.wait_for("/plain")
    sandbox.settle()
    assert first_delivery(sandbox).remark == "the callback URL answered 401"


def test_both_requests_share_the_time_limit(
    sandbox: LocalSandbox, assign: Assign, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the second is not waited for any longer."""
    monkeypatch.setattr(limits, "ASSIGNMENT_CALLBACK_SECONDS", 0.4)
    target.guards["/assign"] = BASIC
    target.answers["/assign"] = [Answer(ACCEPT.body, hold=True), *[Answer()] * 5]
    assert assign()[0] == "canceled"
    target.release()
    assert first_delivery(sandbox).remark == "no answer within 0.4 s"


def test_event_callbacks_give_their_credentials_too(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """The same for every event."""
    target.guards["/events"], target.answers["/events"] = BASIC, Answer(b"", status=204)
    centre.workspace.update(
        event_callback_url=with_user_info(target.url("/events"), "me:secret"), events_filter="task.created"
    )
    centre.add_task()
    centre.add_task()
    target.wait_for("/events", 4)
    sandbox.settle()
    said = [each.headers.get("Authorization") for each in target.of("/events")]
    assert sorted(said, key=str) == sorted([None, None, *[basic("me:secret")] * 2], key=str)
    logged = sandbox.look(lambda: sandbox.webhooks.deliveries.of(ACCOUNT))
    assert [(each.status, each.error) for each in logged] == [(204, None)] * 2


def test_the_log_shows_no_password(sandbox: LocalSandbox, assign: Assign, target: Target) -> None:
    """Neither that of the URL nor the header that was made of it."""
    target.guards["/assign"], target.answers["/assign"] = BASIC, ACCEPT
    assign("me:hunter2")
    shown = str(first_delivery(sandbox).as_dict())
    assert "me:•••@" in shown
    assert "hunter2" not in shown
    assert basic("me:hunter2").removeprefix("Basic ") not in shown


def test_what_is_asked_is_the_rest_of_the_url_to_the_letter() -> None:
    """An @ in the path or the query is none of a name's."""
    assert without_user_info("HTTP://me:x@LocalHost:80/a@b?c=%41@") == "HTTP://LocalHost:80/a@b?c=%41@"
    assert without_user_info("http://localhost/a:b@c") == "http://localhost/a:b@c"
    assert is_user_info("me:x")
    assert not is_user_info("me@x")
