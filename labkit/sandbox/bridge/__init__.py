"""The event bridge: what a Worker's own browser speaks with, by Twilio's Worker SDK (`twilio-taskrouter`).

It stands beside `api/` and above it: the same service, the same resources with their parameters and commands. Its own
are who asks (`access_tokens`) and how things look (`rendering`).
"""
