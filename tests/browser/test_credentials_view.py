"""The form for an account's credentials as one sees it: what is typed goes to Python once, and stays in no field."""

from __future__ import annotations

import json
from collections.abc import Mapping

from browser.gallery import Gallery
from playwright.sync_api import expect

from labkit import credentials
from labkit.errors import TaskRouterError
from labkit.widgets.credentials.panel import CredentialsPanel

SID, TOKEN, KEY, KEY_SECRET = f"AC{'1' * 32}", "planted-auth-token-9c41", f"SK{'3' * 32}", "planted-key-secret-72ab"


class SignIn:
    """Refuses the first, and takes the second."""

    def __init__(self) -> None:
        self.given: list[Mapping[str, str]] = []

    def __call__(self, values: Mapping[str, str]) -> str:
        self.given.append({name: value for name, value in values.items() if value})
        if len(self.given) == 1:
            raise TaskRouterError("Twilio does not take TWILIO_AUTH_TOKEN for the account AC…1111.", status=401)
        return 'Signed in to the account "Ana\'s" (AC…1111, full). Run the cell again.'


def test_what_is_typed_goes_to_python_and_stays_nowhere(gallery: Gallery) -> None:
    sign_in = SignIn()
    form = CredentialsPanel(why="mode='twilio' needs TWILIO_ACCOUNT_SID.", sign_in=sign_in)
    panel = gallery.show(form)
    account, token = panel.get_by_label("Account SID", exact=True), panel.locator("input[type=password]").first
    account.fill(f" {SID} ")
    token.fill(TOKEN)
    gallery.both_themes("credentials", lambda: panel.locator(".lk"))
    token.press("Enter")
    expect(panel.get_by_role("alert").last).to_have_text(
        "Twilio does not take TWILIO_AUTH_TOKEN for the account AC…1111."
    )
    expect(token).to_have_value("")
    expect(token).to_be_focused()
    expect(account).to_have_value(f" {SID} ")

    panel.get_by_label("API key (callbacks stay where they are)").check()
    panel.get_by_label("API key SID").fill(KEY)
    panel.get_by_label("API key secret").fill(KEY_SECRET)
    gallery.screenshot("credentials-key", of=panel.locator(".lk"))
    panel.get_by_role("button", name="Use them").click()
    expect(panel.get_by_role("status")).to_contain_text("Signed in to the account")
    expect(panel.get_by_role("button", name="Use them")).to_be_hidden()
    gallery.both_themes("credentials-done", lambda: panel.locator(".lk"))

    assert sign_in.given == [
        {credentials.ACCOUNT_SID: SID, credentials.AUTH_TOKEN: TOKEN},
        {credentials.ACCOUNT_SID: SID, credentials.API_KEY_SID: KEY, credentials.API_KEY_SECRET: KEY_SECRET},
    ]
    kept = [json.dumps(form.get_state(), default=repr), repr(form.still()), panel.evaluate("node => node.outerHTML")]
    typed = panel.evaluate("node => [...node.querySelectorAll('input')].map(input => input.value).join()")
    assert [text for text in (*kept, typed) if TOKEN in text or KEY_SECRET in text] == []


def test_it_fits_a_narrow_page(gallery: Gallery) -> None:
    panel = gallery.show(CredentialsPanel(why="It is missing.", sign_in=SignIn(), account_sid=SID))
    expect(panel.get_by_label("Account SID", exact=True)).to_have_value(SID)
    gallery.use_width(360)
    gallery.screenshot("credentials-narrow", of=panel.locator(".lk"))
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
