"""A thin layer over the official SDK: connect, provision the quickstart's Workspace, work at its Desk.

The Twilio SDK is imported here (and where signatures are checked), nowhere else.
"""
