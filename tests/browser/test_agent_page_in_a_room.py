"""Agent pages of a workshop's room in a real browser: two participants on one contact centre."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_sdk_folder import look_for_it_in
from browser.agent_pages import Desk, card, press, transfer
from browser.pictures import save
from playwright.sync_api import Browser, expect
from room_service import lab_of, owner, running_room


def test_two_participants_hand_a_task_over(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_environment: Path
) -> None:
    """Ana to Ben, warm; and back to Ana, cold. Each has a page of their own lab, on the room's one Workspace."""
    look_for_it_in(tmp_path, monkeypatch)
    expect.set_options(timeout=15_000)
    with running_room(tmp_path / "room") as room, lab_of(room, "ana") as ana, lab_of(room, "ben") as ben:
        desks = Desk(chromium.new_context(), ana), Desk(chromium.new_context(), ben)
        anas, bens = desks[0].open("ana"), desks[1].open("ben")
        ben.taskrouter.set_activity("ben", "Break")
        task = owner(room, ana).create_task({"language": "en"}, workflow=ana.workflow_sid)
        press(card(anas, "pending"), "Accept")
        press(bens, "Available")
        transfer(anas, "ben (Available)", "WARM")
        expect(card(bens, "pending").locator(".incoming")).to_contain_text("A WARM transfer from ana")
        press(card(bens, "pending"), "Accept")
        expect(card(anas, "accepted").locator(".outgoing")).to_contain_text("WARM transfer to ben: complete")
        press(card(anas, "accepted"), "Complete")
        expect(card(bens, "accepted").locator(".facts")).to_contain_text("assigned")
        transfer(bens, "ana (Available)", "COLD")
        save("agent-page-in-a-room", lambda path: anas.screenshot(path=path, animations="disabled"))
        press(card(anas, "pending"), "Accept")
        press(card(bens, "wrapping"), "Complete")
        press(card(anas, "accepted"), "Complete")
        for page in (anas, bens):
            expect(page.locator("article")).to_have_count(0)
        assert owner(room, ana).task(task.sid).assignment_status == "completed"
        for desk in desks:
            desk.context.close()
            assert not desk.complaints, "\n".join(desk.complaints)
