"""What a participant's lab says to a workshop's room, and hears from it: over HTTP, and only where there is one."""
