"""Parity: scenarios played on the sandbox and on something else, and where the two differ.

`python -m labkit parity` plays each scenario of `scenarios/` twice, with the official SDK's client: in a sandbox of its
own, and in a real account (or, without one, in a second sandbox). What each step was answered is written down in one
form (`record`), with roles in place of SIDs and seconds in place of times (`roles`), so that two plays of one scenario
can be laid side by side (`comparison`) and shown (`report`).
"""
