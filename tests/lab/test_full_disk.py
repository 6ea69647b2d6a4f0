"""A lab on a disk that is really full: it starts, looks on and says so, and goes on when there is room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_disk import on_a_small_disk

pytestmark = pytest.mark.process

KERNELS = '''
import signal
from labkit.sandbox import process
KERNEL = """
import json, labkit
said = {}
try:
    lab = labkit.start()
    [said['sandbox']] = [each['detail'] for each in lab._status_lines() if each['key'] == 'taskrouter']
    said['workspace'], said['report'] = lab.workspace_sid, str(lab.check()).count('steps done')
    lab.create_task({'selected_language': 'es'})
except labkit.LabError as error:
    said['error'] = str(error)
print(json.dumps(said))
"""
def kernel():
    done = subprocess.run([sys.executable, '-c', KERNEL], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {'failed': done.stderr}
def end_sandbox(how):
    if how == 'in order':
        process.stop(DISK / 'lab')
    else:
        os.kill(process.find(DISK / 'lab').pid, signal.SIGKILL)
'''


@pytest.mark.parametrize("how", ["in order", "killed"])
def test_every_kernel_looks_on_while_the_disk_is_full(how: str, tmp_path: Path) -> None:
    """The first one starts the sandbox, which has no room to say where it is; the second finds it all the same."""
    code = f"""{KERNELS}
before = kernel()
end_sandbox({how!r})
fill()
meanwhile = [kernel(), kernel()]
make_room()
print(json.dumps([before, *meanwhile, kernel()]))
"""
    before, first, second, after = on_a_small_disk(code, folder=tmp_path)

    assert "failed" not in before, before
    for seen in (first, second):
        assert "Reading works, and nothing is lost; make room on the disk" in seen["sandbox"]
        assert "503" in seen["error"]
        assert "could not store the change, and nothing was changed" in seen["error"]
    assert "error" not in after
    assert after["sandbox"] == ""
    assert len({seen["workspace"] for seen in (before, first, second, after)}) == 1
    assert before["report"] > 0
    assert {seen["report"] for seen in (first, second, after)} == {before["report"]}


def test_a_home_with_nothing_in_it_says_that_the_disk_is_full(tmp_path: Path) -> None:
    """There is nothing to look at. When there is room it begins."""
    seen: list[dict[str, Any]] = on_a_small_disk(
        KERNELS + "fill()\nfirst = kernel()\nmake_room()\nprint(json.dumps([first, kernel()]))", folder=tmp_path
    )

    assert f"The disk of {tmp_path / 'lab'} is full: make room there, and run this again." in seen[0]["error"]
    assert "error" not in seen[1]
