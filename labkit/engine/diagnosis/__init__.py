"""Why a Task is where it is: why this Worker, why not the others, why still waiting. A pure function of the state.

Start reading at `task.py`; `findings.py` says what comes out.
"""

from labkit.engine.diagnosis.findings import Findings
from labkit.engine.diagnosis.task import explain_task

__all__ = ["Findings", "explain_task"]
