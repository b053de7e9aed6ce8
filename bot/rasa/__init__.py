"""Rasa's HTTP API and its surroundings: shapes, model servers, NLG."""
