"""What the pieces of a part come to: one action for each value, direction or verb that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.understanding.frames.frame import Action, Said, Wants
from assistant.understanding.frames.numbers import Number
from assistant.understanding.frames.parts import Direction, Pieces

_WEAK = frozenset({"on", "press"})
_IMPLIED = frozenset({"on", "open_on", "press", "open", "raise", "brighten", "heat", "cool", "play"})
"""What a value says already: a lamp at 40 percent is on."""
_DONE_BY_VALUE = frozenset({"close", "close_off", "dim", "lower", "arm", "clean", "stop"})
_MOVING = frozenset({"open", "close", "open_on", "close_off", "raise", "lower", "dim", "brighten"})
_CLOSING = frozenset({"close", "close_off", "lower"})
_OPENING = frozenset({"open", "open_on"})
_NEAR = 3  # spans between a number and its direction: "five degrees"
_WANTS: Mapping[str, Wants] = {
    "percent": Wants.PERCENT,
    "degrees": Wants.DEGREES,
    "fahrenheit": Wants.DEGREES,
    "kelvin": Wants.KELVIN,
}
_ANY = frozenset({"any"})
_HALF = 50.0  # 减一半 is of what there is, 加两成 of the whole


@dataclass(slots=True)
class Actions:
    """The actions; `conflict` tells that the pieces contradict each other."""

    actions: list[Action] = field(default_factory=list)
    conflict: bool = False


def actions_of(pieces: Pieces) -> Actions:
    """Return what is to be done."""
    found = Actions()
    verbs = _joined_verbs(pieces.verbs, found)
    directions = _joined_directions(pieces, found)
    single = directions[0] if len(directions) == 1 else None
    dims = frozenset(pieces.dims)
    found.actions += [_of_number(each, pieces, single, verbs) for each in pieces.numbers]
    stepped = any(each.sign for each in found.actions)
    beside = bool(found.actions) and not stepped and _belong_to_number(pieces)
    found.actions += [Action(said=said, dims=dims) for said in pieces.values]
    if not stepped and not beside:
        found.actions += _of_directions(directions, pieces)
    if verbs is not None and _counts(verbs, found.actions, pieces):
        moves = bool(verbs & _MOVING)
        small, large = moves and pieces.small, moves and pieces.large
        found.actions.append(Action(verbs=verbs, dims=dims, small=small, large=large, firm=pieces.firm))
    if verbs is not None and "play" in verbs and (pieces.numbers or pieces.values):
        found.conflict = True  # "play Radio 6" is a title
    wants = [each.said.wants for each in found.actions if each.said is not None]
    if len(wants) != len(set(wants)):
        found.conflict = True  # "a hundred fifty" is neither
    elif not found.actions and pieces.dims and (pieces.small or pieces.large) and pieces.language == "zh":
        found.conflict = True
    return found


def _counts(verbs: frozenset[str], actions: Sequence[Action], pieces: Pieces) -> bool:
    """Whether the verb says more than the values beside it."""
    if not actions:
        return True
    if verbs <= _IMPLIED:
        return pieces.firm and verbs <= {"on", "open_on"} and all(each.said is not None for each in actions)
    if verbs == {"off"}:
        return not pieces.values and not pieces.numbers
    return not verbs <= _DONE_BY_VALUE | {"off"}


# -- verbs ---------------------------------------------------------------------------------------------------


def _joined_verbs(verbs: Sequence[frozenset[str]], found: Actions) -> frozenset[str] | None:
    """Return what all verbs say together: "stop … and go home" is to go home."""
    said: frozenset[str] | None = None
    for each in verbs:
        joined = each if said is None else _both(said, each)
        if joined is None:
            found.conflict = True
            return said
        said = joined
    return said


def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str] | None:
    together = one | other
    if one & other:
        return one & other
    if one <= _WEAK or one == {"play"}:
        return other
    if other <= _WEAK:
        return one
    if together <= {"close", "off"}:  # "shut it off"
        return frozenset({"off"})
    if together <= {"stop", "dock", "clean", "pause"}:
        return other if "dock" in other else one
    if "arm" in together and together <= {"arm", "on", "open_on", "press"}:
        return frozenset({"arm"})
    opens_lock = ("unlock" in one and other & _OPENING) or ("unlock" in other and one & _OPENING)
    return frozenset({"unlock"}) if opens_lock else None


# -- directions ----------------------------------------------------------------------------------------------


def _joined_directions(pieces: Pieces, found: Actions) -> list[Direction]:
    """Return what the words for a direction say together. More than one are alternatives: "softer" may be
    dimmer or warmer, as the thing can.
    """
    places: dict[int, dict[int, frozenset[str]]] = {}
    for each in pieces.directions:
        places.setdefault(each.at, {})[each.sign] = each.dims
    total: dict[int, frozenset[str]] = {}
    for number, signs in enumerate(places.values()):
        merged = dict(signs) if number == 0 else _merged(total, signs)
        if not merged:
            if any(each.prep == "to" for each in pieces.numbers):
                break  # "cut it down to …, a bit warmer" is where the number says
            found.conflict = True
            return []
        total = merged
    if len(total) > 1 and pieces.dims:
        named = {sign: dims for sign, dims in total.items() if dims & pieces.dims.keys()}
        total = named if len(named) == 1 else total
    return [Direction(dims, sign, 0) for sign, dims in total.items()]


def _merged(
    one: Mapping[int, frozenset[str]], other: Mapping[int, frozenset[str]]
) -> dict[int, frozenset[str]]:
    merged: dict[int, frozenset[str]] = {}
    for sign in one.keys() & other.keys():
        mine, theirs = one[sign] - _ANY, other[sign] - _ANY
        if both := (mine & theirs if mine and theirs else mine or theirs or _ANY):
            merged[sign] = both
    return merged


def _of_directions(directions: Sequence[Direction], pieces: Pieces) -> list[Action]:
    if not directions:
        return []
    if len(directions) > 1:
        return [_directed(each, pieces, either=True) for each in directions]
    only = directions[0]
    if pieces.values and not pieces.small and not only.dims - _ANY:
        return []  # "turn it down to low"
    return [_directed(only, pieces)]


def _directed(direction: Direction, pieces: Pieces, *, either: bool = False) -> Action:
    named = frozenset(pieces.dims)
    dims = named or direction.dims
    if named and direction.dims - _ANY and not direction.dims & named and named <= {"setpoint"}:
        dims = direction.dims
    verbs = frozenset({"either"}) if either else frozenset()
    return Action(verbs=verbs, dims=dims, sign=direction.sign, small=pieces.small, large=pieces.large)


def _belong_to_number(pieces: Pieces) -> bool:
    """Whether the directions only lead to the number beside them: "down to fifteen", 三成亮."""
    if not any(number.unit == "degrees" for number in pieces.numbers):
        return bool(pieces.directions)
    dims = frozenset().union(*(each.dims for each in pieces.directions)) - _ANY
    if all(each.dims - {"any", "setpoint"} for each in pieces.directions):
        return False
    behind = any(pieces.dims.get(dim, -1) > pieces.numbers[0].at for dim in dims)
    return bool(pieces.directions) and not behind and not pieces.dims.keys() & {"volume", "fan_speed"}


# -- numbers -------------------------------------------------------------------------------------------------


def _of_number(
    number: Number, pieces: Pieces, direction: Direction | None, verbs: frozenset[str] | None
) -> Action:
    wants = _WANTS.get(number.unit, Wants.NUMBER)
    value = (number.value - 32.0) / 1.8 if number.unit == "fahrenheit" else number.value
    dims = frozenset(pieces.dims)
    if direction is not None and number.prep != "to" and _is_step(number, pieces):
        step = _stepped(dims or direction.dims, direction.sign, value, wants)
        half = number.fraction and number.value == _HALF and pieces.language == "zh"
        return replace(step, by_unit="fraction") if half else step
    if wants is Wants.DEGREES:
        dims = frozenset()
    elif direction is not None and not dims:
        dims = direction.dims - _ANY
    if wants is Wants.PERCENT and (said := _of_cover(number, pieces, dims, verbs)) is not None:
        return said
    return Action(said=Said(wants, value), dims=dims)


def _of_cover(
    number: Number, pieces: Pieces, dims: frozenset[str], verbs: frozenset[str] | None
) -> Action | None:
    """A percentage that counts from the closed end: "close it by ten", "half shut", 关三成."""
    position = frozenset({"position"})
    to_where = number.prep == "to" and pieces.language == "en"
    if verbs and verbs & _CLOSING and pieces.end != "open" and not to_where:
        if number.prep == "by":
            return _stepped(position, -1, number.value, Wants.PERCENT)
        return Action(said=Said(Wants.PERCENT, 100.0 - number.value), dims=dims or position)
    if pieces.end == "closed":
        return Action(said=Said(Wants.PERCENT, 100.0 - number.value), dims=dims or position)
    return None


def _stepped(dims: frozenset[str], sign: int, value: float, wants: Wants) -> Action:
    return Action(dims=dims, sign=sign, by=value, by_unit=wants.value, verbs=frozenset({"step"}))


def _is_step(number: Number, pieces: Pieces) -> bool:
    """Whether a number beside a direction is how far, and not where to."""
    if number.prep == "by":
        return True
    named = frozenset().union(*(each.dims for each in pieces.directions)) - _ANY
    if number.unit == "degrees" and named and "setpoint" not in named:
        return False
    beside = [each for each in pieces.directions if abs(each.at - number.at) <= _NEAR]
    if not beside:
        return False
    comparative = any(each.dims - _ANY or each.at > number.at for each in beside)
    if pieces.language == "zh":
        percent_first = number.unit == "percent" and any(each.at > number.at for each in beside)
        return not percent_first and (number.unit != "" or comparative)
    return comparative or number.unit != "" or any(each.at < number.at for each in beside)
