"""labkit.settings: what a lab was asked to do, checked once, secrets unseen."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.errors import SettingsError
from labkit.settings import SETTINGS, Secret, Settings, hide_passwords, mask

ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC" + "0123456789abcdef" * 2, "TWILIO_AUTH_TOKEN": "made-up-auth-token"}


def test_nothing_given_is_the_sandbox_on_loopback() -> None:
    """The lab needs no account, no internet and no setting."""
    settings = Settings.resolve({})

    assert (settings.mode, settings.tunnel, settings.port, settings.home) == ("sandbox", "loopback", 0, None)


def test_an_argument_wins_over_the_environment() -> None:
    """What stands in the cell is what the reader sees, so it decides."""
    assert Settings.resolve({"LABKIT_WORKSPACE": "theirs"}, workspace="mine").workspace == "mine"
    assert Settings.resolve({"LABKIT_WORKSPACE": "theirs"}).workspace == "theirs"


def test_an_empty_variable_counts_as_not_set() -> None:
    """`LABKIT_MODE=` in a .env file does not ask for a mode without a name."""
    assert Settings.resolve({"LABKIT_MODE": "", "LABKIT_PORT": ""}) == Settings.resolve({})


def test_the_process_environment_wins_over_a_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .env file is the last place that is asked."""
    (tmp_path / ".env").write_text("LABKIT_WORKSPACE=from file\nLABKIT_PORT=8080\n", encoding="utf-8")
    monkeypatch.setattr("dotenv.find_dotenv", lambda *_, **__: str(tmp_path / ".env"))
    monkeypatch.setenv("LABKIT_WORKSPACE", "from environment")
    settings = Settings.resolve()

    assert (settings.workspace, settings.port) == ("from environment", 8080)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_says_what_it_is(name: str) -> None:
    """The documentation is made from these words."""
    _, doc = SETTINGS[name]

    assert doc


def test_variables_are_distinct() -> None:
    """No two settings read the same variable."""
    variables = [variable for variable, _ in SETTINGS.values() if variable]

    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize(
    ("given", "expected"), [("1", True), ("yes", True), ("True", True), ("no", False), ("", False)]
)
def test_to_look_only_is_a_word_in_the_environment(given: str, expected: bool) -> None:
    """And True or False in a cell."""
    assert Settings.resolve({"LABKIT_LOOK_ONLY": given}).look_only is expected
    assert Settings.resolve({}, look_only=expected).look_only is expected


def test_paths_are_expanded() -> None:
    """`~` in a path means the home folder, as in a shell."""
    settings = Settings.resolve({"LABKIT_HOME": "~/lab", "NGROK_PATH": "~/bin/ngrok"})

    assert settings.home == Path.home() / "lab"
    assert settings.ngrok_path == Path.home() / "bin" / "ngrok"


def test_an_account_uses_ngrok_unless_told_otherwise() -> None:
    """Twilio cannot reach this computer, so an account needs a public address."""
    assert Settings.resolve(ACCOUNT, mode="twilio").tunnel == "ngrok"
    assert Settings.resolve({}, tunnel="ngrok").mode == "sandbox"


