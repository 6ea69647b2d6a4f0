"""Every panel in one view."""
