"""A vehicle on a broker that holds to the catalogue: it obeys what is an actuator's, of its type and in its
range, keeps its boot shut while it moves, tells each signal on its topic, and answers VISS requests.
"""

import asyncio
import fnmatch
import json
from collections.abc import Iterable
from typing import Any

from devices.discovery.vss.catalogue import Raw, Signal, catalogue
from devices.mqtt import MqttLink

VID = "TEST1"
BASE = "car/vss"

STANDING: dict[str, Raw] = {
    "Vehicle.Speed": 0.0,
    "Vehicle.Cabin.DriverPosition": "LEFT",
    "Vehicle.Cabin.HVAC.IsAirConditioningActive": False,
    "Vehicle.Cabin.HVAC.IsFrontDefrosterActive": False,
    "Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature": 20.0,
    "Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed": 30,
    "Vehicle.Cabin.HVAC.Station.Row1.Passenger.Temperature": 21.0,
    "Vehicle.Cabin.HVAC.Station.Row1.Passenger.FanSpeed": 30,
    "Vehicle.Cabin.Door.Row1.DriverSide.Window.Position": 0,
    "Vehicle.Cabin.Door.Row1.PassengerSide.Window.Position": 0,
    "Vehicle.Cabin.Door.Row2.DriverSide.Window.Position": 0,
    "Vehicle.Cabin.Door.Row2.PassengerSide.Window.Position": 0,
    "Vehicle.Cabin.Door.Row1.DriverSide.IsLocked": True,
    "Vehicle.Cabin.Door.Row1.PassengerSide.IsLocked": True,
    "Vehicle.Cabin.Seat.Row1.DriverSide.HeatingCooling": 0,
    "Vehicle.Cabin.Seat.Row1.PassengerSide.HeatingCooling": 0,
    "Vehicle.Cabin.Light.IsDomeOn": False,
    "Vehicle.Cabin.Light.AmbientLight.Row1.DriverSide.IsLightOn": True,
    "Vehicle.Cabin.Light.AmbientLight.Row1.DriverSide.Intensity": 40,
    "Vehicle.Cabin.Light.AmbientLight.Row1.DriverSide.Color": "#FFFFFF",
    "Vehicle.Cabin.Infotainment.Media.Action": "STOP",
    "Vehicle.Cabin.Infotainment.Media.Volume": 30,
    "Vehicle.Body.Trunk.Rear.IsOpen": False,
    "Vehicle.Powertrain.Range": 310_000,
    "Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed": 64.0,
    "Vehicle.Powertrain.TractionBattery.Charging.IsCharging": False,
    "Vehicle.Powertrain.TractionBattery.Charging.StartStopCharging": "STOP",
    "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure": 240,
    "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.IsPressureLow": False,
    "Vehicle.Body.Windshield.Front.WasherFluid.IsLevelLow": True,
    "Vehicle.CurrentLocation.Latitude": 60.1708,
    "Vehicle.CurrentLocation.Longitude": 24.9375,
    "Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Latitude": 0.0,
    "Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Longitude": 0.0,
}
"""A car with some of everything, parked in Helsinki with little left to wash its windscreen."""

PARKED_ONLY = ("Vehicle.Body.Trunk.",)
DESTINATION = "Vehicle.Cabin.Infotainment.Navigation.DestinationSet."


class Breach(Exception):  # noqa: N818 - an answer to the other side
    """What was asked is not in the catalogue, or not allowed now."""


