"""What an entity of each domain is to the house: its kind, what can be asked of it, how it is.

The bits are Home Assistant's `…EntityFeature` flags, which are part of its API and do not change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from devices.discovery.components import colours
from devices.discovery.components.climate import Degrees
from devices.discovery.components.lighting import Dimmer
from devices.discovery.components.settings import as_number
from devices.discovery.homeassistant_api.entity_state import EntityState
from devices.home import Ability, Kind, Value

Report = dict[Ability, Value | None]

_ON_OFF = {"on": True, "off": False}
_COLOURFUL = frozenset({"hs", "xy", "rgb", "rgbw", "rgbww"})
_DIMMER = Dimmer(255)
_CELSIUS = Degrees(fahrenheit=False, step=0.5)
MOVED_PERCENT = 3.0
"""By how much motors and loudspeakers may miss what they were given."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity in the house's words. `state` lacks what the entity says nothing about, and holds None for
    what it says to be unknown. `steps` are the smallest changes that it can make, in the ability's own unit.
    """

    kind: Kind
    abilities: frozenset[Ability]
    state: Report
    options: Mapping[Ability, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[Ability, tuple[float, float]] = field(default_factory=dict)
    device_class: str = ""
    unit: str = ""
    steps: Mapping[Ability, float] = field(default_factory=dict)
    degrees: Degrees = _CELSIUS


def thing_of(entity: EntityState, *, fahrenheit: bool) -> Thing | None:
    """What the entity is; None for a domain of which the house knows nothing."""
    make = _MAKERS.get(entity.domain)
    return make(entity, fahrenheit) if make else None


def is_known_domain(entity_id: str) -> bool:
    """Whether there is anything to make of such an entity."""
    return entity_id.partition(".")[0] in _MAKERS


def _light(entity: EntityState, _fahrenheit: bool) -> Thing:
    modes = set(entity.words("supported_color_modes"))
    mode = entity.text("color_mode")
    state: Report = {Ability.ON: _ON_OFF.get(entity.said)}
    limits: dict[Ability, tuple[float, float]] = {}
    if modes - {"onoff", "unknown"}:
        raw = entity.number("brightness")
        state[Ability.BRIGHTNESS] = None if raw is None else _DIMMER.to_percent(raw)
    if modes & _COLOURFUL:
        state[Ability.COLOUR] = _rgb(entity) if mode in _COLOURFUL else None
    if "color_temp" in modes:
        white = entity.number("color_temp_kelvin") if mode == "color_temp" else None
        state[Ability.COLOUR_TEMPERATURE] = None if white is None else round(white)
        lowest, highest = entity.number("min_color_temp_kelvin"), entity.number("max_color_temp_kelvin")
        if lowest and highest and 0 < lowest < highest:
            limits[Ability.COLOUR_TEMPERATURE] = (lowest, highest)
    return Thing(Kind.LIGHT, frozenset(state), state, limits=limits)


def _rgb(entity: EntityState) -> colours.Rgb | None:
    said = entity.attributes.get("rgb_color")
    if not isinstance(said, list | tuple) or len(said) != 3:
        return None
    red, green, blue = (as_number(part) for part in said)
    return None if red is None or green is None or blue is None else colours.rgb(red, green, blue)


def _switch(entity: EntityState, _fahrenheit: bool) -> Thing:
    state: Report = {Ability.ON: _ON_OFF.get(entity.said)}
    return Thing(Kind.SWITCH, frozenset(state), state, device_class=entity.text("device_class"))


def _siren(entity: EntityState, _fahrenheit: bool) -> Thing:
    state: Report = {Ability.ON: _ON_OFF.get(entity.said)}
    return Thing(Kind.OTHER, frozenset(state), state, device_class="siren")


def _humidifier(entity: EntityState, _fahrenheit: bool) -> Thing:
    state: Report = {Ability.ON: _ON_OFF.get(entity.said)}
    options: dict[Ability, tuple[str, ...]] = {}
    if modes := entity.words("available_modes"):
        options[Ability.PRESET] = modes
        state[Ability.PRESET] = entity.text("mode") or None
    if (damp := entity.number("current_humidity")) is not None:
        state[Ability.READING] = damp
    name = entity.text("device_class") or "humidifier"
    return Thing(Kind.OTHER, frozenset(state), state, options, device_class=name, unit="%")


def _opening(entity: EntityState, kind: Kind, device_class: str, tilt: int | None) -> Thing:
    """A cover or a valve; their first four bits are the same."""
    position = entity.number("current_position")
    moving = entity.said if entity.said in ("opening", "closing") else None
    known = position is not None or entity.said in ("open", "closed", "opening")
    is_open = position > 0 if position is not None else entity.said in ("open", "opening")
    state: Report = {Ability.MOTION: moving or ("stopped" if known else None)}
    abilities: set[Ability] = set()
    options: dict[Ability, tuple[str, ...]] = {}
    if entity.has(1 | 2 | 4) or known:
        abilities.add(Ability.OPEN)
        state[Ability.OPEN] = is_open if known else None
    if entity.has(4):
        state[Ability.POSITION] = None if position is None else round(position)
        abilities.add(Ability.POSITION)
    if entity.has(8):
        options[Ability.MOTION] = ("stopped",)
        abilities.add(Ability.MOTION)
    if tilt is not None and entity.has(tilt):
        blades = entity.number("current_tilt_position")
        state[Ability.TILT] = None if blades is None else round(blades)
        abilities.add(Ability.TILT)
    return Thing(kind, frozenset(abilities), state, options, device_class=device_class)


def _cover(entity: EntityState, _fahrenheit: bool) -> Thing:
    return _opening(entity, Kind.COVER, entity.text("device_class"), 128)


def _valve(entity: EntityState, _fahrenheit: bool) -> Thing:
    """No cover, since nobody who closes the covers means the water."""
    return _opening(entity, Kind.OTHER, "valve", None)


def _climate(entity: EntityState, fahrenheit: bool) -> Thing:
    degrees = Degrees(fahrenheit, entity.number("target_temp_step") or (1.0 if fahrenheit else 0.5))
    state: Report = {}
    options: dict[Ability, tuple[str, ...]] = {}
    limits: dict[Ability, tuple[float, float]] = {}
    if modes := entity.words("hvac_modes"):
        options[Ability.MODE] = modes
        state[Ability.MODE] = entity.said if entity.said in modes else None
    if entity.has(1):
        state[Ability.SETPOINT] = _celsius(entity, "temperature", degrees)
        ends = [_celsius(entity, key, degrees) for key in ("min_temp", "max_temp")]
        if ends[0] is not None and ends[1] is not None:
            limits[Ability.SETPOINT] = (ends[0], ends[1])
    if entity.has(16) and (presets := entity.words("preset_modes")):
        options[Ability.PRESET] = presets
        state[Ability.PRESET] = entity.text("preset_mode") or None
    if entity.has(128) and entity.has(256):
        state[Ability.ON] = None if entity.said not in modes else entity.said != "off"
    if "current_temperature" in entity.attributes:
        state[Ability.READING] = _celsius(entity, "current_temperature", degrees)
    return Thing(Kind.CLIMATE, frozenset(state), state, options, limits, unit="°C", degrees=degrees)


def _celsius(entity: EntityState, key: str, degrees: Degrees) -> float | None:
    raw = entity.number(key)
    return None if raw is None else degrees.to_celsius(raw)


def _fan(entity: EntityState, _fahrenheit: bool) -> Thing:
    state: Report = {Ability.ON: _ON_OFF.get(entity.said)}
    options: dict[Ability, tuple[str, ...]] = {}
    steps: dict[Ability, float] = {}
    if entity.has(1):
        speed = entity.number("percentage")
        state[Ability.FAN_SPEED] = None if speed is None else round(speed)
        steps[Ability.FAN_SPEED] = entity.number("percentage_step") or 1.0
    if entity.has(8) and (presets := entity.words("preset_modes")):
        options[Ability.PRESET] = presets
        state[Ability.PRESET] = entity.text("preset_mode") or None
    return Thing(Kind.FAN, frozenset(state), state, options, steps=steps)


_LOCKS: Mapping[str, Report] = {
    "locked": {Ability.LOCKED: True, Ability.MOTION: "stopped"},
    "unlocked": {Ability.LOCKED: False, Ability.MOTION: "stopped"},
    "open": {Ability.LOCKED: False, Ability.MOTION: "stopped"},
    "opening": {Ability.LOCKED: False, Ability.MOTION: "opening"},
    "locking": {Ability.LOCKED: None, Ability.MOTION: "locking"},
    "unlocking": {Ability.LOCKED: None, Ability.MOTION: "unlocking"},
    "jammed": {Ability.LOCKED: None, Ability.MOTION: "jammed"},
}


def _lock(entity: EntityState, _fahrenheit: bool) -> Thing:
    state = _LOCKS.get(entity.said, {Ability.LOCKED: None, Ability.MOTION: None})
    return Thing(Kind.LOCK, frozenset({Ability.LOCKED}), dict(state))


_ARMED = ("disarmed", "armed_home", "armed_away", "armed_night")
_ALARMS: Mapping[str, str] = {word: word for word in (*_ARMED, "arming", "pending", "triggered")} | {
    "armed_vacation": "armed_away",
    "armed_custom_bypass": "armed_home",
}


def _alarm(entity: EntityState, _fahrenheit: bool) -> Thing:
    can = tuple(word for word, bit in zip(_ARMED, (0, 1, 2, 4), strict=True) if not bit or entity.has(bit))
    state: Report = {Ability.ARMED: _ALARMS.get(entity.said)}
    return Thing(Kind.ALARM, frozenset(state), state, {Ability.ARMED: can})


def _media_player(entity: EntityState, _fahrenheit: bool) -> Thing:
    known = entity.reading is not None
    state: Report = {}
    options: dict[Ability, tuple[str, ...]] = {}
    if entity.has(128 | 256):
        state[Ability.ON] = entity.said not in ("off", "standby") if known else None
    if entity.has(4):
        loud = entity.number("volume_level")
        state[Ability.VOLUME] = None if loud is None else min(100, max(0, round(loud * 100)))
    if entity.has(8):
        state[Ability.MUTED] = entity.flag("is_volume_muted")
    if can := tuple(word for word, bit in PLAYBACK_BITS.items() if entity.has(bit)):
        words = {"playing": "playing", "buffering": "playing", "paused": "paused"}
        options[Ability.PLAYBACK] = can
        state[Ability.PLAYBACK] = words.get(entity.said, "stopped") if known else None
    name = entity.text("device_class")
    return Thing(Kind.MEDIA_PLAYER, frozenset(state), state, options, device_class=name)


PLAYBACK_BITS: Mapping[str, int] = {
    "playing": 16384,
    "paused": 1,
    "stopped": 4096,
    "next": 32,
    "previous": 16,
}


def _vacuum(entity: EntityState, _fahrenheit: bool) -> Thing:
    bits = {"cleaning": 8192, "paused": 4, "stopped": 8, "docked": 16, "locate": 512}
    said = {word: word for word in ("cleaning", "paused", "docked", "returning", "error")}
    state: Report = {Ability.CLEANING: (said | {"idle": "stopped"}).get(entity.said)}
    options = {Ability.CLEANING: tuple(word for word, bit in bits.items() if entity.has(bit))}
    if entity.has(32) and (speeds := entity.words("fan_speed_list")):
        options[Ability.PRESET] = speeds
        state[Ability.PRESET] = entity.text("fan_speed") or None
    if (charge := entity.number("battery_level")) is not None:
        state[Ability.READING] = round(charge)
    return Thing(Kind.VACUUM, frozenset(state), state, options, unit="%")


def _pressed(entity: EntityState, _fahrenheit: bool) -> Thing:
    kind = Kind.SCENE if entity.domain in ("scene", "script") else Kind.OTHER
    return Thing(kind, frozenset({Ability.PRESSED}), {}, device_class=entity.text("device_class"))


def _sensor(entity: EntityState, _fahrenheit: bool) -> Thing:
    """A reading. Sensors convert to the instance's unit one by one, so each is believed by its own."""
    reading, unit = entity.reading, entity.text("unit_of_measurement")
    if unit == "°F":
        unit = "°C"
        number = isinstance(reading, int | float)
        reading = round((float(reading) - 32) / 1.8, 1) if number and reading is not None else None
    name = entity.text("device_class")
    return _tells(reading, name, unit)


