"""Several requests in one message."""
