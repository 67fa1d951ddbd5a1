import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, Reported
from devices.discovery.manual import Manual
from devices.home import Ability, Kind

LAMP = {"kind": "light", "room": "Office", "aliases": ["writing lamp"], "command_topic": "desk/set"}


def test_a_hand_written_device_is_there_from_the_start_and_obeys() -> None:
    manual = Manual(
        {"Desk Lamp": {**LAMP, "state_topic": "desk", "payload_on": "1", "brightness_scale": 100}}
    )
    (change,) = manual.known()
    assert isinstance(change, Appeared)
    device = change.device
    assert (device.id, device.name, device.kind, device.room) == (
        "manual.desk_lamp",
        "Desk Lamp",
        Kind.LIGHT,
        "Office",
    )
    assert (device.aliases, device.convention, device.reports_state) == (("writing lamp",), "manual", True)
    (message,) = manual.messages(DeviceCommand(device.id, Ability.ON, True), {})
    assert (message.topic, message.payload) == ("desk/set", "1")
    assert manual.heard("desk", b"1") == [Reported(device.id, {Ability.ON: True})]


def test_a_device_without_state_topic_reports_nothing() -> None:
    (change,) = Manual({"台灯": LAMP}).known()
    assert isinstance(change, Appeared)
    assert (change.device.id, change.device.reports_state) == ("manual.台灯", False)


@pytest.mark.parametrize(
    ("devices", "told"),
    [
        ({"Lamp": {**LAMP, "comand_topic": "a"}}, "device 'Lamp': there is no key 'comand_topic'"),
        ({"Lamp": {**LAMP, "kind": "lamp"}}, "kind should be one of light, switch"),
        ({"Lamp": {"kind": "light"}}, "needs a command_topic"),
        ({"Lamp": {**LAMP, "command_topic": "a/#"}}, "no usable topic"),
        ({"Lamp": LAMP, "lamp": LAMP}, "nearly the same name"),
    ],
)
def test_a_mistake_names_the_device_and_the_key(devices: dict[str, dict[str, object]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Manual(devices)
