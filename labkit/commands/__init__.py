"""Commands of `python -m labkit` that are more than a line: each module adds its own to the parser of `cli.py`."""
