"""A Rasa installation and Frontdesk on the same public bots, one after the other."""
