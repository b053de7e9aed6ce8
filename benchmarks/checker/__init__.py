"""Lines for the checker: paraphrases and planted errors."""
