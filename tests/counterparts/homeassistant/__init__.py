"""A real Home Assistant 2025.4.4, in an environment and a process of its own."""
