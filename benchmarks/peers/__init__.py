"""Other programs that are measured beside ours, each in an environment of its own."""
