"""What runs, what does not, and what to do about it."""
