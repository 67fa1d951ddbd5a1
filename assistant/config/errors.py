"""What a configuration can be wrong in."""


class ConfigError(Exception):
    """The configuration cannot be used; the message has one line for each problem, with its place."""
