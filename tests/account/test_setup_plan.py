"""What a plan of setting up says: each thing that is made or changed, where, whose that is, and what it can cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sandbox.local import ACCOUNT, local_sandbox

from labkit.account.facts import AccountFacts
from labkit.account.memory import AccountMemory
from labkit.account.planning import CallbackUrls, callback_urls, setup_plan
from labkit.account.remembered import RememberedWorkspace
from labkit.account.setup_plan import HOW, SetupPlan
from labkit.course.furnishing import furnish, prepare, prepared_for_empty_account
from labkit.course.lessons import LESSONS
from labkit.course.wanted_workspace import begins_by_template
from labkit.settings import Settings

GIVEN = {"TWILIO_ACCOUNT_SID": f"AC{'1' * 32}", "TWILIO_AUTH_TOKEN": "1" * 32}
KEY = {"TWILIO_ACCOUNT_SID": GIVEN["TWILIO_ACCOUNT_SID"], "TWILIO_API_KEY_SID": f"SK{'2' * 32}",
       "TWILIO_API_KEY_SECRET": "made-up"}  # fmt: skip
NAME, WORKFLOW = "TaskRouter Lab", "Incoming Customer Care Requests"
OLD = CallbackUrls("https://me:planted@old.example/assign", "https://old.example/events")


@pytest.fixture(scope="module")
def sdk() -> Iterator[Any]:
    """The official SDK's client of a sandbox."""
    with local_sandbox() as sandbox:
        client = sandbox.client()
        yield client
        client.http_client.session.close()


def in_empty_account(environ: dict[str, str] = GIVEN, **options: Any) -> SetupPlan:
    """The plan for an account with nothing in it."""
    lesson = options.pop("lesson", None)
    given = {"now": CallbackUrls(), "place": "here", **options}
    settings = Settings.resolve(environ, mode="twilio", **given.pop("arguments", {}))
    return setup_plan(prepared_for_empty_account(workspace_name=NAME, lesson=lesson), settings=settings, **given)


def test_everything_that_is_made_has_its_line() -> None:
    """The Workspace first, then what is named before what names it, then who is called."""
    plan = in_empty_account()
    assert [f"{line.mark} {line.text}" for line in plan.lines] == [
        f"+ Workspace '{NAME}'",
        "+ Worker 'Alice'",
        "+ Worker 'Bob'",
        "+ TaskQueue 'Customer Care Requests - Spanish'",
        "+ TaskQueue 'Customer Care Requests - English'",
        f"+ Workflow '{WORKFLOW}'",
        f"~ Workflow '{WORKFLOW}'",
        f"~ Workspace '{NAME}'",
    ]
    assert plan.headline == "Set-up in here: 6 things to make, 2 callback URLs to set."
    assert plan
    assert str(plan).endswith(HOW)


def test_whom_twilio_calls_is_said_before_and_after() -> None:
    """A password in what was there is hidden; a reserved domain is known beforehand."""
    text = str(in_empty_account(now=OLD, arguments={"ngrok_domain": "mine.ngrok-free.app"}))
    assert "assignment_callback_url: https://me:•••@old.example/assign → https://mine.ngrok-free.app" in text
    assert "event_callback_url: https://old.example/events → https://mine.ngrok-free.app/event_callback" in text
    assert "planted" not in text
    assert "none → this notebook's, at the address that ngrok gives it" in str(in_empty_account())


def test_an_address_of_ones_own_is_named() -> None:
    """It takes the place of the tunnel."""
    plan = in_empty_account(arguments={"public_url": "https://lab.example.com", "port": 8090})
    assert plan.callbacks[0].after == "https://lab.example.com/assignment_callback"
    assert "reaches this notebook by https://lab.example.com" in str(plan)
    assert "ngrok" not in str(plan)


def test_a_lab_that_is_called_already_sets_nothing() -> None:
    """Both URLs lead to it; where one does not, both are set."""
    own = CallbackUrls("https://x.example/assignment_callback", "https://x.example/event_callback")
    assert in_empty_account(now=own, own=own).callbacks == ()
    assert len(in_empty_account(now=CallbackUrls(own.assignment, ""), own=own).callbacks) == 2


def test_who_looks_on_leaves_the_callbacks_of_others() -> None:
    """With nobody called it takes them."""
    plan = in_empty_account(now=OLD, arguments={"callbacks": "leave"})
    assert plan.callbacks == ()
    assert "this lab looks on, and somebody is called already" in str(plan)
    assert len(in_empty_account(arguments={"callbacks": "leave"}).callbacks) == 2


def test_without_the_auth_token_callbacks_are_left_and_that_is_said() -> None:
    """Twilio signs with it."""
    plan = in_empty_account(KEY)
    assert plan.callbacks == ()
    assert "without the auth token (TWILIO_AUTH_TOKEN)" in str(plan)
    assert "tunnel" not in str(plan)


