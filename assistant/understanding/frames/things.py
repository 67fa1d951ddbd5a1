"""The home as it may be spoken of: which phrases name which things, kinds and rooms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.understanding.frames.lexicon import Lexicon
from assistant.understanding.names import OWN, Namer, concepts
from assistant.understanding.normalise import HAN, Phrase, languages, plain, words_of
from devices.home import READ_ONLY, Ability, Device, Home, Kind

_UNDER = "under"
_LAMPS = ("lamp", "台灯")
_SHORTEST_HAN = 2
_SWITCHES = frozenset("开关")
"""What begins an order and no name: 玄关灯 is not known by 关灯."""


_ROOMS: tuple[Phrase, ...] = (("房", "间"), ("屋",), ("房",))
_ROOMS_THERE: tuple[Phrase, ...] = (("那", "屋"), ("屋", "里"), ("那", "间"), ("房", "里"), ("屋", "子"))
_FRONT_SEATS = frozenset({"driver", "passenger"})
_UP_FRONT = (("front",), ("up", "front"), ("in", "front"), ("front", "row"))
"""What a car's first row is called, where its two seats are rooms."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase of the home's may mean: `full` things by their own name, `part` things by a word of it
    (`own`: the owner's own words; `head`: a word that a thing may be called by), rooms, and words that name
    nothing here (`absent`).
    """

    full: frozenset[str] = frozenset()
    own: bool = False
    part: frozenset[str] = frozenset()
    head: bool = False
    rooms: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    absent: bool = False


@dataclass(slots=True)
class _Draft:
    full: dict[str, int] = field(default_factory=dict)
    part: set[str] = field(default_factory=set)
    head: bool = False
    rooms: set[str] = field(default_factory=set)
    options: set[str] = field(default_factory=set)
    absent: bool = False


class Things:
    """The phrases of one home in one language; `learn` takes the home as it is."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._words = words_of(lexicon.language)
        self._namer = Namer(self._words, (concepts(words_of(each), self._words) for each in languages()))
        self._kind_words = {
            phrase for phrase, tags in lexicon.phrases.items() if any(tag.kind == "kinds" for tag in tags)
        }
        self._adjectives = {
            phrase
            for phrase, tags in lexicon.phrases.items()
            if any(tag.kind == "adjectives" for tag in tags)
        }
        self._absent = tuple(self._absent_words())
        self._revision = -1
        self.phrases: Mapping[Phrase, Entry] = {}
        self.longest = 1
        self.words: Mapping[str, frozenset[str]] = {}
        """Thing -> the words of its names."""

    def learn(self, home: Home) -> None:
        """Take the names of the home as they are now, unless they are known."""
        if self._revision == home.revision:
            return
        self._revision = home.revision
        devices = [device for device in home if device.exposed]
        drafts: dict[Phrase, _Draft] = {}
        names = self._namer.lists(home)
        rooms = self._rooms(names["area"], drafts)
        by_name: dict[tuple[str, str | None], list[str]] = {}
        for device in devices:
            by_name.setdefault((device.name, device.room), []).append(device.id)
        for name in names["device"]:
            if name.rank > OWN and self._is_composed(name.words, rooms):
                continue
            if name.rank > OWN and self._is_measured(
                name.words, home, by_name.get((name.value, name.room), ())
            ):
                continue
            for device_id in by_name.get((name.value, name.room), ()):
                draft = drafts.setdefault(name.words, _Draft())
                draft.full[device_id] = min(name.rank, draft.full.get(device_id, name.rank))
        words: dict[str, frozenset[str]] = {}
        for device in devices:
            words[device.id] = frozenset(self._parts(device, drafts))
            self._options(device, drafts)
        for phrase in self._absent:
            draft = drafts.setdefault(phrase, _Draft())
            draft.absent = not (draft.full or draft.part or draft.rooms)
        self.words = words
        self.phrases = {phrase: _entry(draft) for phrase, draft in drafts.items()}
        self.longest = max((len(phrase) for phrase in self.phrases), default=1)

    def _rooms(self, names: Sequence[object], drafts: dict[Phrase, _Draft]) -> set[Phrase]:
        said: set[Phrase] = set()
        for name in names:
            words, room = name.words, name.value  # type: ignore[attr-defined]  # a Name
            said.add(words)
            drafts.setdefault(words, _Draft()).rooms.add(room)
            for each in _other_rooms(words):
                drafts.setdefault(each, _Draft()).rooms.add(room)
            if words and words[-1].isascii() and not words[-1].endswith("'s"):
                drafts.setdefault((*words[:-1], f"{words[-1]}'s"), _Draft()).rooms.add(room)
            if len(words) > 1 and words[0].endswith("'s"):
                drafts.setdefault(words[:1], _Draft()).rooms.add(room)
        seats = {name.value for name in names if name.value in _FRONT_SEATS}  # type: ignore[attr-defined]
        for words in _UP_FRONT if len(seats) > 1 else ():
            said.add(words)
            drafts.setdefault(words, _Draft()).rooms.update(seats)
        return said

    def _is_measured(self, words: Phrase, home: Home, things: Sequence[str]) -> bool:
        """Whether a sensor's name is what others are set by, too: "set the temperature" is of no sensor."""
        tags = self._lexicon.phrases.get(words, ())
        devices = [device for each in things if (device := home.get(each)) is not None]
        return any(tag.kind == "aspect" for tag in tags) and not any(map(orderable, devices))

    def _is_composed(self, words: Phrase, rooms: set[Phrase]) -> bool:
        """Whether a name is merely a room and a kind, or a kind: "kitchen lights" are all of them."""
        if words in self._kind_words:
            return True
        return any(words[:at] in rooms and words[at:] in self._kind_words for at in range(1, len(words)))

    def _parts(self, device: Device, drafts: dict[Phrase, _Draft]) -> Iterator[str]:
        for text in (device.name, *device.aliases):
            words = plain(text, self._words)
            yield from words
            for phrase, head in _pieces(words):
                known = self._lexicon.phrases.get(phrase)
                if known and phrase not in self._adjectives:
                    continue
                draft = drafts.setdefault(phrase, _Draft())
                draft.part.add(device.id)
                draft.head = draft.head or (head and phrase not in self._adjectives)

    def _options(self, device: Device, drafts: dict[Phrase, _Draft]) -> None:
        for ability in (Ability.MODE, Ability.PRESET):
            for option in device.options.get(ability, ()):
                if option in ("on", "off"):
                    continue  # those are what a verb says
                if phrase := plain(option.replace("_", " "), self._words):
                    drafts.setdefault(phrase, _Draft()).options.add(option)

    def _absent_words(self) -> Iterator[Phrase]:
        for name in self._lexicon.sections.get("absent", ()):
            if (phrase := plain(name, self._words)) not in self._lexicon.phrases:
                yield phrase
        for each in languages():
            found = concepts(words_of(each), self._words)
            for section in (found.rooms, found.things):
                for phrases in section.values():
                    yield from (
                        phrase
                        for phrase in phrases
                        if phrase not in self._lexicon.phrases
                        and not (len(phrase) == 1 and len(phrase[0]) < 2)
                    )


def _other_rooms(words: Phrase) -> Iterator[Phrase]:
    """Yield how a room that is somebody's may be called too: 奶奶屋, 奶奶那屋."""
    end = next((each for each in _ROOMS if words[-len(each) :] == each), ())
    whose = words[: len(words) - len(end)]
    if end and len(whose) >= _SHORTEST_HAN:
        yield from ((*whose, *each) for each in (*_ROOMS, *_ROOMS_THERE))


def _entry(draft: _Draft) -> Entry:
    best = min(draft.full.values(), default=0)
    return Entry(
        full=frozenset(each for each, rank in draft.full.items() if rank == best),
        own=bool(draft.full) and best == OWN,
        part=frozenset(draft.part),
        head=draft.head,
        rooms=frozenset(draft.rooms),
        options=frozenset(draft.options),
        absent=draft.absent,
    )


def _pieces(words: Phrase) -> Iterator[tuple[Phrase, bool]]:
    """Yield the pieces that a name may be known by, and whether it may be called so."""
    if any(HAN.search(word) for word in words):
        for at in range(1, len(words)):
            if len(words) - at >= _SHORTEST_HAN and words[at] not in _SWITCHES:
                yield words[at:], True
            if at >= _SHORTEST_HAN or not HAN.search(words[0]):
                # 筒灯1 and 筒灯2 are both called 筒灯.
                yield words[:at], not any(HAN.search(word) for word in words[at:])
        return
    for at, word in enumerate(words):
        last = at == len(words) - 1
        for form in {word, _other(word)}:
            yield (form,), last or word.endswith("'s")
        if word.startswith(_UNDER) and len(word) > len(_UNDER) + 2:
            yield (word.removeprefix(_UNDER),), False  # the underfloor heating is the floor's
        if not last and at > 0:
            yield words[at:], True
            yield (*words[at:-1], _other(words[-1])), True


def _other(word: str) -> str:
    if word.endswith("'s") or not word.isascii() or not word.isalpha() or len(word) < 3:
        return word
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else f"{word}s"


def fits_kind(device: Device, kind: str) -> bool:  # noqa: C901 - a table of kinds
    """Whether a thing goes by a kind's word of the lexicon."""
    name, sort = device.name.casefold(), device.device_class
    match kind:
        case "light":
            return device.kind is Kind.LIGHT
        case "lamp":
            return device.kind is Kind.LIGHT and (any(each in name for each in _LAMPS))
        case "blind" | "curtain" | "shutter":
            return device.kind is Kind.COVER and (
                sort in ("blind", "curtain", "shade", "shutter", "awning")
                or (not sort and not _is_way_in(name))
            )
        case "window":
            named = "window" in name or "窗" in name
            roof = "roof" in name or "天窗" in name
            return (
                device.kind in (Kind.COVER, Kind.SENSOR)
                and not roof
                and (sort == "window" or (not sort and named))
            )
        case "door":
            doors = ("door", "garage", "garage_door", "gate")
            return device.kind is Kind.LOCK or (device.kind in (Kind.COVER, Kind.SENSOR) and sort in doors)
        case "garage":
            return device.kind is Kind.COVER and (
                sort in ("garage", "garage_door") or "garage" in name or "车库" in name
            )
        case "gate":
            return device.kind is Kind.COVER and (sort == "gate" or "gate" in name or "院门" in name)
        case "valve":
            return sort in ("valve", "water") or "sprinkler" in name
        case "heating":
            return _heats(device)
        case "cooling":
            return _cools(device)
        case "climate":
            return device.kind is Kind.CLIMATE and not _is_seat(device)
        case "fan":
            return device.kind is Kind.FAN and not _is_seat(device)
        case "socket":
            return device.kind is Kind.SWITCH
        case "television":
            return device.kind is Kind.MEDIA_PLAYER and any(
                each in _all_names(device) for each in ("tv", "tele", "telly", "电视")
            )
        case "player":
            return device.kind is Kind.MEDIA_PLAYER
        case "seat":
            return _is_seat(device) and not any(each in name for each in ("ventilat", "cooling", "通风"))
        case "lock" | "alarm" | "vacuum" | "scene":
            return device.kind.value == kind
    return False


def _is_way_in(name: str) -> bool:
    words = (
        "door",
        "gate",
        "garage",
        "window",
        "boot",
        "trunk",
        "roof",
        "valve",
        "门",
        "窗户",
        "车窗",
        "天窗",
        "后备箱",
        "阀",
    )
    return any(each in name for each in words)


def _all_names(device: Device) -> str:
    return " ".join((device.name, *device.aliases)).casefold()


def _is_seat(device: Device) -> bool:
    name = _all_names(device)
    return "seat" in name or "座" in name


_HEATED_PARTS = ("window", "windscreen", "wheel", "screen", "mirror", "defrost", "demist")
"""What warms these warms nobody: it is not "the heating"."""


def _heats(device: Device) -> bool:
    if _is_seat(device):
        return False
    name = _all_names(device)
    if device.kind is not Kind.CLIMATE and any(each in name for each in _HEATED_PARTS):
        return False
    if device.kind is Kind.CLIMATE:
        modes = device.options.get(Ability.MODE, ())
        return not modes or bool({"heat", "auto", "heat_cool"}.intersection(modes))
    return device.kind in (Kind.SWITCH, Kind.FAN, Kind.OTHER) and any(
        each in name for each in ("heater", "heating", "radiator", "暖")
    )


def _cools(device: Device) -> bool:
    if _is_seat(device):
        return False
    name = f" {_all_names(device)} "
    if device.kind is Kind.CLIMATE:
        modes = device.options.get(Ability.MODE, ())
        if modes:
            return bool({"cool", "dry", "fan_only", "fan"}.intersection(modes))
        return any(each in name for each in (" ac ", "air", "空调", "climate", "冷"))
    return device.kind in (Kind.SWITCH, Kind.FAN) and any(
        each in name for each in (" ac ", "a/c", "air con", "aircon", "空调")
    )


def orderable(device: Device) -> bool:
    """Whether anything can be ordered of a thing at all."""
    return bool(device.abilities - READ_ONLY)
