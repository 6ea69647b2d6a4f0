"""The lab that `labkit.start()` returns: it wires the rooms together, starts them and stops them."""
