"""labkit.account.memory: what is about to be done is written first, and nothing that is written is lost."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit.account.memory import FILE_NAME, AccountMemory
from labkit.account.remembered import CallbackRecord, ChangedField, RememberedWorkspace
from labkit.errors import AccountMemoryError

NINE = datetime(2026, 11, 28, 9, tzinfo=UTC)
ACCOUNT, NAME = f"AC{'1' * 32}", "TaskRouter Lab"
WORKSPACE, WORKFLOW, WORKER = f"WS{'1' * 32}", f"WW{'1' * 32}", f"WK{'1' * 32}"
FOUND, FIRST, SECOND = "https://ana:word@old.example/assign", "https://one.example/a", "https://two.example/a"
IN_PROCESS_SECONDS = 60


def memory(folder: Path, account_sid: str = ACCOUNT) -> AccountMemory:
    return AccountMemory(folder, account_sid=account_sid, now=lambda: NINE)


def taken(*, found: str, own: str) -> CallbackRecord:
    return CallbackRecord(kind="Workflow", sid=WORKFLOW, workspace_sid=WORKSPACE, found=found, ours=(own,))


def remember_something(folder: Path) -> None:
    memory(folder).begin(NAME, kind="Workspace", called=NAME, workspace_sid="")


def test_what_is_remembered_is_there_for_whoever_asks_later(tmp_path: Path) -> None:
    """Each account and each Workspace by itself; a folder that is not there yet is made."""
    home = tmp_path / "home"
    assert memory(home).workspaces() == ()
    memory(home).allow(NAME)
    number = memory(home).begin(NAME, kind="Workspace", called=NAME, workspace_sid="")
    memory(home).complete(NAME, number, sid=WORKSPACE)
    worker = memory(home).begin(NAME, kind="Worker", called="Alice", workspace_sid=WORKSPACE)
    known = memory(home).workspace(NAME)
    assert (known.yes, [(each.number, each.name, each.sid, each.at) for each in known.made]) == (
        NINE,
        [(number, NAME, WORKSPACE, NINE), (worker, "Alice", None, NINE)],
    )
    assert (known.is_made(WORKSPACE), known.is_made(WORKER)) == (True, False)
    assert memory(home).workspace("taskrouter lab") == RememberedWorkspace(name="taskrouter lab")
    assert memory(home, f"AC{'2' * 32}").workspaces() == ()


def test_the_first_yes_keeps_its_time(tmp_path: Path) -> None:
    memory(tmp_path).allow(NAME)
    AccountMemory(tmp_path, account_sid=ACCOUNT, now=lambda: NINE + timedelta(hours=1)).allow(NAME)
    assert memory(tmp_path).workspace(NAME).yes == NINE


def test_what_was_refused_was_not_made(tmp_path: Path) -> None:
    """The others keep their numbers."""
    first, second = (
        memory(tmp_path).begin(NAME, kind="Worker", called=name, workspace_sid=WORKSPACE) for name in ("Alice", "Bob")
    )
    memory(tmp_path).drop(NAME, first)
    memory(tmp_path).complete(NAME, second, sid=WORKER)
    assert [(each.number, each.name, each.sid) for each in memory(tmp_path).workspace(NAME).made] == [
        (second, "Bob", WORKER)
    ]


def test_a_field_keeps_the_value_that_was_found_first(tmp_path: Path) -> None:
    """And what it was set to last is known, however TaskRouter writes it."""
    place = {"kind": "Worker", "name": "Bob", "sid": WORKER, "workspace_sid": WORKSPACE}
    for before, after in (('{"languages": ["en"]}', "{}"), ("{}", '{"vip":true}')):
        field = ChangedField(**place, field="attributes", before=before, after=after)
        memory(tmp_path).change(NAME, field)
    [known] = memory(tmp_path).workspace(NAME).changed
    assert known.before == '{"languages": ["en"]}'
    assert [known.is_ours(value) for value in ('{ "vip": true }', "{}", None, "[")] == [True, False, False, False]
    emptied = replace(known, field="events_filter", before="task.created", after="")
    assert [emptied.is_ours(value) for value in (None, "", "worker.created")] == [True, True, False]
    memory(tmp_path).forget_change(NAME, known)
    assert memory(tmp_path).workspace(NAME).changed == ()


def test_a_url_that_an_earlier_lab_has_set_is_ours(tmp_path: Path) -> None:
    """So what was there before that one is what is given back; a learner's own view below it is ours too."""
    memory(tmp_path).take_callback(NAME, taken(found=FOUND, own=FIRST))
    now = memory(tmp_path).take_callback(NAME, taken(found=f"{FIRST}/my-view", own=SECOND))
    assert (now.found, now.ours) == (FOUND, (FIRST, SECOND))
    again = memory(tmp_path).take_callback(NAME, taken(found=SECOND, own=FIRST))
    assert (again.found, again.ours) == (FOUND, (SECOND, FIRST))
    assert [again.is_ours(url) for url in (f"{SECOND}/my-view", FOUND)] == [True, False]


