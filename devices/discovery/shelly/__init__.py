"""Shelly's devices of the second generation and later, by their remote procedure calls over MQTT.

    <prefix>/online               true      retained; false is its will
    <prefix>/rpc                  {"id": 7, "src": "sotto_voce/k3x9", "method": "Switch.Set",
                                   "params": {"id": 0, "on": true}}
    sotto_voce/k3x9/rpc           {"id": 7, "src": "shellyplus1-a8032abe54dc", "result": {"was_on": false}}
                                  or {"id": 7, "src": …, "error": {"code": -103, "message": "…"}}
    <prefix>/events/rpc           {"src": …, "method": "NotifyStatus",
                                   "params": {"switch:0": {"output": true}}}
    <prefix>/status/switch:0      the whole status of a component, where its owner has asked for that

Nothing is announced: whoever says that he is online is asked who he is (`Shelly.GetDeviceInfo`), then what he
has and how he is (`Shelly.GetConfig`, `Shelly.GetStatus`). Many other things say `<x>/online` and will not
answer; they leave no trace. A prefix has one level or two ("shellyplus1-a8032abe54dc", "kitchen/ceiling").

A device consists of components: switch, light, rgb, rgbw, cct, rgbcct, cover, thermostat, and those that only
measure. Each becomes a thing; the meter in a switch becomes one more. Inputs are left out. An order that was
taken is followed by a question for the component's status, so that "done" is the device's own word even where
notifications are switched off.

Source: Shelly's API documentation for Gen2+ devices (RPC Protocol, RPC Channels, Notifications, MQTT, and the
page of each component).
"""

from devices.discovery.shelly.convention import ShellyGen2

__all__ = ["ShellyGen2"]