@pytest.mark.parametrize(
    ("environ", "arguments", "words"),
    [
        ({}, {"prot": 1}, ["'prot'", "port"]),
        ({}, {"mode": "real"}, ["mode", "'real'", "sandbox", "twilio"]),
        ({}, {"tunnel": "localtunnel"}, ["tunnel", "'localtunnel'", "loopback", "ngrok"]),
        ({"LABKIT_PORT": "http"}, {}, ["port", "'http'", "65535"]),
        ({}, {"port": 65536}, ["port", "65536"]),
        ({}, {"port": -1}, ["port", "-1"]),
        ({}, {"workspace": "x" * 65}, ["workspace", "64"]),
        ({"LABKIT_LOOK_ONLY": "perhaps"}, {}, ["look_only", "'perhaps'", "True or False"]),
        ({"LABKIT_HOME": "~no-such-user/lab"}, {}, ["home", "'~no-such-user/lab'", "without ~"]),
        ({}, {"home": 5}, ["home is 5", "give a path"]),
        ({}, {"mode": "twilio", "account_sid": 5}, ["TWILIO_ACCOUNT_SID", "32 hex digits"]),
        ({"NGROK_PATH": "~no-such-user/ngrok"}, {}, ["ngrok_path", "'~no-such-user/ngrok'", "without ~"]),
        ({}, {"mode": "twilio"}, ["TWILIO_ACCOUNT_SID", ".env"]),
        ({"TWILIO_ACCOUNT_SID": "AC123"}, {"mode": "twilio"}, ["TWILIO_ACCOUNT_SID", "32 hex digits"]),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT["TWILIO_ACCOUNT_SID"]}, {"mode": "twilio"}, ["TWILIO_AUTH_TOKEN"]),
        ({}, {"mode": "room"}, ["LABKIT_ROOM_URL", "workshop", "lab of your own"]),
        ({"LABKIT_ROOM_URL": "http://h/"}, {"mode": "room", "lesson": "02"}, ["lesson", "'02'", "mode='room'"]),
        (ACCOUNT, {"mode": "twilio", "tunnel": "loopback"}, ["loopback", "127.0.0.1", "ngrok"]),
    ],
)
def test_what_cannot_be_used_is_named_with_the_remedy(
    environ: dict[str, str], arguments: dict[str, object], words: list[str]
) -> None:
    """The message holds the setting, the value and what would do."""
    with pytest.raises(SettingsError) as caught:
        Settings.resolve(environ, **arguments)

    assert [w for w in words if w not in str(caught.value)] == []


@pytest.mark.parametrize(
    "given",
    ["name.ngrok-free.app", "https://name.ngrok-free.app/", "HTTP://Name.Ngrok-Free.App", " name.ngrok-free.app "],
)
def test_a_reserved_domain_is_taken_as_it_is_copied(given: str) -> None:
    """ngrok's dashboard shows it with and without its scheme."""
    assert Settings.resolve({"NGROK_DOMAIN": given}).ngrok_domain == "name.ngrok-free.app"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("name.ngrok-free.app:443", "have no port: leave out ':443'"),
        ("https://name.ngrok-free.app:8080/", "leave out ':8080'"),
        ("name.ngrok-free.app/agent", "give the domain alone"),
        ("name", "give the domain alone"),
        ("-name.example.com", "give the domain alone"),
        ("two words.example.com", "give the domain alone"),
        ("https://ana:made-up-password@name.example.com", "https://ana:•••@name.example.com"),
        ("a." * 200 + "example", "give the domain alone"),
    ],
)
def test_what_is_no_domain_is_refused_with_what_to_give(given: str, said: str) -> None:
    """What nobody could mean is not sent to ngrok, and a password in it is not shown."""
    with pytest.raises(SettingsError, match="ngrok_domain is") as caught:
        Settings.resolve({"NGROK_DOMAIN": given})
    assert said in str(caught.value)
    assert "made-up-password" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, (None, None)),
        ({"TWILIO_REGION": "ie1"}, ("ie1", "dublin")),
        ({"TWILIO_REGION": "us1"}, ("us1", None)),
        ({"TWILIO_EDGE": "ashburn"}, (None, "ashburn")),
        ({"TWILIO_REGION": "ie1", "TWILIO_EDGE": "frankfurt"}, ("ie1", "frankfurt")),
    ],
)
def test_a_region_is_reached_by_an_edge(environ: dict[str, str], found: tuple[str | None, str | None]) -> None:
    """A host that names the Region alone would lead to another one, or to none."""
    settings = Settings.resolve({**ACCOUNT, **environ}, mode="twilio")
    assert (settings.region, settings.edge) == found


@pytest.mark.parametrize("name", ["region", "edge"])
@pytest.mark.parametrize("value", ["x.example/?", "IE1", "ie1.example", "ie1 ", 1])
def test_a_region_that_is_none_is_no_part_of_a_host(name: str, value: object) -> None:
    """Whatever stands there would be sent the token."""
    with pytest.raises(SettingsError, match=f"{name} is {value!r}".replace("?", "[?]")):
        Settings.resolve(ACCOUNT, mode="twilio", **{name: value})


