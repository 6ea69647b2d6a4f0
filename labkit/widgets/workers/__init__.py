"""The Workers, each with a switch for the Activity."""
