"""labkit.dotenv_file: a .env that cannot be used is a sentence, and one that everybody can read is pointed out."""

from __future__ import annotations

import os
from pathlib import Path

import dotenv.main
import pytest

from labkit.dotenv_file import DotenvFile
from labkit.errors import CredentialsError, SettingsError
from labkit.settings import Settings

LINE = "TWILIO_AUTH_TOKEN=planted-token\n"


@pytest.fixture
def env_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dotenv.find_dotenv", dotenv.main.find_dotenv)  # no other test looks for one
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"]})
    return tmp_path / ".env"


def test_it_is_found_from_a_folder_below(env_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_path.write_bytes(b"\xef\xbb\xbf" + LINE.encode())
    below = env_path.parent / "notebooks"
    below.mkdir()
    monkeypatch.chdir(below)
    found = DotenvFile.find()
    assert (found.path, found.values) == (env_path, {"TWILIO_AUTH_TOKEN": "planted-token"})
    assert "planted" not in repr(found)


def test_what_is_missing_says_which_file_was_read(env_path: Path) -> None:
    with pytest.raises(CredentialsError, match=r"There is no \.env file in "):
        Settings.resolve(mode="twilio")
    env_path.write_text(LINE, encoding="utf-8")
    with pytest.raises(CredentialsError) as refused:
        Settings.resolve(mode="twilio")
    assert str(refused.value).endswith(f"The .env file that was read is {env_path}.")


def test_a_folder_is_passed_over_and_named(env_path: Path) -> None:
    """`python -m venv .env` makes one."""
    env_path.mkdir()
    assert Settings.resolve().mode == "sandbox"
    with pytest.raises(CredentialsError, match=r"\.env is a folder, so it was not read"):
        Settings.resolve(mode="twilio")


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps the folder of a process")
def test_a_working_folder_that_was_deleted_is_a_sentence(env_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (gone := env_path.parent / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SettingsError, match=r"The working folder was deleted\. Go to one that is there"):
        Settings.resolve()
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    with pytest.raises(SettingsError, match=r"The working folder was deleted\. .* stop the server and start it again"):
        Settings.resolve()


def test_a_file_that_is_no_text_is_refused_with_its_line(env_path: Path) -> None:
    env_path.write_bytes(LINE.encode() + "NAME=Zoë".encode("latin-1"))
    with pytest.raises(SettingsError) as refused:
        Settings.resolve()
    assert str(refused.value).startswith(f"The file {env_path} is not UTF-8 in line 2. Save it as UTF-8")
    assert refused.value.__context__ is None, "which would hold the whole file"
    env_path.write_bytes(LINE.encode("utf-16"))
    with pytest.raises(SettingsError, match="not UTF-8 in line 1"):
        Settings.resolve()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_file_that_cannot_be_read_is_refused(env_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_path.write_text(LINE, encoding="utf-8")

    def denied(_path: Path) -> bytes:  # the user who runs the tests may read everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(SettingsError, match=r"cannot be read: Permission denied\. Make it readable for you"):
        Settings.resolve()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("mode", "text", "words"),
    [
        (0o644, LINE, "Everybody on this computer can read the credentials in "),
        (0o640, LINE, "The file's group on this computer can read the credentials in "),
        (0o644, "LABKIT_PAGES_PASSWORD=planted-password\n", "Everybody on this computer can read the credentials in "),
        (0o600, LINE, ""),
        (0o644, "LABKIT_PORT=8080\n", ""),
    ],
)
def test_who_else_can_read_a_token_is_told(env_path: Path, mode: int, text: str, words: str) -> None:
    env_path.write_text(text, encoding="utf-8")
    env_path.chmod(mode)
    warning = DotenvFile.find().warning
    assert warning == (f"{words}{env_path}. Run: chmod 600 {env_path}" if words else "")
