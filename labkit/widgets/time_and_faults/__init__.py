"""The sandbox's time, to be moved and held, and what shall go wrong on purpose."""
