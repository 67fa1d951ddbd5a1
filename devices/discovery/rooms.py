"""Which room a thing is in: the one that was said, in the home's own spelling, or its name's beginning."""

from collections import Counter
from collections.abc import Mapping

_AFTER_A_NAME = " /-.:,·，"


class RoomNames:
    """The rooms of the configuration, and those that things brought along.

    Depends on what was said, not on the order in which it was.
    """

    def __init__(self, configured: Mapping[str, tuple[str, ...]]) -> None:
        self._configured = {
            folded(name): room for room, others in configured.items() for name in (*others, room)
        }
        self._spellings: dict[str, Counter[str]] = {}
        self._said_by: dict[str, str] = {}
        self._longest = max(map(len, self._configured), default=0)

    def say(self, device_id: str, room: str | None) -> frozenset[str]:
        """Note the room that a thing says it is in. Returns the folded names that now mean something else."""
        before = self._said_by.pop(device_id, None)
        if before == room:
            if room is not None:
                self._said_by[device_id] = room
            return frozenset()
        changed = set()
        for said, count in ((before, -1), (room, 1)):
            if said is None:
                continue
            key = folded(said)
            was = self._spelt(key)
            spellings = self._spellings.setdefault(key, Counter())
            spellings[said] += count
            if not spellings[said]:
                del spellings[said]
            if not spellings:
                del self._spellings[key]
            self._longest = max(self._longest, len(key))
            if was != self._spelt(key):
                changed.add(key)
        if room is not None:
            self._said_by[device_id] = room
        return frozenset(changed)

    def of(self, said: str | None, name: str) -> str | None:
        """The room of a thing that says `said` of its room and is called `name`."""
        if said:
            return self._spelt(folded(said)) or said
        whole = folded(name)
        for end in range(min(len(whole) - 1, self._longest), 0, -1):
            if _ends_a_name(whole, end) and (room := self._spelt(whole[:end])):
                return room
        return None

    def _spelt(self, key: str) -> str | None:
        """The home's own spelling; among those of things the first of the alphabet, not of arrival."""
        if key in self._configured:
            return self._configured[key]
        spellings = self._spellings.get(key)
        return min(spellings) if spellings else None


def folded(name: str) -> str:
    """A name as it is compared: "living_room" is "Living Room"."""
    return " ".join(name.casefold().replace("_", " ").split())


def _ends_a_name(text: str, end: int) -> bool:
    """Whether a name may end there: before a space, or anywhere in Chinese, which has none (客厅灯)."""
    return text[end] in _AFTER_A_NAME or "\u4e00" <= text[end - 1] <= "\u9fff"
