"""The agent page: a Worker's own browser page, `GET /agent` of the callback server.

`page.html`, `page.js` and their neighbours are what a learner reads; `small_client/` is our own client for the event
bridge, with the names of Twilio's SDK, which the page runs where Twilio's is not there (`twilio_sdk`).

Who may be a Worker: a page proves itself with a link that works once (`admissions`), and only the lab makes one. The
page is not there for whoever comes in through the tunnel, unless the lab was asked for a public one (`routes`).
"""
