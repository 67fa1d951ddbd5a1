"""What a vehicle's signals make for a person: the things of a car, each with its names, seat and facets.

A thing is there when one of its facets is; which are, depends on the signals that the vehicle has.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from devices.discovery.vss import facets as f
from devices.discovery.vss.catalogue import Raw
from devices.discovery.vss.facets import Facet
from devices.discovery.vss.seats import Seat, seats
from devices.home import Ability, Kind, Value

SPEED = "Vehicle.Speed"
DRIVER_POSITION = "Vehicle.Cabin.DriverPosition"
_CABIN, _BODY, _POWER = "Vehicle.Cabin", "Vehicle.Body", "Vehicle.Powertrain"
_BATTERY = f"{_POWER}.TractionBattery"
_CHARGING = f"{_BATTERY}.Charging"
COLDEST_C, WARMEST_C = 15.0, 30.0
"""The catalogue gives a station's temperature no bounds; cars do."""

Facets = Callable[[frozenset[str]], tuple[Facet, ...]]
"""Makes the facets of the signals that a vehicle has."""


@dataclass(frozen=True, slots=True)
class Thing:
    """`english` and `chinese` are its names, the first of each the one that it is shown under. What is
    `parked_only` is ordered only while the vehicle stands.
    """

    slug: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    kind: Kind
    facets: Facets
    room: str | None = None
    device_class: str = ""
    unit: str = ""
    parked_only: bool = False


def things(*, driver_on_the_right: bool) -> tuple[Thing, ...]:
    """Return everything that a vehicle may have."""
    each_seat = [thing for seat in seats(driver_on_the_right=driver_on_the_right) for thing in _of_seat(seat)]
    return (*each_seat, *_of_cabin(), *_of_body(), *_of_drive(), *_of_wheels(), *_warnings())


def _of_seat(seat: Seat) -> Iterator[Thing]:
    station, door = f"{_CABIN}.HVAC.Station.{seat.station}", f"{_CABIN}.Door.{seat.side}"
    place = f"{_CABIN}.Seat.{seat.side}"
    warmth = f"{place}.HeatingCooling"

    def thing(slug: str, english: str, chinese: str, kind: Kind, facets: Facets, **more: Any) -> Thing:
        return Thing(
            f"{slug}.{seat.side}".lower(),
            (f"{seat.english} {english}",),
            (f"{seat.chinese}{chinese}",),
            kind,
            facets,
            room=seat.room,
            **more,
        )

    climate = (
        f.temperature(f"{station}.Temperature", (COLDEST_C, WARMEST_C)),
        f.percent(f"{station}.FanSpeed", Ability.FAN_SPEED),
    )
    yield thing("climate", "Climate", "空调", Kind.CLIMATE, _always(*climate))
    for what, english, chinese, kind in (
        ("Window", "Window", "车窗", "window"),
        ("Shade", "Sunshade", "遮阳帘", "shade"),
    ):
        paths = [f"{door}.{what}.{each}" for each in ("Position", "IsOpen", "Switch")]
        yield thing(what, english, chinese, Kind.COVER, f.opening(*paths), device_class=kind)
    yield thing("heating", "Seat Heating", "座椅加热", Kind.SWITCH, _always(*f.heating(warmth)))
    yield thing(
        "cooling", "Seat Ventilation", "座椅通风", Kind.SWITCH, _always(*f.heating(warmth, cools=True))
    )
    for what, english, chinese in (
        ("Spotlight", "Reading Light", "阅读灯"),
        ("AmbientLight", "Ambient Light", "氛围灯"),
    ):
        lamp = f"{_CABIN}.Light.{what}.{seat.side}"
        lit = (f.switch(f"{lamp}.IsLightOn"), f.percent(f"{lamp}.Intensity", Ability.BRIGHTNESS, lowest=1))
        yield thing(what, english, chinese, Kind.LIGHT, _always(*lit, f.colour(f"{lamp}.Color")))


