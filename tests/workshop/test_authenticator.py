"""Who comes into a workshop, and who does not; and that no password is kept of one who did not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from labkit.settings import Secret
from workshop import admin_password, authenticator, passwords
from workshop.authenticator import ParticipantAuthenticator
from workshop.participant_home import NAME_PATTERN
from workshop.passwords import PasswordFile
from workshop.settings import Workshop, WorkshopError


class Page:
    """What a login page is told."""

    custom_login_error = ""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """bcrypt with the fewest rounds that it has."""
    import bcrypt

    salt = bcrypt.gensalt
    monkeypatch.setattr(bcrypt, "gensalt", lambda: salt(4))


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """One whose folders are there."""
    made = Workshop(folder=tmp_path)
    made.hub_folder.mkdir()
    return made


def doors(workshop: Workshop, **settings: Any) -> ParticipantAuthenticator:
    """The authenticator as the hub has it."""
    return ParticipantAuthenticator(
        dbm_path=str(passwords.file_of(workshop)),
        username_pattern=NAME_PATTERN,
        admin_users={workshop.admin},
        allow_all=not settings,
        **settings,
    )


def logged_in(at: ParticipantAuthenticator, name: str, password: str) -> tuple[str | None, str]:
    """Who that is for the hub, and what the page says."""
    page = Page()
    user = asyncio.run(at.get_authenticated_user(page, {"username": name, "password": password}))
    return (user["name"] if user else None), page.custom_login_error


def kept(workshop: Workshop, name: str) -> bytes | None:
    return PasswordFile(passwords.file_of(workshop)).get(name)


def test_the_first_password_sticks(workshop: Workshop) -> None:
    """It is chosen by logging in, and another one is refused from then on."""
    at = doors(workshop)

    assert logged_in(at, "ada", "lovelace1815") == ("ada", "")
    assert logged_in(at, "ada", "lovelace1815") == ("ada", "")
    assert logged_in(at, "ada", "babbage1791") == (None, "")
    assert logged_in(at, "ADA", "lovelace1815") == ("ada", ""), "a telephone begins names with a capital"
    assert b"lovelace" not in (kept(workshop, "ada") or b"")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../ada", "ada/..", "ada bo", "ada..", "1ada", "-ada", "a" * 32, "ada\n", "ä", "a%2e"]
)
def test_a_name_that_could_be_a_path_is_none(workshop: Workshop, name: str) -> None:
    """It would be a folder's; and nothing is kept of it."""
    found, said = logged_in(doors(workshop), name, "lovelace1815")

    assert found is None
    assert "small letters" in said
    assert kept(workshop, name.lower()) is None


@pytest.mark.parametrize(("password", "said"), [("short", "7 characters"), ("ä" * 40, "72 bytes"), ("", "7 char")])
def test_a_password_that_cannot_be_kept_is_a_sentence(workshop: Workshop, password: str, said: str) -> None:
    """bcrypt would raise at a long one."""
    found, told = logged_in(doors(workshop), "ada", password)

    assert found is None
    assert said in told
    assert kept(workshop, "ada") is None


def test_a_long_one_is_wrong_where_another_one_is_kept(workshop: Workshop) -> None:
    """As any other that is wrong, and also where one's own is changed."""
    at = doors(workshop)
    logged_in(at, "ada", "lovelace1815")

    assert logged_in(at, "ada", "a" * 100) == (None, "")
    assert "72 bytes" in at.reset_password("ada", "a" * 100)
    assert "success" in at.reset_password("ada", "countess1815")
    assert logged_in(at, "ada", "countess1815") == ("ada", "")


def test_nobody_is_the_first_under_the_instructors_name(workshop: Workshop) -> None:
    """Whoever were it would be admin."""
    at = doors(workshop)
    assert logged_in(at, "teacher", "mine-now-1")[0] is None
    assert not admin_password.is_made(workshop)

    password = admin_password.made_at_random()
    admin_password.keep(workshop, password)
    assert admin_password.is_made(workshop)
    assert logged_in(at, "teacher", "mine-now-1")[0] is None
    assert logged_in(at, "teacher", password.reveal())[0] == "teacher"


def test_the_instructors_password_can_be_made_anew(workshop: Workshop) -> None:
    """Also one that was typed in, which has to be long enough."""
    admin_password.keep(workshop, Secret("first-password"))
    admin_password.keep(workshop, Secret("second-password"))
    at = doors(workshop)

    assert logged_in(at, "teacher", "first-password")[0] is None
    assert logged_in(at, "teacher", "second-password")[0] == "teacher"
    with pytest.raises(WorkshopError, match="7 characters"):
        admin_password.keep(workshop, Secret("third"))


def test_random_passwords_differ() -> None:
    """Four groups of four, of letters that nobody takes for another one."""
    made = {admin_password.made_at_random().reveal() for _ in range(50)}

    assert len(made) == 50
    assert all(len(each) == 19 and not set(each) & set("lo10") for each in made)


def test_a_list_of_names_leaves_the_others_outside(workshop: Workshop) -> None:
    """Nobody else leaves a password."""
    admin_password.keep(workshop, Secret("first-password"))
    at = doors(workshop, allowed_users={"ada", "bo", workshop.admin})

    assert logged_in(at, "ada", "lovelace1815")[0] == "ada"
    assert logged_in(at, "teacher", "first-password")[0] == "teacher"
    assert logged_in(at, "eve", "lovelace1815")[0] is None
    assert "not on the list" in logged_in(at, "eve", "lovelace1815")[1]
    assert kept(workshop, "eve") is None


def test_two_who_take_a_name_at_once_do_not_both_have_it(workshop: Workshop) -> None:
    """Hashing takes its time, and the second one must not overwrite the first."""
    at = doors(workshop)

    async def both() -> list[str | None]:
        forms = [{"username": "ada", "password": f"password-{number}"} for number in range(2)]
        return list(await asyncio.gather(*(at.authenticate(Page(), form) for form in forms)))

    assert sorted(asyncio.run(both()), key=str) == [None, "ada"]


def test_the_hub_goes_on_while_a_password_is_looked_at(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not more than so many are looked at together, whoever floods the login page."""
    at = doors(workshop)
    together: list[int] = []
    running = 0

    async def aside(call: Any, *arguments: Any) -> Any:
        nonlocal running
        running += 1
        together.append(running)
        await asyncio.sleep(0)
        running -= 1
        return call(*arguments)

    monkeypatch.setattr(authenticator.asyncio, "to_thread", aside)

    async def flood() -> None:
        forms = [{"username": f"p{number}", "password": "password-1"} for number in range(10)]
        assert all(await asyncio.gather(*(at.authenticate(Page(), form) for form in forms)))

    asyncio.run(flood())
    assert len(together) == 10
    assert max(together) == authenticator.AT_ONCE
