"""SIDs inside of expressions, written as names and back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.workspace_file.document import Part, PartKey
from labkit.workspace_file.kinds import PartKind
from labkit.workspace_file.references import named, rebuilt, unnamed, wanted_in

SIDS: Mapping[str, Part] = {
    f"WA{'1' * 32}": Part(kind=PartKind.ACTIVITY, name='On "break" }'),
    f"WK{'2' * 32}": Part(kind=PartKind.WORKER, name="Åse"),
    f"TC{'3' * 32}": Part(kind=PartKind.TASK_CHANNEL, name="voice"),
}
BY_KEY = {part.key: sid for sid, part in SIDS.items()}
PIECES = st.sampled_from([*SIDS, "${", "$${", "$", "}", '"', "workers.", ' == "', f"WK{'9' * 32}", '${Worker "x"}'])


@given(pieces=st.lists(PIECES | st.text(max_size=5), max_size=8))
def test_names_become_the_same_sids_again(pieces: list[str]) -> None:
    """Whatever stands around them, and whatever looks like a name already."""
    text = "".join(pieces)
    written = named(text, SIDS)
    assert unnamed(written, BY_KEY.__getitem__) == text
    assert {key for key in wanted_in(written) if isinstance(key, PartKey)} <= set(BY_KEY)
    assert not [key for key in wanted_in(written) if not isinstance(key, PartKey)]


def test_a_name_is_spelt_as_in_json() -> None:
    """So that it may hold quotes and braces."""
    activity, worker = (sid for sid, part in SIDS.items() if part.kind is not PartKind.TASK_CHANNEL)
    text = f'workers.{activity} == 0 OR worker.sid == "{worker}"'
    assert named(text, SIDS) == 'workers.${Activity "On \\"break\\" }"} == 0 OR worker.sid == "${Worker "Åse"}"'


@pytest.mark.parametrize("text", [f"WA{'1' * 33}", f"xWA{'1' * 32}", f"WA{'7' * 32}", f"WW{'1' * 32}", "WA1"])
def test_what_is_no_known_sid_is_left(text: str) -> None:
    """Of another Workspace, of another kind, or no SID at all."""
    assert named(text, SIDS) == text


@pytest.mark.parametrize("text", ["${HOME}", "${Worker Alice}", '${Task "x"}', "${", '${Worker "\\q"}'])
def test_what_only_looks_like_a_name_is_told_apart(text: str) -> None:
    """It is found as a text, for the complaint."""
    [found] = wanted_in(f"a == {text}")
    assert text.startswith(found)


def test_a_configuration_names_its_queues_in_one_way() -> None:
    """The key of old documents becomes the one of today; other texts and values stay."""
    old = {
        "filters": [{"targets": [{"queue": "Q", "timeout": "30"}]}],
        "default_filter": {"task_queue_sid": "R", "n": 1},
    }
    assert rebuilt(old, queue=str.lower, text=lambda text: f"<{text}>") == {
        "filters": [{"targets": [{"queue": "q", "timeout": "<30>"}]}],
        "default_filter": {"queue": "r", "n": 1},
    }
