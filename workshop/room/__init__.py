"""The room: a service of the hub's, through which participants work in one contact centre. They hold no account key."""