def test_what_somebody_else_has_set_since_is_given_back_to_them(tmp_path: Path) -> None:
    memory(tmp_path).take_callback(NAME, taken(found=FOUND, own=FIRST))
    theirs = "https://theirs.example/"
    now = memory(tmp_path).take_callback(NAME, taken(found=theirs, own=SECOND))
    assert (now.found, now.ours) == (theirs, (SECOND,))


def test_its_own_url_is_nobodys_to_be_given_back_to(tmp_path: Path) -> None:
    """A reserved domain is the same at each start, and what was known of it may be lost."""
    assert memory(tmp_path).take_callback(NAME, taken(found=FIRST, own=FIRST)).found == ""


def test_what_is_taken_back_is_forgotten(tmp_path: Path) -> None:
    """With a Workspace all that was in it, and nothing else."""
    for kind, called, inside, sid in (
        ("Workspace", NAME, "", WORKSPACE),
        ("Worker", "Alice", WORKSPACE, WORKER),
        ("Worker", "Zoe", f"WS{'2' * 32}", f"WK{'2' * 32}"),
    ):
        number = memory(tmp_path).begin(NAME, kind=kind, called=called, workspace_sid=inside)
        memory(tmp_path).complete(NAME, number, sid=sid)
    memory(tmp_path).take_callback(NAME, taken(found=FOUND, own=FIRST))
    memory(tmp_path).forget(NAME, sid=WORKSPACE)
    known = memory(tmp_path).workspace(NAME)
    assert ([each.name for each in known.made], known.callbacks) == (["Zoe"], ())
    memory(tmp_path).forget_workspace(NAME)
    assert memory(tmp_path).workspaces() == ()


def test_a_callback_that_was_given_back_is_forgotten(tmp_path: Path) -> None:
    memory(tmp_path).take_callback(NAME, taken(found=FOUND, own=FIRST))
    memory(tmp_path).forget_callback(NAME, sid=WORKFLOW)
    assert memory(tmp_path).workspace(NAME).callbacks == ()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """A URL that was found may have a password in it; a file that others could read is replaced by one that is not."""
    if os.name == "nt":
        pytest.skip("Windows has no such modes")
    remember_something(tmp_path)
    path = tmp_path / FILE_NAME
    path.chmod(0o644)
    memory(tmp_path).take_callback(NAME, taken(found=FOUND, own=FIRST))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if not each.name.endswith(".lock")] == [FILE_NAME]


EMPTY: dict[str, Any] = {"yes": None, "made": [], "changed": [], "callbacks": []}
ALICE = {"number": 1, "kind": "Worker", "name": "Alice", "workspace_sid": WORKSPACE, "sid": None, "at": str(NINE)}
UNSOUND: tuple[Any, ...] = (
    {"yes": "soon"},
    {"made": [{"number": 1}]},
    {"made": [{**ALICE, "number": "1"}]},
    {"made": [{**ALICE, "sid": 5}]},
    {"made": [{**ALICE, "colour": "red"}]},
    {"made": [{**ALICE, "kind": "Wroker"}]},
    {"made": [{**ALICE, "at": "2026-11-28T09:00:00"}]},
    {"changed": [1]},
    {"callbacks": [{"kind": "Workflow"}]},
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff",
        b"[" * 100_000,
        b"{}",
        b'{"version": 0, "accounts": {}}',
        b'{"version": "new", "accounts": {}}',
        b'{"version": 1}',
        b'{"version": 1, "accounts": {"AC1": []}}',
        b'{"version": 1, "accounts": {"AC1": {"TaskRouter Lab": {}}}}',
        *(json.dumps({"version": 1, "accounts": {"AC1": {NAME: {**EMPTY, **each}}}}).encode() for each in UNSOUND),
    ],
)
def test_a_damaged_file_is_named_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    for ask in (memory(tmp_path).workspaces, lambda: memory(tmp_path).allow(NAME)):
        with pytest.raises(AccountMemoryError, match=f"{FILE_NAME} is damaged.*Mend it, or put it somewhere else"):
            ask()
    assert path.read_bytes() == content