def _of_cabin() -> Iterator[Thing]:
    hvac, media = f"{_CABIN}.HVAC", f"{_CABIN}.Infotainment.Media"
    yield _switch(
        "aircon", ("Air Conditioning", "AC", "A/C"), ("空调", "冷气"), f"{hvac}.IsAirConditioningActive"
    )
    yield _switch(
        "recirculation", ("Recirculation", "air recirculation"), ("内循环",), f"{hvac}.IsRecirculationActive"
    )
    yield _switch(
        "front_defrost",
        ("Windscreen Defrost", "windshield defroster", "front defroster", "front demister", "demister"),
        ("前挡除雾", "前挡风玻璃除雾", "除雾", "前除霜"),
        f"{hvac}.IsFrontDefrosterActive",
    )
    yield _switch(
        "rear_defrost",
        ("Rear Window Heater", "rear defroster", "rear demister", "rear defrost"),
        ("后挡除雾", "后窗加热", "后挡风玻璃加热", "后除霜"),
        f"{hvac}.IsRearDefrosterActive",
    )
    wheel = f.heating("Vehicle.Chassis.SteeringWheel.HeatingCooling")
    yield Thing(
        "wheel",
        ("Steering Wheel Heating", "heated steering wheel", "steering wheel heater"),
        ("方向盘加热",),
        Kind.SWITCH,
        _always(*wheel),
        room="driver",
    )
    dome = _always(f.switch(f"{_CABIN}.Light.IsDomeOn"))
    names = ("Dome Light", "interior light", "cabin light", "roof light")
    yield Thing("dome", names, ("车顶灯", "车内灯"), Kind.LIGHT, dome)
    roof = [f"{_CABIN}.Sunroof.{each}" for each in ("Position", "Switch")]
    yield Thing("sunroof", ("Sunroof",), ("天窗",), Kind.COVER, _sunroof(*roof), device_class="window")
    shade = [f"{_CABIN}.Sunroof.Shade.{each}" for each in ("Position", "IsOpen", "Switch")]
    yield Thing(
        "roof_shade", ("Sunroof Shade",), ("天窗遮阳帘",), Kind.COVER, f.opening(*shade), device_class="shade"
    )
    audio = (f.playback(f"{media}.Action"), f.percent(f"{media}.Volume", Ability.VOLUME))
    yield Thing(
        "media",
        ("Car Audio", "stereo", "car stereo"),
        ("车载音响", "音响"),
        Kind.MEDIA_PLAYER,
        _always(*audio),
    )


def _of_body() -> Iterator[Thing]:
    doors = tuple(
        f"{_CABIN}.Door.Row{row}.{side}Side.IsLocked" for row in (1, 2) for side in ("Driver", "Passenger")
    )
    names = ("Doors", "car doors", "central locking")
    yield Thing("locks", names, ("车门", "车锁", "中控锁"), Kind.LOCK, f.locks(doors))
    trunk = f"{_BODY}.Trunk.Rear"
    paths = (f"{trunk}.Position", f"{trunk}.IsOpen", f"{trunk}.Switch")
    yield Thing(
        "boot",
        ("Boot", "trunk", "tailgate"),
        ("后备箱", "后备厢", "尾门"),
        Kind.COVER,
        f.opening(*paths),
        device_class="door",
        parked_only=True,
    )
    for slug, english, chinese, path in (
        ("charge_port", ("Charge Port", "charging port", "charging flap"), ("充电口", "充电盖"),
         f"{_CHARGING}.ChargingPort.AnyPosition.IsFlapOpen"),
        ("fuel_flap", ("Fuel Flap", "fuel door", "petrol cap"), ("油箱盖", "加油口"),
         f"{_POWER}.FuelSystem.IsFuelPortFlapOpen"),
    ):  # fmt: skip
        flap = _always(f.switch(path, Ability.OPEN))
        yield Thing(slug, english, chinese, Kind.COVER, flap, device_class="flap", parked_only=True)


def _of_drive() -> Iterator[Thing]:
    yield _sensor("speed", ("Speed",), ("车速",), (SPEED,), "km/h", "speed")
    ranges = (f"{_POWER}.Range", f"{_BATTERY}.Range", f"{_POWER}.FuelSystem.Range")
    yield _sensor(
        "range",
        ("Range", "remaining range"),
        ("续航", "续航里程", "剩余里程"),
        ranges,
        "km",
        "distance",
        1000,
    )
    charge = tuple(f"{_BATTERY}.StateOfCharge.{each}" for each in ("Displayed", "Current"))
    names = ("Battery", "car battery", "charge", "battery level")
    yield _sensor("charge", names, ("电量", "电池", "剩余电量"), charge, "%", "battery")
    fuel = (f"{_POWER}.FuelSystem.RelativeLevel",)
    yield _sensor("fuel", ("Fuel Tank", "fuel", "fuel level", "petrol"), ("油量", "油箱"), fuel, "%")
    left = (f"{_CHARGING}.TimeToComplete",)
    yield _sensor("charge_time", ("Charging Time",), ("充电时间", "充满时间"), left, "min", "duration", 60)
    yield Thing(
        "charging",
        ("Charging",),
        ("充电",),
        Kind.SWITCH,
        _always(f.charging(f"{_CHARGING}.StartStopCharging", f"{_CHARGING}.IsCharging")),
    )
    yield _sensor(
        "odometer",
        ("Odometer", "mileage"),
        ("里程", "总里程"),
        ("Vehicle.TraveledDistance",),
        "km",
        "distance",
        1000,
    )
    outside = ("Vehicle.Exterior.AirTemperature",)
    yield _sensor("outside", ("Outside Temperature",), ("车外温度", "室外温度"), outside, "°C", "temperature")
    inside = (f"{_CABIN}.HVAC.AmbientAirTemperature",)
    yield _sensor(
        "inside", ("Inside Temperature", "cabin temperature"), ("车内温度",), inside, "°C", "temperature"
    )
    here = f.place("Vehicle.CurrentLocation.Latitude", "Vehicle.CurrentLocation.Longitude")
    yield Thing("position", ("Car Position",), ("车辆位置",), Kind.SENSOR, _always(here))
    ignition = ("Vehicle.LowVoltageSystemState",)
    yield _sensor("ignition", ("Ignition",), ("点火状态",), ignition)


