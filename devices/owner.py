"""What the owner says of things: another name, a room, more names, and whether they are open to voice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from devices.home import Device


@dataclass(frozen=True, slots=True)
class Said:
    """The owner's word on one thing; what is None or empty is left as it was found."""

    name: str = ""
    room: str | None = None
    aliases: tuple[str, ...] = ()
    exposed: bool | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """All that the owner said, by the id of a thing or by the name that it announced itself with."""

    things: Mapping[str, Said] = field(default_factory=dict)

    def of(self, known_as: Iterable[Device]) -> Said | None:
        """The word on a thing that was announced so, perhaps several times; ids go before names."""
        announced = tuple(known_as)
        keys = [each.id for each in announced] + [each.name for each in announced]
        for key in keys:
            if key in self.things:
                return self.things[key]
        folded = {key.casefold() for key in keys}
        return next((said for key, said in self.things.items() if key.casefold() in folded), None)

    def applied(self, device: Device, known_as: Iterable[Device]) -> Device:
        """The thing as its owner wants it."""
        said = self.of(known_as)
        if said is None:
            return device
        return replace(
            device,
            name=said.name or device.name,
            room=said.room or device.room,
            aliases=tuple(dict.fromkeys((*said.aliases, *device.aliases))),
            exposed=device.exposed if said.exposed is None else said.exposed,
        )
