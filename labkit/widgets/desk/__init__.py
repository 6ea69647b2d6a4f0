"""Every panel in one view: to work with, for the wall, and to look inside.

Args:
    view: which is open first: `"work"` (the default), `"watch"` or `"inside"`.

Raises:
    SettingsError: there is no such view.
"""
