"""What a climate device can do, as far as its modes tell."""

from skills.api import Ability, Device, Kind

_HEATS = frozenset({"heat", "heat_cool", "auto"})
_COOLS = frozenset({"cool", "heat_cool", "auto", "dry", "fan_only"})


def heating(device: Device) -> bool:
    """Whether it can heat; one that names no modes can."""
    return _can(device, _HEATS)


def cooling(device: Device) -> bool:
    """Whether it can cool; one that names no modes can, for all we know."""
    return _can(device, _COOLS - {"auto"} if "heat" in _modes(device) else _COOLS)


def wished_modes(what: str | None) -> tuple[str, ...]:
    """Return the modes that "on" means, the best first, when this was asked for."""
    if what is None:
        return ()
    return ("heat", "heat_cool", "auto") if what == "heating" else ("cool", "heat_cool", "auto")


def _can(device: Device, wanted: frozenset[str]) -> bool:
    modes = _modes(device)
    return device.kind is Kind.CLIMATE and (not modes or bool(wanted.intersection(modes)))


def _modes(device: Device) -> tuple[str, ...]:
    return device.options.get(Ability.MODE, ())
