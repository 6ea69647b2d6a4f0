"""The room: one contact centre for all participants, as a service of the hub at `/services/room/`.

Participants hold no key of the account. The hub says who asks (`people`), a table of routes says who may ask what
(`routes`, `service`), and what passes goes on to a sandbox or to Twilio (`upstream`), as the Worker that the person is.
What happens is pushed over a request that each kernel keeps open.
"""
