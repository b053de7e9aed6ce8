"""Channels that are told by requests of ours."""
