"""Reservations as they come, to accept or reject."""