class SimulatedVehicle:
    """Lives on a broker. `now` is how it stands, `breaches` what it refused, `destination` where it leads.

    With `strict_paths` a VISS request for several signals fails when one of them is missing.
    """

    def __init__(self, link: MqttLink, *, strict_paths: bool = False) -> None:
        self.now = dict(STANDING)
        self.breaches: list[str] = []
        self.destination: tuple[float, float] | None = None
        self._link = link
        self._strict = strict_paths
        self._subscribed: dict[str, tuple[str, frozenset[str]]] = {}
        self._talking: set[asyncio.Future[None]] = set()

    async def start(self, *, topics: bool = True, viss: bool = True) -> None:
        if topics:
            for path in self.now:
                self._link.subscribe(f"{BASE}/{path.replace('.', '/')}/set", self._set)
            self._link.subscribe(f"{BASE}/set", self._batch)
            for path, value in self.now.items():
                await self._link.publish(_topic(path), _word(value), retain=True)
        if viss:
            self._link.subscribe(f"{VID}/Vehicle", self._asked)

    def drive(self, speed_kmh: float) -> None:
        self._becomes("Vehicle.Speed", speed_kmh)

    def order(self, path: str, value: object) -> None:
        """Set a signal as the catalogue allows it, and say how it stands then."""
        known = catalogue().get(path)
        if known is None or path not in self.now:
            raise Breach(f"{path} is not there")
        self._check(known, value)
        self._becomes(path, known.read(value))
        if path.endswith(".StartStopCharging"):
            self._becomes(path.replace("StartStopCharging", "IsCharging"), value == "START")

    def _check(self, known: Signal, value: object) -> None:
        if not known.can_be_set:
            raise Breach(f"{known.path} is a {known.kind}")
        try:
            known.read(value)
        except ValueError as error:
            raise Breach(str(error)) from None
        if known.path.startswith(PARKED_ONLY) and self.now["Vehicle.Speed"]:
            raise Breach(f"{known.path} is not moved while driving")

    def _becomes(self, path: str, value: Raw) -> None:
        self.now[path] = value
        self._say(_topic(path), _word(value), retain=True)
        for number, (topic, paths) in self._subscribed.items():
            if path in paths:
                event = {"action": "subscription", "subscriptionId": number, "data": self._data([path])}
                self._say(topic, json.dumps(event))

    def _set(self, topic: str, payload: bytes, kept: bool) -> None:
        assert not kept, "an order must never be retained"
        path = topic.removeprefix(f"{BASE}/").removesuffix("/set").replace("/", ".")
        try:
            self.order(path, payload.decode())
        except Breach as breach:
            self.breaches.append(str(breach))

    def _batch(self, _topic: str, payload: bytes, kept: bool) -> None:
        """A destination, both halves at once; nothing else is taken here."""
        batch = json.loads(payload)
        whole = {f"{DESTINATION}Latitude", f"{DESTINATION}Longitude"}
        if batch.keys() != whole:
            self.breaches.append(f"a batch of {sorted(batch)}")
            return
        latitude, longitude = (catalogue()[path].checked(batch[path]) for path in sorted(whole))
        self.destination = (float(latitude), float(longitude))

    # -- VISS ------------------------------------------------------------------------------------------------

    def _asked(self, _topic: str, payload: bytes, kept: bool) -> None:
        asked = json.loads(payload)
        request = asked["request"]
        answer = {"action": request["action"], "requestId": request["requestId"]}
        try:
            answer |= self._answer(request, asked["topic"])
        except Breach as breach:
            self.breaches.append(str(breach))
            error = {"number": "404", "reason": "unavailable_data", "description": str(breach)}
            answer["error"] = error  # type: ignore[assignment]
        self._say(asked["topic"], json.dumps(answer))

    def _answer(self, request: dict[str, Any], topic: str) -> dict[str, Any]:
        match request["action"]:
            case "set":
                self.order(request["path"], request["value"])
                return {}
            case "get":
                return {"data": self._data(self._meant(request))}
            case "subscribe":
                number = str(len(self._subscribed) + 1)
                self._subscribed[number] = (topic, frozenset(self._meant(request)))
                return {"subscriptionId": number}
        raise Breach(f"there is no {request['action']}")

    def _meant(self, request: dict[str, Any]) -> list[str]:
        filters = request.get("filter", [])
        listed = filters if isinstance(filters, list) else [filters]
        wanted = [each["parameter"] for each in listed if each["variant"] == "paths"]
        if not wanted:
            return self._there([request["path"]], strict=True)
        return self._there([f"{request['path']}.{each}" for each in wanted[0]], strict=self._strict)

    def _there(self, patterns: Iterable[str], *, strict: bool) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            fitting = [path for path in self.now if fnmatch.fnmatchcase(path, pattern)]
            if not fitting and strict:
                raise Breach(f"{pattern} is not there")
            found += fitting
        return found

    def _data(self, paths: Iterable[str]) -> list[dict[str, Any]]:
        moment = "2026-11-23T12:00:00Z"
        return [{"path": path, "dp": {"value": _word(self.now[path]), "ts": moment}} for path in paths]

    def _say(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self._talking.add(asyncio.ensure_future(self._link.publish(topic, payload, retain=retain)))


def _topic(path: str) -> str:
    return f"{BASE}/{path.replace('.', '/')}"


def _word(value: Raw) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
