"""A contact centre that lives: callers who arrive, wait and give up, and Workers who play themselves.

The room is pure: chance comes from a `Random` that is given.
"""
