"""The client side of a room: one contact centre that everybody in a workshop shares, kept by a service of the hub's.

A room knows who asks by the token that JupyterHub has given to this server, so nobody here holds a key of an account.
"""
