"""Generators of replies beside the template filler."""
