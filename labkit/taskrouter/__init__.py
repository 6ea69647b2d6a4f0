"""A thin layer over the official SDK: connect, and work in a Workspace.

The Twilio SDK is imported here (and where signatures are checked), nowhere else.
"""
