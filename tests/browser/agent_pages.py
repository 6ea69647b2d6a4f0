"""Agent pages in tabs of a browser, and what a Worker presses on them."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Locator, Page, expect

from labkit.lab.lab import Lab


@dataclass
class Desk:
    """Opens agent pages, each in a tab of its own, and keeps what the browser complains about."""

    context: BrowserContext
    lab: Lab
    complaints: list[str] = field(default_factory=list)

    def open(self, worker: str, *, page: Page | None = None) -> Page:
        page = page or self.tab()
        page.goto(self.lab.agent_page(worker).link())
        expect(page.locator("#connection")).to_have_text("connected")
        return page

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error.stack or error}"))
        page.on("console", lambda m: self.complaints.append(m.text) if "Content Security" in m.text else None)
        return page


def card(page: Page, status: str) -> Locator:
    return page.locator("article", has=page.locator(".status", has_text=f"Reservation {status}"))


def press(within: Page | Locator, name: str) -> None:
    within.get_by_role("button", name=name, exact=True).click()


def transfer(page: Page, to: str, mode: str) -> None:
    accepted = card(page, "accepted")
    accepted.locator("summary").click()
    accepted.locator("select").select_option(label=to)
    accepted.get_by_label(mode).check()
    press(accepted, "Transfer")
