import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.discovery.vss.catalogue import UnknownSignalError, WrongValueError, catalogue, signal
from devices.discovery.vss.things import things

FAN = "Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed"
AIRCON = "Vehicle.Cabin.HVAC.IsAirConditioningActive"


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        (FAN, "40", 40),
        (FAN, "40.0", 40),
        (AIRCON, "true", True),
        (AIRCON, "FALSE", False),
        (AIRCON, True, True),
        ("Vehicle.Speed", "31.5", 31.5),
        ("Vehicle.Cabin.Infotainment.Media.Action", '"PLAY"', "PLAY"),
    ],
)
def test_a_value_is_read_as_its_signals_type(path: str, text: object, value: object) -> None:
    assert signal(path).read(text) == value
    assert type(signal(path).read(text)) is type(value)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (FAN, "101"),
        (FAN, "-1"),
        (FAN, "3.5"),
        (FAN, "nan"),
        (FAN, True),
        (FAN, None),
        (AIRCON, "yes"),
        (AIRCON, 1),
        ("Vehicle.Cabin.Infotainment.Media.Action", "PAUSE"),
        ("Vehicle.Speed", "1e999"),
    ],
)
def test_a_value_of_another_type_or_beyond_the_range_is_refused(path: str, text: object) -> None:
    with pytest.raises(WrongValueError):
        signal(path).read(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Vehicle.Cabin.Lights.IsDomeOn", "Vehicle.Cabin.Light.IsDomeOn"),
        (
            "Vehicle.Cabin.HVAC.Station.Row1.Left.Temperature",
            "Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature",
        ),
        (
            "Vehicle.Cabin.Door.Row2.Right.Window.Position",
            "Vehicle.Cabin.Door.Row2.PassengerSide.Window.Position",
        ),
        ("Vehicle.Cabin.Seat.Row1.Pos1.Heating", "Vehicle.Cabin.Seat.Row1.DriverSide.HeatingCooling"),
        ("Vehicle.Body.Trunk.IsOpen", "Vehicle.Body.Trunk.Rear.IsOpen"),
        ("Vehicle.Powertrain.FuelSystem.Level", "Vehicle.Powertrain.FuelSystem.RelativeLevel"),
    ],
)
def test_older_names_of_a_signal_are_known(old: str, new: str) -> None:
    assert signal(old).path == new


def test_a_path_that_the_catalogue_has_not_is_refused() -> None:
    with pytest.raises(UnknownSignalError):
        signal("Vehicle.Cabin.EjectorSeat.IsArmed")


def test_everything_that_is_ordered_is_an_actuator_of_the_catalogue() -> None:
    has = frozenset(catalogue())
    facets = [facet for thing in things(driver_on_the_right=False) for facet in thing.facets(has)]
    assert len(facets) > 60
    for facet in facets:
        for path in facet.sets:
            assert catalogue()[path].can_be_set, path
        for path in facet.reads:
            assert path in catalogue(), path


@given(
    st.sampled_from(sorted(catalogue())), st.text() | st.floats() | st.none() | st.booleans() | st.integers()
)
def test_whatever_comes_as_a_value_is_of_the_type_or_refused(path: str, value: object) -> None:
    known = signal(path)
    try:
        told = known.read(value)
    except WrongValueError:
        return
    assert known.checked(told) == told
