"""Custom actions: the action server, its clients, and the bounds it runs in."""
