"""What happens, as sentences."""
