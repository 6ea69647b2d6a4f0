"""The command line, `python -m labkit <command>`: each module adds its own to `parser`."""
