"""Answer templates, gaps and new intents out of past conversations."""
