"""What the user's own lists name: radio stations and podcasts; and the room that a wish for music names."""

import re
from collections.abc import Mapping

_RADIO = frozenset(
    "the a some radio station stations fm on to live 电台 收音机 广播 广播电台".split()  # noqa: SIM905 - words
)
_NEWEST = re.compile(
    r"^(?:the )?(?:latest|newest|last|most recent|new|today's) "
    r"(?:episode|edition|show|one|programme|program)s? (?:of|from) (?P<of>.+)$"
    r"|^(?P<named>.+?)(?:'s)? (?:latest|newest|last) (?:episode|edition|show)$"
    r"|^最新(?:一期|一集|的一期|的)?(?:的)?(?P<zh>.+?)$"
    r"|^(?P<zh2>.+?)(?:的)?最新(?:一期|一集|的一期|那期)$",
    re.IGNORECASE,
)
_PODCAST = re.compile(r"^(?:the )?(.+?) ?(?:podcast|播客|节目)$|^(?:the )?podcast (.+)$", re.IGNORECASE)
_LEAD = re.compile(r"^(?:the )", re.IGNORECASE)
_IN_ROOM = re.compile(
    r"^(?P<what>.+?) (?:in|on|into|to) (?:the )?(?P<room>[\w' -]+?)(?: speakers?)?$", re.IGNORECASE
)
_IN_ROOM_ZH = re.compile(r"^在?(?P<room>[\u3400-\u9fff]{1,8}?)(?:里|的)?(?:放|播|播放|听)(?P<what>.+)$")

Rooms = Mapping[str, tuple[str, ...]]


def station(query: str, stations: Mapping[str, str]) -> str | None:
    """The station that is meant: by its name, in whatever order the word radio stands; "the radio" is the
    first one. None when it is none of them.
    """
    wanted = _words(query) - _RADIO
    if not wanted and _words(query) & _RADIO and stations:
        return next(iter(stations))
    exact = [name for name in stations if name.casefold() == query.casefold().strip()]
    alike = [name for name in stations if wanted and _words(name) - _RADIO == wanted]
    return next(iter((*exact, *alike)), None)


def is_radio(query: str) -> bool:
    """Whether it is the radio, and no particular station."""
    return bool(_words(query)) and _words(query) <= _RADIO


def podcast(query: str, podcasts: Mapping[str, str]) -> str | None:
    """The podcast that is meant, by its name or as "the latest episode of …"."""
    text = query.strip()
    if (found := _NEWEST.match(text)) is not None:
        text = next(each for each in found.groups() if each)
    if (found := _PODCAST.match(text)) is not None:
        text = next(each for each in found.groups() if each)
    wanted = _LEAD.sub("", text).casefold().strip()
    return next((name for name in podcasts if _LEAD.sub("", name).casefold() == wanted), None)


def apart(query: str, rooms: Rooms) -> tuple[str, str | None]:
    """What is to be played, and where: when the words end (in Chinese: begin) with a room of the home's."""
    for pattern in (_IN_ROOM, _IN_ROOM_ZH):
        found = pattern.match(query.strip())
        if found is not None and (room := called(found["room"], rooms)) is not None:
            return found["what"].strip(), room
    return query, None


def called(said: str, rooms: Rooms) -> str | None:
    """The home's own name of a room; None when it has no such room."""
    wanted = said.casefold().strip()
    for room, others in rooms.items():
        if wanted in (room.casefold(), *(each.casefold() for each in others)):
            return room
    return None


def _words(text: str) -> frozenset[str]:
    split = re.findall(r"[a-z0-9']+|[\u3400-\u9fff]+", text.casefold())
    chinese = [part for each in split for part in re.split(r"(电台|收音机|广播)", each) if part]
    return frozenset(chinese)
