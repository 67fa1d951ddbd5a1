"""The broker that these tests talk to."""

from tests.brokers import mosquitto

__all__ = ["mosquitto"]
