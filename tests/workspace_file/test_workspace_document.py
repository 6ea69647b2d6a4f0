"""The file's form: what is right is read, and what is wrong is refused with its line and its path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from labkit.errors import WorkspaceFileError
from labkit.workspace_file import Document, yaml_text
from labkit.workspace_file.document import PartKey
from labkit.workspace_file.kinds import SHAPES, PartKind

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]
REFUSED = json.loads(Path(__file__).with_name("refused.json").read_text(encoding="utf-8"))

WHOLE = """\
version: 1
workspace:
  multi_task_enabled: false
  prioritize_queue_order: LIFO
  default_activity: On break
  timeout_activity: On break
activities:
- friendly_name: On break
  available: false
task_channels:
- unique_name: fax
  friendly_name: The old fax
  channel_optimized_routing: true
task_queues:
- friendly_name: Sales
  target_workers: languages HAS "no"
  max_reserved_workers: 50
  task_order: LIFO
  reservation_activity: On break
  assignment_activity: On break
workflows:
- friendly_name: Everybody
  task_reservation_timeout: 86400
  configuration:
    task_routing:
      default_filter:
        queue: Sales
workers:
- friendly_name: Åse
  activity: On break
  attributes:
    languages: ['no', en]
    since: '2026-01-01'
  channels:
    fax: {capacity: 0, available: false}
"""


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_what_is_wrong_is_refused_by_line_and_path(
    case: dict[str, Any], loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says where and what is right; the error carries both for programs."""
    monkeypatch.setattr(yaml_text, "_LOADER", loader)
    text = case["text"] + case.get("repeat", "") * case.get("times", 0) + case.get("end", "")
    with pytest.raises(WorkspaceFileError) as refused:
        Document.from_text(text)
    message = str(refused.value)
    assert case["says"] in message
    assert len(message) < 500
    for name in ("line", "path"):
        if name in case:
            assert getattr(refused.value, name) == case[name]
            assert str(case[name]) in message


def test_a_whole_document_is_written_as_it_was_read() -> None:
    """Every field of every kind."""
    document = Document.from_text(WHOLE)
    header, version, rest = document.to_text().partition("version: 1\n")
    assert (version + rest, header.startswith("#")) == (WHOLE, True)
    said = {part.kind: set(part.fields) for part in document.parts.values()}
    assert said == {kind: set(shape.fields) for kind, shape in SHAPES.items()}


def test_a_file_may_say_little() -> None:
    """Only the version is needed; what is not said is not there."""
    assert Document.from_text("version: 1").parts == {}
    document = Document.from_text("version: 1\nworkers:\n- friendly_name: Alice\ntask_queues:\n")
    assert document.parts[PartKey(PartKind.WORKER, "alice")].fields == {}


def test_null_says_that_a_task_queue_has_no_activity() -> None:
    """It is not the same as leaving it out."""
    text = "version: 1\ntask_queues:\n- friendly_name: Sales\n  reservation_activity: null\n"
    [queue] = Document.from_text(text).parts.values()
    assert queue.fields == {"reservation_activity": None}


def test_two_documents_with_the_same_content_are_written_the_same() -> None:
    """Sorted by name, so that files can be compared line by line."""
    one = "version: 1\nactivities:\n- friendly_name: b\n- friendly_name: A\n"
    other = "activities:\n- friendly_name: A\n- friendly_name: b\nversion: 1\n"
    assert Document.from_text(one).to_text() == Document.from_text(other).to_text()
