"""Cars: COVESA's signals (VSS), told by a topic each, over VISS or by a KUKSA databroker."""

from devices.discovery.vss.seats import ROOMS
from devices.discovery.vss.topics import VssTopics
from devices.discovery.vss.viss import Viss

__all__ = ["ROOMS", "Viss", "VssTopics"]