def test_a_newer_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('{"version": 2, "accounts": []}')
    with pytest.raises(AccountMemoryError, match=r"written by a newer version of the lab \(form 2, and this one reads"):
        memory(tmp_path).allow(NAME)
    assert path.read_text() == '{"version": 2, "accounts": []}'


def test_what_cannot_be_noted_says_so_and_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full: nobody goes on and changes the account."""
    remember_something(tmp_path)
    before = (tmp_path / FILE_NAME).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(AccountMemoryError, match=r"cannot be noted in .*: No space left on device.* LABKIT_HOME"):
        memory(tmp_path).allow(NAME)
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert not list(tmp_path.glob(f".{FILE_NAME}.*"))


def test_a_lock_that_nobody_gives_back_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    monkeypatch.setattr("labkit.account.memory._PATIENCE_SECONDS", 0.01)
    with FileLock(tmp_path / f"{FILE_NAME}.lock"), pytest.raises(AccountMemoryError, match="cannot be noted"):
        memory(tmp_path).allow(NAME)


# --- other processes ---------------------------------------------------------------------------------------------

BEGINS = """
import sys
from pathlib import Path
from labkit.account.memory import AccountMemory

memory = AccountMemory(Path(sys.argv[1]), account_sid=sys.argv[2])
for step in range(int(sys.argv[4])):
    memory.begin("TaskRouter Lab", kind="Worker", called=f"{sys.argv[3]}.{step}", workspace_sid="WS1")
print("begun", flush=True)
sys.stdin.read()
"""


def beginning(folder: Path, who: str, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BEGINS, str(folder), ACCOUNT, who, str(times)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.process
def test_processes_that_note_at_once_lose_nothing_of_each_others(tmp_path: Path) -> None:
    started = [beginning(tmp_path, who, 10) for who in ("one", "two", "three")]
    for process in started:
        said, _ = process.communicate(timeout=IN_PROCESS_SECONDS)
        assert (said, process.returncode) == ("begun\n", 0)
    made = memory(tmp_path).workspace(NAME).made
    assert sorted(each.number for each in made) == list(range(1, 31))
    assert {each.name for each in made} == {f"{who}.{step}" for who in ("one", "two", "three") for step in range(10)}


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's")
def test_an_intention_survives_a_kill(tmp_path: Path) -> None:
    """So what was sent in the last moment can be looked for."""
    process = beginning(tmp_path, "Alice", 1)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=IN_PROCESS_SECONDS)
    assert [(each.name, each.sid) for each in memory(tmp_path).workspace(NAME).made] == [("Alice.0", None)]


def test_the_file_is_what_its_docstring_says(tmp_path: Path) -> None:
    remember_something(tmp_path)
    memory(tmp_path).take_callback(NAME, taken(found=FOUND, own=FIRST))
    assert json.loads((tmp_path / FILE_NAME).read_text()) == {
        "version": 1,
        "accounts": {
            ACCOUNT: {
                NAME: {
                    "yes": None,
                    "made": [
                        {
                            "number": 1,
                            "kind": "Workspace",
                            "name": NAME,
                            "workspace_sid": "",
                            "at": NINE.isoformat(),
                            "sid": None,
                        }
                    ],
                    "changed": [],
                    "callbacks": [
                        {
                            "kind": "Workflow",
                            "sid": WORKFLOW,
                            "workspace_sid": WORKSPACE,
                            "found": FOUND,
                            "ours": [FIRST],
                        }
                    ],
                }
            }
        },
    }
