from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, CannotError, Change, Reported
from devices.discovery.vss import VssTopics
from devices.discovery.vss.catalogue import catalogue
from devices.discovery.vss.vehicle import Vehicle
from devices.home import Ability, Device
from devices.vehicles import WHILE_PARKED

WINDOW = "Vehicle.Cabin.Door.Row2.DriverSide.Window"


def appeared(changes: Iterable[Change]) -> dict[str, Device]:
    return {change.device.name: change.device for change in changes if isinstance(change, Appeared)}


def reported(changes: Iterable[Change]) -> dict[Ability, object]:
    return {
        key: value
        for change in changes
        if isinstance(change, Reported)
        for key, value in change.state.items()
    }


def test_a_signal_under_an_older_name_is_read_and_ordered_under_that_name() -> None:
    convention = VssTopics()
    dome = appeared(convention.heard("car/vss/Vehicle/Cabin/Lights/IsDomeOn", b"false"))["Dome Light"]
    (message,) = convention.messages(DeviceCommand(dome.id, Ability.ON, True), {})
    assert (message.topic, message.payload) == ("car/vss/Vehicle/Cabin/Lights/IsDomeOn/set", "true")


def test_who_drives_on_the_left_has_the_driver_on_the_right() -> None:
    vehicle = Vehicle("vss")
    assert "Left Rear Window" in appeared(vehicle.said(f"{WINDOW}.Position", 0))
    assert "Right Rear Window" in appeared(vehicle.said("Vehicle.Cabin.DriverPosition", "RIGHT"))


def test_a_window_that_has_only_a_switch_is_opened_by_it() -> None:
    vehicle = Vehicle("vss")
    window = appeared(vehicle.has([f"{WINDOW}.IsOpen", f"{WINDOW}.Switch"]))["Left Rear Window"]
    order = DeviceCommand(window.id, Ability.OPEN, True)
    assert vehicle.targets(order) == ((f"{WINDOW}.Switch", "ONE_SHOT_OPEN"),)
    assert reported(vehicle.said(f"{WINDOW}.IsOpen", "true")) == {Ability.OPEN: True}
    assert vehicle.satisfied(order, {Ability.OPEN: True})


def test_a_window_is_under_way_until_it_has_come_to_its_end() -> None:
    vehicle = Vehicle("vss")
    window = appeared(vehicle.said(f"{WINDOW}.Position", 0))["Left Rear Window"]
    order = DeviceCommand(window.id, Ability.OPEN, True)
    half = reported(vehicle.said(f"{WINDOW}.Position", 40))
    assert half == {Ability.OPEN: True, Ability.POSITION: 40, Ability.MOTION: "opening"}
    assert not vehicle.satisfied(order, half)  # type: ignore[arg-type]
    whole = reported(vehicle.said(f"{WINDOW}.Position", 100))
    assert whole[Ability.MOTION] == "stopped"
    assert vehicle.satisfied(order, whole)  # type: ignore[arg-type]


def test_heating_and_cooling_are_two_sides_of_one_signal() -> None:
    vehicle = Vehicle("vss")
    path = "Vehicle.Cabin.Seat.Row1.DriverSide.HeatingCooling"
    seats = appeared(vehicle.said(path, -100))
    states = {
        change.device_id: change.state for change in vehicle.said(path, 33) if isinstance(change, Reported)
    }
    assert states[seats["Driver Seat Heating"].id] == {Ability.ON: True, Ability.PRESET: "low"}
    assert states[seats["Driver Seat Ventilation"].id] == {Ability.ON: False, Ability.PRESET: "off"}


@pytest.mark.parametrize(("speed", "moves"), [(0, False), (0.5, True), (-3, True)])
def test_a_flap_opens_only_while_the_car_stands(speed: float, moves: bool) -> None:
    vehicle = Vehicle("vss")
    flap = appeared(vehicle.said("Vehicle.Powertrain.FuelSystem.IsFuelPortFlapOpen", False))["Fuel Flap"]
    vehicle.said("Vehicle.Speed", speed)
    order = DeviceCommand(flap.id, Ability.OPEN, True)
    if moves:
        with pytest.raises(CannotError, match=WHILE_PARKED):
            vehicle.targets(order)
    else:
        assert vehicle.targets(order)
    assert vehicle.targets(DeviceCommand(flap.id, Ability.OPEN, False))


def test_a_chinese_home_sees_chinese_names_and_understands_both() -> None:
    vehicle = Vehicle("vss", chinese=True)
    window = appeared(vehicle.said(f"{WINDOW}.Position", 0))["左后车窗"]
    assert "Left Rear Window" in window.aliases


def test_what_only_tells_cannot_be_ordered() -> None:
    vehicle = Vehicle("vss")
    speed = appeared(vehicle.said("Vehicle.Speed", 3))["Speed"]
    with pytest.raises(CannotError):
        vehicle.targets(DeviceCommand(speed.id, Ability.READING, 3))


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(catalogue())), st.text() | st.floats() | st.integers() | st.none())
    )
)
def test_nothing_that_a_vehicle_says_breaks_it(said: list[tuple[str, object]]) -> None:
    vehicle = Vehicle("vss")
    for path, value in said:
        for change in vehicle.said(path, value):
            assert isinstance(change, Appeared | Reported)


@given(st.text(max_size=60), st.binary(max_size=200))
def test_nothing_on_a_topic_breaks_the_convention(below: str, payload: bytes) -> None:
    convention = VssTopics()
    convention.heard(f"car/vss/{below}", payload)
    convention.heard(f"car/vss/Vehicle/{below}", payload)
