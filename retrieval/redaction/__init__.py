"""Personal data out of conversations."""
