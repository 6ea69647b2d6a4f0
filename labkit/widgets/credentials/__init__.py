"""A form for what signs in to an account."""
