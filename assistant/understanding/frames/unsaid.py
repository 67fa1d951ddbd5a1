"""Things that nobody named: "louder" is about what plays here, "21 degrees" about what heats here."""

from collections.abc import Mapping, Sequence

from assistant.understanding.frames.choosing import Chooser
from assistant.understanding.frames.frame import Action, Wants
from assistant.understanding.frames.scene import Found, Scene, found, unknown, which
from assistant.understanding.frames.things import fits_kind
from devices.home import Ability, Device, Kind

_OF_DIM: Mapping[str, tuple[Kind, ...]] = {
    "brightness": (Kind.LIGHT,),
    "colour_temperature": (Kind.LIGHT,),
    "colour": (Kind.LIGHT,),
    "setpoint": (Kind.CLIMATE,),
    "mode": (Kind.CLIMATE,),
    "preset": (Kind.CLIMATE, Kind.FAN),
    "volume": (Kind.MEDIA_PLAYER,),
    "fan_speed": (Kind.FAN, Kind.CLIMATE),
    "position": (Kind.COVER,),
    "tilt": (Kind.COVER,),
}
_OF_VERB: Mapping[str, tuple[Kind, ...]] = {
    **dict.fromkeys(("lock", "unlock"), (Kind.LOCK,)),
    **dict.fromkeys(("arm", "disarm"), (Kind.ALARM,)),
    **dict.fromkeys(("clean", "dock"), (Kind.VACUUM,)),
    **dict.fromkeys(("mute", "unmute", "pause", "play", "next", "previous"), (Kind.MEDIA_PLAYER,)),
    **dict.fromkeys(("dim", "brighten"), (Kind.LIGHT,)),
    **dict.fromkeys(("heat", "cool"), (Kind.CLIMATE,)),
}
_OF_VALUE: Mapping[Wants, tuple[Kind, ...]] = {
    Wants.COLOUR: (Kind.LIGHT,),
    Wants.KELVIN: (Kind.LIGHT,),
    Wants.DEGREES: (Kind.CLIMATE,),
    Wants.WORD: (Kind.CLIMATE,),
    Wants.ARMED: (Kind.ALARM,),
}
_OF_COVERS = frozenset({"open", "close", "raise", "lower", "stop"})


class Unsaid:
    """Finds what an action is about by itself."""

    def __init__(self, scene: Scene, chooser: Chooser) -> None:
        self._scene = scene
        self._chooser = chooser

    @property
    def told(self) -> bool:
        """Whether the actions tell the sort of things: "louder", "lock up"."""
        return any(_kinds(action) for action in self._scene.actions)

    def find(self) -> Found:
        """Return the things of the order before, or what is here of the sort."""
        around = self._scene.around
        if around.following:
            able = [each for each in self._scene.before(around.last) if self._scene.able(each)]
            if able:
                return found(able)
        if not self.told:
            return which(())
        return self._nearest(frozenset({around.room} if around.room else ()))

    def sounding(self) -> Found | None:
        """Return what plays here: to it "turn it down" is said out of nowhere."""
        if any(not action.sign or action.dims - {"any", "volume"} for action in self._scene.actions):
            return None
        here = [each for each in self._playing() if each.room == self._scene.around.room]
        return found(here) if len(here) == 1 else None

    def of_rooms(self, rooms: frozenset[str]) -> Found:
        """Return the things of these rooms that the actions are about."""
        if all(action.verbs == {"press"} for action in self._scene.actions):
            return unknown()  # "do the bedroom" switches nothing
        for kind in self._sorts(rooms):
            if there := self._scene.inside(self._able(kind), rooms):
                return self._some(kind, there)
        return unknown()

    def everywhere(self) -> Found:
        """Return all such things."""
        if not self.told and any(action.verbs & _OF_COVERS for action in self._scene.actions):
            return unknown()
        able = next((able for kind in self._sorts(frozenset()) if (able := self._able(kind))), None)
        return found(able) if able else unknown()

    def _nearest(self, rooms: frozenset[str]) -> Found:
        for kind in self._sorts(rooms):
            able = self._able(kind)
            if rooms and (there := self._scene.inside(able, rooms)):
                return self._some(kind, there)
            free = [each for each in able if not each.room]
            if len(able) == 1 or len(free) == 1:
                return found(able if len(able) == 1 else free)
            if able:
                return found(able) if kind is Kind.LOCK else which(able)
        return unknown()

    def _some(self, kind: Kind, there: list[Device]) -> Found:
        if kind is Kind.MEDIA_PLAYER:
            there = [each for each in there if each in self._playing()] or there
        if kind is Kind.LIGHT or len(there) == 1:
            return found(self._chooser.worth_it(there))
        main = self._chooser.main(there)
        return found(there if main is None else [main])

    def _sorts(self, rooms: frozenset[str]) -> Sequence[Kind]:
        """Return the kinds to look for; those that are here go before a better sort elsewhere."""
        kinds = next((each for action in self._scene.actions if (each := _kinds(action))), ())
        if not kinds:
            covers = any(action.verbs & _OF_COVERS for action in self._scene.actions)
            number = any(action.said and action.said.wants is Wants.NUMBER for action in self._scene.actions)
            kinds = (Kind.COVER,) if covers else (Kind.CLIMATE, Kind.LIGHT) if number else (Kind.LIGHT,)
        return sorted(kinds, key=lambda kind: not self._scene.inside(self._able(kind), rooms))

    def _able(self, kind: Kind) -> list[Device]:
        able = [each for each in self._scene.devices if each.kind is kind and self._scene.able(each)]
        if kind is Kind.FAN:
            able = [each for each in able if not fits_kind(each, "seat")]
        if kind is Kind.MEDIA_PLAYER and all(action.verbs == {"play"} for action in self._scene.actions):
            able = [each for each in able if each.state.get(Ability.PLAYBACK) == "paused"]  # 继续吧
        if kind in (Kind.FAN, Kind.CLIMATE) and all(action.sign for action in self._scene.actions):
            able = [each for each in able if each.state.get(Ability.ON) is not False] or able
        return able

    def _playing(self) -> list[Device]:
        playing = [each for each in self._scene.devices if each.state.get(Ability.PLAYBACK) == "playing"]
        return [each for each in playing if self._scene.able(each)]


def _kinds(action: Action) -> tuple[Kind, ...]:
    for dim in sorted(action.dims - {"any"}):
        if dim in _OF_DIM:
            return _OF_DIM[dim]
    for verb in sorted(action.verbs):
        if verb in _OF_VERB:
            return _OF_VERB[verb]
    if action.said is not None:
        return _OF_VALUE.get(action.said.wants, ())
    return (Kind.CLIMATE,) if action.by_unit == Wants.DEGREES else ()
