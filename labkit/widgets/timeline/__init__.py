"""A lane for each Task, or for each Worker: its states over time, with callbacks and timeouts."""
