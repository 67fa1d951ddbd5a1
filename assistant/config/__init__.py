"""One TOML file, environment variables on top: what is in force, and where each value came from."""
