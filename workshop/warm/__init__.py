"""Cheaper by forking: one process that has read everything, of which each participant's processes are copies."""
