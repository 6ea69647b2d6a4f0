"""The panels: see and click. They draw what `labkit.live` knows, and act through the client of the Workspace.

Each has a folder of its name; `labkit.lab.panels` says how the lab comes to show it.
"""
