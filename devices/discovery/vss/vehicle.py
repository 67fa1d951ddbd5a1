"""One vehicle: which of the catalogue's signals it has, how they stand, and the things that they make.

However it is spoken to (a topic a signal, VISS, KUKSA), this is what its words mean.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from devices.commands import DeviceCommand
from devices.discovery.convention import Appeared, CannotError, Change, Reported
from devices.discovery.vss.catalogue import (
    Raw,
    Signal,
    UnknownSignalError,
    WrongValueError,
    renamed,
    signal,
)
from devices.discovery.vss.facets import Facet, Target
from devices.discovery.vss.things import DRIVER_POSITION, SPEED, Thing, things
from devices.home import Ability, Device, Value
from devices.vehicles import WHILE_PARKED

logger = logging.getLogger(__name__)

NEARLY = 1.0
"""A motor stops a percent or so beside where it was sent."""
FULLY_OPEN = 95
"""Percent from which an order to open has been carried out."""


@dataclass(slots=True)
class _Found:
    device: Device
    thing: Thing
    facets: Mapping[Ability, Facet]


class Vehicle:
    """Fed with what a vehicle says, answers with changes. `convention` marks its things; with `chinese` they
    are shown under their Chinese names, and called by the others as well.
    """

    def __init__(self, convention: str, *, chinese: bool = False) -> None:
        self._convention = convention
        self._chinese = chinese
        self._signals: dict[str, Signal] = {}
        self._called: dict[str, str] = {}
        self._now: dict[str, Raw] = {}
        self._found: dict[str, _Found] = {}
        self._by_path: dict[str, set[str]] = {}
        self._things = things(driver_on_the_right=False)

    @property
    def signals(self) -> Mapping[str, Signal]:
        """What it has of the catalogue, by today's paths."""
        return self._signals

    def called(self, path: str) -> str:
        """What the vehicle itself calls a signal, which may be an older name."""
        return self._called.get(path, path)

    def tells(self, path: str, value: Raw) -> bool:
        """Whether a signal stands so; numbers as nearly as 32 bits can tell them."""
        now = self._now.get(path)
        if _is_number(now) and _is_number(value):
            return abs(float(now) - float(value)) < 1e-4  # type: ignore[arg-type]  # numbers, both
        return now == value

    def device_ids(self, path: str) -> frozenset[str]:
        """The things that a signal belongs to, under whichever name."""
        return frozenset(self._by_path.get(path) or self._by_path.get(renamed(path)) or ())

    def paths(self, device_id: str) -> Sequence[str]:
        """The signals of a thing, under the vehicle's own names."""
        found = self._found.get(device_id)
        facets = () if found is None else tuple(found.facets.values())
        known = {path for facet in facets for path in facet.paths if path in self._signals}
        return sorted(self.called(path) for path in known)

    def has(self, said: Iterable[str | Signal]) -> Sequence[Change]:
        """Take note of signals that it has; what the catalogue does not know is passed over. A `Signal` is
        what the vehicle itself says of one: it may keep it within narrower bounds.
        """
        new = False
        for each in said:
            path = each if isinstance(each, str) else each.path
            try:
                known = signal(path)
            except UnknownSignalError:
                continue
            if known.path not in self._signals:
                new = True
                self._signals[known.path] = known if isinstance(each, str) else _narrowed(known, each)
                self._called[known.path] = path
        return tuple(self._arrange()) if new else ()

    def said(self, path: str, value: object) -> Sequence[Change]:
        """Take a value of a signal, as it came. Never raises: what is no value of it says nothing."""
        try:
            known = signal(path)
            told = known.read(value)
        except (UnknownSignalError, WrongValueError) as error:
            logger.debug("vss: %s", error)
            return ()
        changes = list(self.has([path]))
        before = self._now.get(known.path)
        self._now[known.path] = told
        if known.path == DRIVER_POSITION and before != told:
            self._things = things(driver_on_the_right=told == "RIGHT")
            changes += self._arrange()
        changes += self._reports(known.path, before)
        return tuple(changes)

    def targets(self, command: DeviceCommand) -> tuple[Target, ...]:
        """What is to be set for an order, each checked against the catalogue. Raises `CannotError`."""
        found = self._found.get(command.device_id)
        facet = None if found is None else found.facets.get(command.ability)
        if found is None or facet is None or not facet.sets:
            raise CannotError(f"it has no {command.ability.value} that can be ordered")
        if found.thing.parked_only and command.value not in (False, 0) and self._moves():
            raise CannotError(WHILE_PARKED)
        made = tuple(facet.write(command.value))
        try:
            return tuple((path, self._signals[path].checked(value)) for path, value in made)
        except (KeyError, WrongValueError) as error:
            raise CannotError(str(error)) from None

    def reports(self, command: DeviceCommand) -> bool:
        """Whether the vehicle would say that it obeyed."""
        found = self._found.get(command.device_id)
        facet = None if found is None else found.facets.get(command.ability)
        return facet is not None and any(path in self._signals for path in facet.reads)

    def satisfied(self, command: DeviceCommand, state: Mapping[Ability, Value]) -> bool:
        """Whether the signals stand as was asked."""
        wanted, told = command.value, state.get(command.ability)
        if told is None:
            return False
        if command.ability is Ability.PLAYBACK and wanted in ("next", "previous"):
            return told == "playing"
        position = state.get(Ability.POSITION)
        if command.ability is Ability.OPEN and wanted is True and isinstance(position, int | float):
            return position >= FULLY_OPEN
        if _is_number(wanted) and _is_number(told):
            return abs(float(wanted) - float(told)) <= NEARLY  # type: ignore[arg-type]  # numbers, both
        return told == wanted

    # -- what the signals make -------------------------------------------------------------------------------

    def _moves(self) -> bool:
        speed = self._now.get(SPEED)
        return isinstance(speed, int | float) and abs(speed) > 0

    def _arrange(self) -> Iterator[Change]:
        """Tell of every thing that is there in another way than before."""
        has = frozenset(self._signals)
        for thing in self._things:
            facets = {facet.ability: facet for facet in thing.facets(has)}
            if not facets:
                continue
            device = self._device(thing, facets)
            before = self._found.get(device.id)
            self._found[device.id] = _Found(device, thing, facets)
            for facet in facets.values():
                for path in facet.paths:
                    self._by_path.setdefault(path, set()).add(device.id)
            if before is None or before.device != device:
                yield Appeared(device, frozenset())
                state = {each.ability: each.read(self._now) for each in facets.values()}
                known: dict[Ability, Value | None] = {
                    key: value for key, value in state.items() if value is not None
                }
                if known:
                    yield Reported(device.id, known)

    def _device(self, thing: Thing, facets: Mapping[Ability, Facet]) -> Device:
        shown, others = (thing.chinese, thing.english) if self._chinese else (thing.english, thing.chinese)
        limits = {}
        for ability, facet in facets.items():
            if facet.limits is not None:
                own = self._signals[facet.sets[0]] if facet.sets else None
                low, high = facet.limits
                if own is not None and own.low is not None and own.high is not None:
                    low, high = own.low, own.high
                limits[ability] = (low, high)
        return Device(
            id=f"{self._convention}.{thing.slug}",
            name=shown[0],
            kind=thing.kind,
            abilities=frozenset(facets),
            room=thing.room,
            aliases=(*shown[1:], *others),
            reports_state=any(facet.reads for facet in facets.values()),
            convention=self._convention,
            unit=thing.unit,
            device_class=thing.device_class,
            options={ability: facet.options for ability, facet in facets.items() if facet.options},
            limits=limits,
            identities=frozenset({f"vss:{thing.slug}"}),
        )

    def _reports(self, path: str, before: Raw | None) -> Iterator[Change]:
        for device_id in sorted(self._by_path.get(path, ())):
            found = self._found[device_id]
            state: dict[Ability, Value | None] = {
                ability: facet.read(self._now)
                for ability, facet in found.facets.items()
                if path in facet.reads
            }
            if Ability.POSITION in state and (motion := _motion(before, self._now[path])):
                state[Ability.MOTION] = motion
            if state:
                yield Reported(device_id, state)


def _narrowed(known: Signal, own: Signal) -> Signal:
    low = known.low if own.low is None else own.low
    high = known.high if own.high is None else own.high
    return replace(known, low=low, high=high)


def _motion(before: Raw | None, now: Raw) -> str:
    """Which way a position goes; at its ends it has come to rest."""
    if not _is_number(before) or not _is_number(now):
        return ""
    was, there = float(before), float(now)  # type: ignore[arg-type]  # numbers, both
    if there in (0, 100) or was == there:
        return "stopped"
    return "opening" if there > was else "closing"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
