"""Why a Task is where it is, as a tree that folds; the same that every "Why?" opens.

Args:
    task: its SID, or what `create_task` returned; by default the newest Task.
"""
