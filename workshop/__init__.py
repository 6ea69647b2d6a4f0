"""The lab for a room: JupyterHub on one machine, an instructor's wall, and one contact centre that all share.

`make workshop-setup` installs it, `make workshop` opens the doors, `make workshop-end` closes them. It stands beside
`labkit` and on top of it: `labkit` knows nothing of it but an address, in `labkit.room`.
"""
