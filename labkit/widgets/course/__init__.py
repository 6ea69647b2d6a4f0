"""The map of the course: where you are, what is done, what comes next; it opens the notebooks. `print` it for text."""
