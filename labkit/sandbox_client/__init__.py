"""What only a sandbox can do: move its clock, make faults, deliver callbacks again, be put back to an earlier state.

Everything goes over HTTP to `/_sandbox/...`, with the lab's own client. A real account has none of it, and each of
these says so.
"""
