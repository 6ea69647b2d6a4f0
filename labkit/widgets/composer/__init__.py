"""A form that creates Tasks."""
