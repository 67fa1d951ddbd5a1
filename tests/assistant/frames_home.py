"""A small house and a car, as homes to understand orders in, and a way to say something there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from assistant.understanding.frames.memory import Memory
from assistant.understanding.frames.tier import FrameTier
from assistant.understanding.plan import Plan
from devices.home import Ability, Device, Home, Kind, Value

A = Ability
NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
DIMMABLE = frozenset({A.ON, A.BRIGHTNESS})
COLOURED = DIMMABLE | {A.COLOUR, A.COLOUR_TEMPERATURE}


def device(
    device_id: str,
    name: str,
    kind: Kind,
    room: str | None,
    state: Mapping[Ability, Value],
    **more: object,
) -> Device:
    """A thing that can do what its state tells of."""
    return Device(device_id, name, kind, frozenset(state), room, state=state, **more)  # type: ignore[arg-type]


def house() -> Home:
    home = Home(
        {"Kitchen": (), "Living Room": ("lounge", "客厅"), "Bedroom": ("卧室",), "Hall": ("hallway",)}
    )
    lit, dark = {A.ON: True, A.BRIGHTNESS: 80}, {A.ON: False, A.BRIGHTNESS: 0}
    for each in (
        device("spots", "Spots", Kind.LIGHT, "Kitchen", dark),
        device("counter", "Counter Lights", Kind.LIGHT, "Kitchen", lit),
        device("kettle", "Kettle", Kind.SWITCH, "Kitchen", {A.ON: False}),
        device("main", "Main Light", Kind.LIGHT, "Living Room", lit),
        device(
            "lamp",
            "Reading Lamp",
            Kind.LIGHT,
            "Living Room",
            {**lit, A.COLOUR: (255, 255, 255), A.COLOUR_TEMPERATURE: 4000},
        ),
        device(
            "telly",
            "TV",
            Kind.MEDIA_PLAYER,
            "Living Room",
            {A.ON: True, A.VOLUME: 30, A.MUTED: False, A.PLAYBACK: "playing"},
            aliases=("电视",),
        ),
        device(
            "stove",
            "Radiator",
            Kind.CLIMATE,
            "Living Room",
            {A.SETPOINT: 20, A.MODE: "heat"},
            options={A.MODE: ("off", "heat", "auto")},
            limits={A.SETPOINT: (5, 30)},
        ),
        device(
            "blind", "Blind", Kind.COVER, "Living Room", {A.OPEN: True, A.POSITION: 100}, device_class="blind"
        ),
        device("bedlight", "Bedroom Light", Kind.LIGHT, "Bedroom", dark),
        device("fan", "Fan", Kind.FAN, "Bedroom", {A.ON: True, A.FAN_SPEED: 40}),
        device(
            "curtain", "窗帘", Kind.COVER, "Bedroom", {A.OPEN: True, A.POSITION: 100}, device_class="curtain"
        ),
        device("door", "Front Door", Kind.LOCK, "Hall", {A.LOCKED: False}),
        device("hall", "Hall Light", Kind.LIGHT, "Hall", {A.ON: True}),
        device("robot", "Dusty", Kind.VACUUM, "Hall", {A.CLEANING: "docked"}),
        device("film", "Movie Night", Kind.SCENE, "Living Room", {A.PRESSED: False}),
        device("washer", "Washing Machine", Kind.SENSOR, "Kitchen", {A.READING: "running"}),
    ):
        home.put(each)
    return home


def car() -> Home:
    home = Home({"driver": ("driver's side",), "passenger": ("passenger side", "副驾"), "rear": ("back",)})
    for seat in ("driver", "passenger", "rear"):
        home.put(
            device(
                f"{seat}_temp",
                f"{seat.title()} Climate",
                Kind.CLIMATE,
                seat,
                {A.SETPOINT: 21},
                limits={A.SETPOINT: (16, 28)},
            )
        )
        home.put(
            device(
                f"{seat}_window",
                f"{seat.title()} Window",
                Kind.COVER,
                seat,
                {A.OPEN: False, A.POSITION: 0},
                device_class="window",
            )
        )
    home.put(device("blower", "Blower", Kind.FAN, None, {A.ON: True, A.FAN_SPEED: 30}))
    return home


Step = tuple[str, str, object]


class Talk:
    """A conversation in one room of a home; each `say` returns what is ordered, a step a thing."""

    def __init__(self, home: Home, room: str | None = "Living Room") -> None:
        self.tier = FrameTier(home, lambda: NOW)
        self.room = room
        self.memory = Memory()

    def plan(self, text: str) -> Plan | None:
        language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"
        return self.tier.plan(text, language, self.room, "turn", self.memory)

    def say(self, text: str) -> Sequence[Step]:
        return steps(self.plan(text))


def steps(plan: Plan | None) -> list[Step]:
    """(thing, ability, value), sorted; a step by so much has its sign, `undo` is ("", "undo", "")."""
    found: list[Step] = []
    for call in plan.calls if plan is not None else ():
        if call.tool != "order":
            found.append(("", call.tool, ",".join(call.arguments.get("things", ()))))
            continue
        by = call.arguments.get("by")
        value = call.arguments.get("value") if by is None else ("up" if by > 0 else "down")
        found += [(thing, call.arguments["ability"], value) for thing in call.arguments["things"]]
    return sorted(found, key=str)
