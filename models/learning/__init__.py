"""Training with torch; serving never imports it."""
