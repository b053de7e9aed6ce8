"""Files that customers send, and what can be read in them."""
