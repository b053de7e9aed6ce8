"""What a shop's catalogue knows, as a small typed graph, and questions answered from it."""
