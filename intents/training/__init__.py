"""``frontdesk train``, ``adapt`` and ``search``."""
