"""A lane for each Task or Worker: its states over time."""
