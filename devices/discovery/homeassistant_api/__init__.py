"""Home Assistant's WebSocket API: the devices that a Home Assistant keeps, as a `Bridge`."""

from devices.discovery.homeassistant_api.bridge import HomeAssistantApi

__all__ = ["HomeAssistantApi"]
