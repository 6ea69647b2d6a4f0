"""Try an expression on Workers and Tasks, and see a Workflow with the way of a Task through it; nothing is changed.

Args:
    expression: to begin with; `print(lab.playground(...))` says whom it matches, and why not the others.
    place: where it stands: `"queue"` for a TaskQueue's TargetWorkers, `"filter"` or `"target"` for a Workflow's.
    workflow: to draw: its name or SID, or a configuration as a mapping or as JSON; by default the first one.
"""