def test_what_it_can_cost_stands_there() -> None:
    """With Twilio's pages; a trial account's own, too."""
    text = str(in_empty_account())
    assert "The lab makes no calls, sends no messages and buys no number" in text
    assert "https://www.twilio.com/en-us/pricing" in text
    assert "usage/trials" not in text
    assert "https://www.twilio.com/docs/usage/trials" in str(
        in_empty_account(account=AccountFacts(sid="AC", kind="Trial"))
    )


def test_a_clock_that_is_wrong_is_said() -> None:
    """It was found out when the account was looked at."""
    facts = AccountFacts(sid="AC", clock_remark="This computer's clock is 5 min behind Twilio's.")
    assert "5 min behind Twilio's" in str(in_empty_account(account=facts))


def test_what_is_missing_stands_in_place_of_how_to_do_it() -> None:
    """Nobody can press anything then."""
    text = str(in_empty_account(missing="TWILIO_AUTH_TOKEN is missing."))
    assert text.endswith("Nothing was made or changed. TWILIO_AUTH_TOKEN is missing.")
    assert HOW not in text


def test_a_plan_with_a_yes_waits_for_none() -> None:
    """The lab that is started with the same arguments is set up at once."""
    plan = in_empty_account(arguments={"yes": True})
    assert (plan.allowed, plan.waits) == (True, False)
    assert HOW not in str(plan)


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lesson_has_its_plan(lesson: str) -> None:
    """One by Twilio's template says what that brings."""
    plan = in_empty_account(lesson=lesson)
    assert ("Twilio's template FIFO" in str(plan)) is begins_by_template(lesson)
    assert plan.lines[0].text == f"Workspace '{NAME}'"
    assert len(plan.callbacks) == 2


def planned(sdk: Any, name: str, known: RememberedWorkspace | None = None) -> SetupPlan:
    """The plan for a Workspace of this sandbox."""
    furnishing = prepare(sdk, workspace_name=name)
    settings = Settings.resolve(GIVEN, mode="twilio")
    now = callback_urls(sdk, furnishing)
    return setup_plan(furnishing, settings=settings, place="here", now=now, known=known)


def test_whose_the_workspace_is_is_said(sdk: Any, own_environment: Any) -> None:
    """Made by the lab, or there before it; in somebody else's the lab says what it adds."""
    made = furnish(sdk, workspace_name="Whose").workspace_sid
    assert f'The Workspace "Whose" ({made}) was there before, and the lab did not make it' in str(planned(sdk, "Whose"))
    assert "TaskRouter may offer them the Tasks of others there" in str(planned(sdk, "Whose"))
    memory = AccountMemory(own_environment, account_sid=ACCOUNT)
    memory.complete("Whose", memory.begin("Whose", kind="Workspace", called="Whose", workspace_sid=""), sid=made)
    ours = planned(sdk, "Whose", memory.workspace("Whose"))
    assert f'The Workspace "Whose" ({made}) was made by the lab' in str(ours)
    assert not ours.allowed
    memory.allow("Whose")
    assert planned(sdk, "Whose", memory.workspace("Whose")).allowed


def test_who_is_called_in_a_workspace_is_read(sdk: Any) -> None:
    """Of the Workflow that is to call the lab, and of the Workspace; also where there is no Workflow yet."""
    found = furnish(sdk, workspace_name="Called")
    workspace = sdk.taskrouter.v1.workspaces(found.workspace_sid)
    workspace.update(event_callback_url=OLD.event)
    workspace.workflows(found.workflow_sid).update(assignment_callback_url=OLD.assignment)
    assert callback_urls(sdk, prepare(sdk, workspace_name="Called")) == OLD
    workspace.workflows(found.workflow_sid).delete()
    assert callback_urls(sdk, prepare(sdk, workspace_name="Called")) == CallbackUrls("", OLD.event)
    assert callback_urls(sdk, prepare(sdk, workspace_name="Nowhere")) == CallbackUrls()


def test_an_account_is_named_without_its_whole_sid() -> None:
    """Its name comes from Twilio, its SID is masked; a key may not be allowed to ask."""
    sid = f"AC{'0' * 28}1234"
    assert str(AccountFacts(sid=sid, name="Ana's", kind="Trial")) == 'the account "Ana\'s" (AC…1234, trial)'
    assert str(AccountFacts(sid=sid)) == "the account AC…1234"


def test_names_from_outside_stay_text() -> None:
    """An account's name is its owner's."""
    html = in_empty_account(place='the account "<b>x</b>"')._repr_html_()
    assert "<b>x" not in html
    assert "&lt;b&gt;x" in html
