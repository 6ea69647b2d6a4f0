"""The sandbox's own paths, apart from TaskRouter's: `/_sandbox/...`, a module each, with a table `ROUTES`.

`registry` finds every module that lies here: one more path is one file.
"""
