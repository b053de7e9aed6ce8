"""Public Rasa bots, brought along as they are: their own stories on Frontdesk."""