def _of_wheels() -> Iterator[Thing]:
    for path, english, chinese in _wheels():
        yield _sensor(
            f"tyre.{path}",
            (f"{english} Tyre Pressure", f"{english} tire pressure", f"{english} tyre"),
            (f"{chinese}轮胎压", f"{chinese}胎压"),
            (f"{path}.Tire.Pressure",),
            "bar",
            "pressure",
            100,
            digits=1,
        )


def _warnings() -> Iterator[Thing]:
    low = frozenset[Raw]({"LOW", "CRITICALLY_LOW"})
    engine = f"{_POWER}.CombustionEngine"
    yield _warning("washer", "Washer Fluid", "玻璃水", f"{_BODY}.Windshield.Front.WasherFluid.IsLevelLow")
    yield _warning("fuel_low", "Fuel Warning", "油量警告", f"{_POWER}.FuelSystem.IsFuelLevelLow")
    yield _warning("oil", "Engine Oil", "机油", f"{engine}.EngineOil.Level", low | {"CRITICALLY_HIGH"})
    yield _warning("coolant", "Engine Coolant", "冷却液", f"{engine}.EngineCoolant.Level", low)
    motor = f"{_POWER}.ElectricMotor.EngineCoolant.Level"
    yield _warning("motor_coolant", "Motor Coolant", "电机冷却液", motor, low)
    for path, english, chinese in _wheels():
        tyre = f"{path}.Tire.IsPressureLow"
        yield _warning(f"flat.{path}", f"{english} Tyre Warning", f"{chinese}轮胎警告", tyre)
        for what, word, zh in (
            ("IsBrakesWorn", "Brake Pads", "刹车片"),
            ("IsFluidLevelLow", "Brake Fluid", "刹车油"),
        ):
            name = f"{english} {word}"
            yield _warning(f"{word}.{path}", name, f"{chinese}{zh}", f"{path}.Brake.{what}")


def _wheels() -> Iterator[tuple[str, str, str]]:
    for row, english, chinese in ((1, "Front", "前"), (2, "Rear", "后")):
        for side, word, zh in (("Left", "Left", "左"), ("Right", "Right", "右")):
            yield f"Vehicle.Chassis.Axle.Row{row}.Wheel.{side}", f"{word} {english}", f"{zh}{chinese}"


def _always(*made: Facet) -> Facets:
    """The facets that have one of the signals that they read, and whatever they set."""

    def facets(has: frozenset[str]) -> tuple[Facet, ...]:
        return tuple(
            each for each in made if not has.isdisjoint(each.reads or each.sets) and has.issuperset(each.sets)
        )

    return facets


def _sunroof(position: str, slide: str) -> Facets:
    """Its position is only told, from -100, tilted, to 100, open; what opens it is its switch."""

    def facets(has: frozenset[str]) -> tuple[Facet, ...]:
        if slide not in has:
            return ()

        def write(value: Value) -> Sequence[f.Target]:
            return ((slide, "ONE_SHOT_OPEN" if value is True else "ONE_SHOT_CLOSE"),)

        def read(now: f.Values) -> Value | None:
            return now[position] != 0 if position in now else None

        return (Facet(Ability.OPEN, (position,), read, (slide,), write),)

    return facets


def _switch(slug: str, english: tuple[str, ...], chinese: tuple[str, ...], path: str) -> Thing:
    return Thing(slug, english, chinese, Kind.SWITCH, _always(f.switch(path)))


def _sensor(
    slug: str,
    english: tuple[str, ...],
    chinese: tuple[str, ...],
    paths: tuple[str, ...],
    unit: str = "",
    device_class: str = "",
    divided_by: float = 1,
    *,
    digits: int = 0,
) -> Thing:
    told = _always(f.reading(paths, divided_by=divided_by, digits=digits))
    return Thing(slug.lower(), english, chinese, Kind.SENSOR, told, unit=unit, device_class=device_class)


def _warning(
    slug: str, english: str, chinese: str, path: str, alarming: frozenset[Raw] = frozenset({True})
) -> Thing:
    told = _always(f.warning(path, alarming))
    return Thing(slug.lower(), (english,), (chinese,), Kind.SENSOR, told, device_class="problem")
