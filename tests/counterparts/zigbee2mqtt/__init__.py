"""The real Zigbee2MQTT without a radio: what it is started with, and the process."""
