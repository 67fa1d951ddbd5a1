"""What builds the parts, each from its section of the configuration; `assistant.app` joins them."""
