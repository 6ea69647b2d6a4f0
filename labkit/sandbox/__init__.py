"""The sandbox: a TaskRouter of one's own, which the official SDK talks to.

A house of its own. Inside, from the bottom up: `expressions` (the language), `engine` (routing, pure),
`store` (durable state), `service` (clock, engine, store and callbacks together), `api` (REST) and `process`.
The rest of the lab reaches it over HTTP only.
"""
