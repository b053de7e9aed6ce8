"""Rules, stories and what is learned from them."""
