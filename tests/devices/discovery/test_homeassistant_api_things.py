"""What entities become, and what is called for them, with words alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.discovery.convention import CannotError
from devices.discovery.homeassistant_api import orders, things
from devices.discovery.homeassistant_api.entity_state import EntityState
from devices.discovery.homeassistant_api.registries import Registries
from devices.discovery.homeassistant_api.things import Thing
from devices.home import Ability, Kind, Value

DOMAINS = sorted(things._MAKERS)


def thing(entity_id: str, said: str, **attributes: Any) -> Thing:
    found = things.thing_of(EntityState(entity_id, said, attributes), fahrenheit=False)
    assert found is not None
    return found


def called(entity_id: str, made: Thing, ability: Ability, value: Value) -> tuple[str, dict[str, Any]]:
    action = orders.action(entity_id.partition(".")[0], made, ability, value)
    return action.service, dict(action.data)


def test_a_light_tells_only_the_colour_that_it_shows_now() -> None:
    modes = {"supported_color_modes": ["color_temp", "hs"], "rgb_color": [255, 166, 87]}
    white = thing("light.a", "on", color_mode="color_temp", color_temp_kelvin=2700, **modes)
    assert white.state[Ability.COLOUR_TEMPERATURE] == 2700
    assert white.state[Ability.COLOUR] is None
    red = thing("light.a", "on", color_mode="hs", **modes)
    assert red.state[Ability.COLOUR] == (255, 166, 87)


def test_a_light_that_only_switches_has_no_brightness() -> None:
    assert thing("light.a", "on", supported_color_modes=["onoff"]).abilities == {Ability.ON}


def test_white_is_asked_within_what_the_light_can_show() -> None:
    light = thing(
        "light.a",
        "on",
        supported_color_modes=["color_temp"],
        min_color_temp_kelvin=2200,
        max_color_temp_kelvin=4000,
    )
    asked = called("light.a", light, Ability.COLOUR_TEMPERATURE, 6500)
    assert asked == ("turn_on", {"color_temp_kelvin": 4000})
    state: dict[Ability, Value] = {Ability.ON: True, Ability.COLOUR_TEMPERATURE: 4000}
    assert orders.satisfied(light, Ability.COLOUR_TEMPERATURE, 6500, state)


@pytest.mark.parametrize("percent", range(101))
def test_every_brightness_that_is_asked_is_recognised_when_it_comes_back(percent: int) -> None:
    light = thing("light.a", "on", supported_color_modes=["brightness"])
    service, data = called("light.a", light, Ability.BRIGHTNESS, percent)
    after = thing("light.a", service.removeprefix("turn_"), supported_color_modes=["brightness"], **data)
    state = {ability: value for ability, value in after.state.items() if value is not None}
    assert orders.satisfied(light, Ability.BRIGHTNESS, percent, state)


def test_a_cover_that_moves_is_not_there_yet() -> None:
    cover = thing("cover.a", "opening", supported_features=15, current_position=40, device_class="garage")
    assert (cover.kind, cover.device_class) == (Kind.COVER, "garage")
    assert cover.state == {Ability.MOTION: "opening", Ability.OPEN: True, Ability.POSITION: 40}
    assert not orders.satisfied(cover, Ability.OPEN, True, {**_known(cover)})
    there = thing("cover.a", "open", supported_features=15, current_position=100)
    assert orders.satisfied(there, Ability.OPEN, True, _known(there))
    half = thing("cover.a", "open", supported_features=15, current_position=40)
    assert not orders.satisfied(half, Ability.OPEN, True, _known(half))


def test_a_cover_without_a_stop_cannot_be_stopped() -> None:
    cover = thing("cover.a", "open", supported_features=3)
    assert cover.abilities == {Ability.OPEN}
    with pytest.raises(CannotError):
        called("cover.a", cover, Ability.MOTION, "stopped")


def test_a_valve_is_no_cover() -> None:
    valve = thing("valve.a", "open", supported_features=3, device_class="water")
    assert (valve.kind, valve.device_class) == (Kind.OTHER, "valve")
    assert called("valve.a", valve, Ability.OPEN, False) == ("close_valve", {})


@pytest.mark.parametrize(
    ("said", "locked", "motion"),
    [
        ("locked", True, "stopped"),
        ("unlocked", False, "stopped"),
        ("locking", None, "locking"),
        ("jammed", None, "jammed"),
        ("open", False, "stopped"),
        ("unknown", None, None),
    ],
)
def test_a_lock_is_locked_only_when_it_says_so(said: str, locked: Any, motion: Any) -> None:
    assert thing("lock.a", said).state == {Ability.LOCKED: locked, Ability.MOTION: motion}


def test_an_alarm_can_be_armed_only_as_it_supports() -> None:
    alarm = thing("alarm_control_panel.a", "armed_vacation", supported_features=3)
    assert alarm.options[Ability.ARMED] == ("disarmed", "armed_home", "armed_away")
    assert alarm.state[Ability.ARMED] == "armed_away"
    assert called("alarm_control_panel.a", alarm, Ability.ARMED, "armed_home") == ("alarm_arm_home", {})
    with pytest.raises(CannotError):
        called("alarm_control_panel.a", alarm, Ability.ARMED, "armed_night")


def test_a_climate_device_that_keeps_a_range_takes_no_single_temperature() -> None:
    both = thing(
        "climate.a",
        "heat_cool",
        supported_features=3,
        hvac_modes=["heat_cool", "heat"],
        target_temp_low=19,
        target_temp_high=24,
        temperature=None,
    )
    with pytest.raises(CannotError, match="between two"):
        called("climate.a", both, Ability.SETPOINT, 21)


def test_a_skipped_song_is_not_waited_for() -> None:
    player = thing("media_player.a", "playing", supported_features=32 | 1)
    assert called("media_player.a", player, Ability.PLAYBACK, "next") == ("media_next_track", {})
    assert not orders.reports(player, Ability.PLAYBACK, "next")
    assert orders.reports(player, Ability.PLAYBACK, "paused")


def test_a_vacuum_in_its_dock_has_stopped() -> None:
    vacuum = thing("vacuum.a", "docked", supported_features=8192 | 8 | 16)
    assert orders.satisfied(vacuum, Ability.CLEANING, "stopped", {Ability.CLEANING: "docked"})
    assert called("vacuum.a", vacuum, Ability.CLEANING, "docked") == ("return_to_base", {})
    with pytest.raises(CannotError):
        called("vacuum.a", vacuum, Ability.CLEANING, "locate")


@pytest.mark.parametrize(
    ("said", "reading"),
    [("21.5", 21.5), ("54", 54), ("Regen", "Regen"), ("unknown", None), ("unavailable", None), ("", None)],
)
def test_a_sensor_reads_a_number_where_it_is_one(said: str, reading: Any) -> None:
    assert thing("sensor.a", said).state == {Ability.READING: reading}


def test_nobody_orders_a_sensor() -> None:
    with pytest.raises(CannotError):
        called("sensor.a", thing("sensor.a", "1"), Ability.READING, 4)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        "supported_color_modes",
        "color_mode",
        "brightness",
        "rgb_color",
        "color_temp_kelvin",
        "min_color_temp_kelvin",
        "max_color_temp_kelvin",
        "supported_features",
        "current_position",
        "current_tilt_position",
        "hvac_modes",
        "temperature",
        "min_temp",
        "max_temp",
        "target_temp_step",
        "preset_modes",
        "preset_mode",
        "current_temperature",
        "percentage",
        "percentage_step",
        "volume_level",
        "is_volume_muted",
        "fan_speed_list",
        "fan_speed",
        "battery_level",
        "available_modes",
        "mode",
        "current_humidity",
        "device_class",
        "unit_of_measurement",
    ]
)
VALUES = JSON | st.integers(0, 2**21) | st.lists(st.sampled_from(("hs", "heat", "color_temp")), max_size=3)
ASKED = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(("heat", "next", "docked")),
    st.tuples(st.integers(), st.integers(), st.integers()),
)


@given(
    st.sampled_from(DOMAINS),
    st.text(max_size=12) | st.sampled_from(("on", "open", "heat", "21")),
    st.dictionaries(KEYS, VALUES, max_size=8),
    st.booleans(),
    ASKED,
)
def test_no_attributes_and_no_order_break_anything(
    domain: str, said: str, attributes: dict[str, Any], fahrenheit: bool, asked: Value
) -> None:
    made = things.thing_of(EntityState(f"{domain}.a", said, attributes), fahrenheit=fahrenheit)
    assert made is not None
    for ability in Ability:
        try:
            orders.action(domain, made, ability, asked)
        except CannotError:
            continue
        orders.satisfied(made, ability, asked, _known(made))


@given(
    st.dictionaries(st.sampled_from(["config", "areas", "devices", "entities", "entries", "exposed"]), JSON)
)
def test_no_registry_breaks_anything(answers: dict[str, Any]) -> None:
    about = Registries.read(answers, exposed_only=True).about("light.a")
    assert about.exposed is False


def test_only_what_mqtt_announced_keeps_its_other_identifiers() -> None:
    device = {
        "id": "d",
        "identifiers": [["mqtt", "plug_7"], ["hue", "lamp_3"]],
        "connections": [["zigbee", "00:15:8d:00:01:a2:b3:c4"], ["upnp", "uuid:1"]],
    }
    entities = [{"entity_id": "light.a", "device_id": "d"}]
    read = Registries.read({"devices": [device], "entities": entities}, exposed_only=False)
    assert read.about("light.a").identities == {"id:plug_7", "ieee:0x00158d0001a2b3c4"}


def _known(made: Thing) -> dict[Ability, Value]:
    return {ability: value for ability, value in made.state.items() if value is not None}
