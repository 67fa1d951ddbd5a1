"""Zigbee2MQTT: what it says of its devices on the broker, without the detour over Home Assistant's words."""

from devices.discovery.zigbee2mqtt.convention import Zigbee2Mqtt

__all__ = ["Zigbee2Mqtt"]
