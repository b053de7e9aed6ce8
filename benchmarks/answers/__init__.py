"""Finding answers in public support logs: readers, runs, and the table beside published figures."""
