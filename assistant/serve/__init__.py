"""What other systems see of us: ourselves as a device in Home Assistant."""
