"""The template filler, and how values are written."""