def _binary_sensor(entity: EntityState, _fahrenheit: bool) -> Thing:
    reading = entity.said if entity.said in _ON_OFF else None
    return _tells(reading, entity.text("device_class"))


def _whereabouts(entity: EntityState, _fahrenheit: bool) -> Thing:
    """A person or what a person carries: home, not_home, or the name of a zone."""
    return _tells(entity.reading, entity.domain)


def _tells(reading: Value | None, device_class: str, unit: str = "") -> Thing:
    state: Report = {Ability.READING: reading}
    return Thing(Kind.SENSOR, frozenset(state), state, device_class=device_class, unit=unit)


_MAKERS: Mapping[str, Callable[[EntityState, bool], Thing]] = {
    "alarm_control_panel": _alarm,
    "binary_sensor": _binary_sensor,
    "button": _pressed,
    "climate": _climate,
    "cover": _cover,
    "device_tracker": _whereabouts,
    "fan": _fan,
    "humidifier": _humidifier,
    "input_boolean": _switch,
    "input_button": _pressed,
    "light": _light,
    "lock": _lock,
    "media_player": _media_player,
    "person": _whereabouts,
    "scene": _pressed,
    "script": _pressed,
    "sensor": _sensor,
    "siren": _siren,
    "switch": _switch,
    "vacuum": _vacuum,
    "valve": _valve,
}
