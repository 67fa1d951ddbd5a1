"""The daemon's HTTP and WebSocket API. Only `address` and `tokens` are free of what serving takes."""
