"""What was acknowledged, in SQL: the only truth of the service."""
