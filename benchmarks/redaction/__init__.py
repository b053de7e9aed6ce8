"""Support chat lines written by hand, with their personal data marked."""
