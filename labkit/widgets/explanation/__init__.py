"""Why a Task is where it is, as a tree that folds."""
