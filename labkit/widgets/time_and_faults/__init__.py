"""The sandbox's time and what goes wrong on purpose."""