def test_a_public_url_is_the_tunnel_unless_the_cell_says_otherwise() -> None:
    """What stands in the cell wins over the environment, and two of them in one cell cannot both be meant."""
    own = {"LABKIT_PUBLIC_URL": "https://example.com/labs/ana/", "LABKIT_PORT": "8000"}
    settings = Settings.resolve({**ACCOUNT, **own, "LABKIT_TUNNEL": "ngrok"}, mode="twilio")
    assert (settings.tunnel, settings.public_url) == ("public_url", "https://example.com/labs/ana")
    settings = Settings.resolve({**ACCOUNT, **own}, mode="twilio", tunnel="ngrok")
    assert (settings.tunnel, settings.public_url) == ("ngrok", None)
    with pytest.raises(SettingsError, match="give one of them"):
        Settings.resolve({}, public_url="https://example.com", tunnel="ngrok")
    with pytest.raises(SettingsError, match="needs public_url"):
        Settings.resolve({}, tunnel="public_url")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "https://example.com",
            "such as port=8000. Whatever answers there leads on to http://127.0.0.1",
        ),
        ("https://ana-8123.app.github.dev", "needs port (LABKIT_PORT), port=8123, as it seems."),
    ],
)
def test_a_public_url_needs_the_port_that_it_leads_to(url: str, words: str) -> None:
    """A free port would be another one each time."""
    with pytest.raises(SettingsError) as caught:
        Settings.resolve(ACCOUNT, mode="twilio", public_url=url)
    assert words in str(caught.value)


def test_settings_are_frozen() -> None:
    """What a lab was started with stays what it was started with."""
    settings = Settings.resolve({})

    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


def test_a_secret_is_in_no_repr() -> None:
    """Settings can be printed into a notebook that is then shared."""
    others = {"NGROK_AUTHTOKEN": "made-up-ngrok-token", "TWILIO_API_KEY_SECRET": "made-up-key-secret"}
    settings = Settings.resolve({**ACCOUNT, **others}, mode="twilio")
    secrets = (settings.auth_token, settings.ngrok_authtoken, settings.api_key_secret)

    assert [each and each.reveal() for each in secrets] == [ACCOUNT["TWILIO_AUTH_TOKEN"], *others.values()]
    for text in (repr(settings), str(settings), *(f"{each} {each!r}" for each in secrets)):
        assert "made-up" not in text


def test_a_secret_does_not_leave_the_process() -> None:
    """Neither pickle nor copy takes it out of its box."""
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="Secret"):
            attempt(Secret("made-up"))


def test_secrets_compare_by_value() -> None:
    """Two settings of the same token are the same setting."""
    assert Secret("one") == Secret("one")
    assert hash(Secret("one")) == hash(Secret("one"))
    assert Secret("one") != Secret("two")
    assert Secret("one") != "one"


@given(st.text(max_size=40))
def test_a_mask_shows_at_most_six_characters(text: str) -> None:
    """Whatever is masked, the middle never shows, and something short shows nothing."""
    shown = mask(text).split("…")

    assert sum(map(len, shown)) <= (6 if len(text) > 8 else 0)
    assert text.startswith(shown[0])
    assert text.endswith(shown[1])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:secret@x.example/a?b=1", "https://me:•••@x.example/a?b=1"),
        ("http://:secret@127.0.0.1:5000/", "http://:•••@127.0.0.1:5000/"),
        ("http://me:se:cr@et@x.example/", "http://me:•••@x.example/"),
        ("ftp://me:secret@x.example", "ftp://me:•••@x.example"),
        ('{"a": "https://me:secret@x/", "b": "https://you:other@y/"}', '{"a": "https://me:•••@x/", "b": "https://you:•••@y/"}'),
        ("https://me@x.example/", "https://me@x.example/"),
        ("https://x.example:8080/a:b@c", "https://x.example:8080/a:b@c"),
        ("me:secret@x.example", "me:secret@x.example"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_password_of_a_url_is_dots(text: str, shown: str) -> None:
    """Of every URL in the text, and nothing else of it."""
    assert hide_passwords(text) == shown


@pytest.mark.parametrize("tunnel", [{"LABKIT_TUNNEL": "ngrok"}, {"LABKIT_PUBLIC_URL": "https://x.example"}])
def test_a_room_takes_no_callbacks_and_needs_no_tunnel(tunnel: dict[str, str]) -> None:
    """Whatever else is set for labs of one's own, be it whole or not."""
    others = {**tunnel, "LABKIT_CALLBACKS": "take", "LABKIT_ROOM_URL": "http://127.0.0.1:8003/x"}
    settings = Settings.resolve(others, mode="room")
    assert (settings.callbacks, settings.tunnel, settings.public_url) == ("leave", "loopback", None)
