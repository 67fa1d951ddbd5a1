"""The words for the things of one clause, sorted by which belong together."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.understanding.frames.parts import Item
from assistant.understanding.frames.scene import Scene


@dataclass(slots=True)
class Group:
    """The words for one thing or one sort of things. `content` are those that name it."""

    items: list[Item] = field(default_factory=list)
    content: list[Item] = field(default_factory=list)
    rooms: frozenset[str] = frozenset()
    here: bool = False
    there: bool = False
    quantity: frozenset[str] = frozenset()
    reference: frozenset[str] = frozenset()
    adjectives: list[str] = field(default_factory=list)
    mine: bool = False
    others: bool = False
    absent: list[str] = field(default_factory=list)

    @property
    def bare(self) -> bool:
        """Whether it names nothing: no thing, nothing unknown, not "the rest"."""
        return not (self.content or self.absent or self.others)

    def put(self, item: Item) -> None:
        """Add a piece."""
        self.items.append(item)
        self.mine = self.mine or item.span.mine
        keys = frozenset(item.value.split(","))
        match item.role:
            case "thing" | "part" | "kind":
                self.content.append(item)
            case "room":
                self.rooms |= item.span.entry.rooms
            case "here" | "there" | "others":
                setattr(self, item.role, True)
            case "reference":
                self.reference |= keys
            case "quantity":
                self.quantity |= keys
            case "adjective":
                self.adjectives.append(item.span.text)
            case "absent":
                self.absent.append(item.span.text)


def groups_of(items: Sequence[Item], scene: Scene) -> list[Group]:
    """Return the groups of a clause's words."""
    groups: list[Group] = []
    for item in items:
        if (
            not groups
            or (item.joined and not _goes_on(groups[-1], item))
            or _clashes(groups[-1], item, scene)
        ):
            groups.append(Group())
        groups[-1].put(item)
    groups = _restated(groups, scene)
    _share(groups)
    return _merged(groups)


def _restated(groups: list[Group], scene: Scene) -> list[Group]:
    """Leave out what is only said again, more closely: "the lamp, the desk lamp", 这个，呃，这个天窗."""
    kept: list[Group] = []
    for at, group in enumerate(groups):
        following = groups[at + 1] if at + 1 < len(groups) else None
        if (
            following is not None
            and following.content
            and not (group.rooms or group.quantity or group.others)
        ):
            points = group.bare and group.reference and not group.here
            if points or _is_closer(group, following, scene):
                continue
        kept.append(group)
    return kept


def _is_closer(group: Group, following: Group, scene: Scene) -> bool:
    """Whether a group of a mere kind is followed by one of that kind's things."""
    if not group.content or any(item.role == "thing" for item in group.content):
        return False
    before, after = scene.meant(group.content), scene.meant(following.content)
    same = group.content[-1].span.text == following.content[-1].span.text
    return bool(after) and (after < before or (after == before and same))


def _goes_on(group: Group, item: Item) -> bool:
    """Whether a joined piece still tells of the same thing: "all the lights, in the kitchen"."""
    if item.role in ("here", "there"):
        return True
    return item.role == "room" and bool(group.content) and not group.rooms and bool(item.span.broken)


def _clashes(group: Group, item: Item, scene: Scene) -> bool:
    """Whether a name cannot be of the same thing as those before it: 大灯落地灯."""
    if item.role not in ("thing", "kind") or not group.content:
        return False
    before, named = scene.meant(group.content), scene.named(item)
    if before & named:
        return False
    own = any(each.role == "thing" for each in group.content) or scene.around.language == "zh"
    return own and bool(before) and bool(named)


def _share(groups: list[Group]) -> None:
    """Let "the hall and the kitchen lights" be lights both."""
    named = [at for at, group in enumerate(groups) if group.content]
    for at, group in enumerate(groups):
        wants = bool(group.rooms) or "one" in group.reference
        if not (group.bare and wants and named) or "everything" in group.quantity:
            continue
        donor = groups[next((each for each in named if each > at), named[-1])].content
        kinds = [item for item in donor if item.role == "kind"]
        if "one" in group.reference and not kinds and not group.adjectives:
            continue  # "the hall one and the porch"
        owned = (item for item in donor if item.span.text.endswith("'s"))
        group.content = kinds or (
            [] if any(owned) else [item for item in donor if item.role != "thing" or len(donor) > 1]
        )


def _merged(groups: list[Group]) -> list[Group]:
    """Let an "all" or a "here" that stands alone belong to the group before it."""
    kept: list[Group] = []
    for group in groups:
        alone = group.bare and not group.rooms and not group.reference
        if kept and alone and (group.quantity or group.here or group.adjectives):
            kept[-1].quantity |= group.quantity
            kept[-1].here = kept[-1].here or group.here
        else:
            kept.append(group)
    return kept
