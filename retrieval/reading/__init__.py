"""Readers of past support conversations, one module a family of formats."""
