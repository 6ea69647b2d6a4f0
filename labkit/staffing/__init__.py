"""How many Workers are needed: days of a contact centre, played headless, with what they come to.

`simulate` is the front door; `labkit.simulation` plays the days.
"""
