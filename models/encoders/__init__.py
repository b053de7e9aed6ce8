"""Encoders: weights, conversion, 8-bit export, the serving pass."""
