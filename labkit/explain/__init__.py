"""Why a Task was routed as it was, for people: the sandbox is asked, or it is worked out from what REST tells.

The answer itself is the sandbox's pure `engine.diagnosis` in both cases; here it is asked for, and shown.
"""

from labkit.explain.explainer import Explainer
from labkit.explain.explanation import Explanation, LintReport

__all__ = ["Explainer", "Explanation", "LintReport"]
