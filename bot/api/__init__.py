"""The HTTP and WebSocket API: one module an audience."""
