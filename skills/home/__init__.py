"""How the home is and was, what is in it, and taking back what was done."""

from typing import Annotated, Literal

from skills.api import (
    Ability,
    Answer,
    AreaName,
    Context,
    Device,
    Question,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)
from skills.home.orders import order as ordered
from skills.home.orders import told
from skills.home.past import Period, bounds, duration, moment, stretches
from skills.home.states import Asked, answer_of, described, test_of, value_of
from skills.home.things import YES_OR_NO, Quantity, Thing, asked_about, measuring
from skills.targets import Where, in_room, known, named, room_called

DeviceName = Annotated[str, Slot("device")]
AskedWord = Annotated[Asked, Slot("asked")]
ThingWord = Annotated[Thing, Slot("home_thing")]
QuantityWord = Annotated[Quantity, Slot("quantity")]
PeriodWord = Annotated[Period, Slot("period")]

MOST_NAMED = 8  # nobody listens to more names
MOST_PUT_BACK = 2  # of more it is enough to hear that they are back
REMEMBERED_DAYS = 7

_WORKS = frozenset({"on", "off", "running"})
"""What is asked of a machine, and told by how far it has got."""


class HomeSkill(Skill):
    """Questions about anything in the home; `order` and `undo` act."""

    name = "home"
    api = 1

    @tool(acts=False)
    async def state(
        self,
        context: Context,
        asked: AskedWord | None = None,
        device: DeviceName | None = None,
        what: ThingWord | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Tell how a door, window, blind, lock, alarm, sensor or robot is now, or which of them are open."""
        if asked is None:
            return _state_of(context, device, room)
        try:
            found = asked_about(context, asked, what, Where(device, room))
        except SkillError as error:
            if device is None or error.say.key != "not_for_me" or asked not in _WORKS:
                raise
            return _state_of(context, device, room)  # "is the washing done?": what the machine says of itself
        return _told(found, asked)

    @tool(acts=False, offered=False)
    async def tell(self, context: Context, things: list[str], asked: str | None = None) -> Answer:
        """Tell how things are, by their ids: whether they are so, or what they are set to."""
        found = tuple(device for each in things if (device := context.home.get(each)) is not None)
        if not found:
            raise SkillError(Say("nothing_such"))
        telling = tuple(each for each in found if asked is not None and test_of(each, asked) is not None)
        return _told(telling, asked) if asked is not None and telling else told(found, asked)

    @tool(acts=False)
    async def reading(
        self,
        context: Context,
        quantity: QuantityWord,
        room: AreaName | None = None,
        device: DeviceName | None = None,
    ) -> Answer:
        """Tell what sensors say: humidity, battery, power, motion, leaks, smoke, air."""
        found = measuring(context, quantity, Where(device, room))
        told = [each for each in found if Ability.READING in each.state]
        if not told:
            raise SkillError(Say("not_told", {"names": _names(found)}))
        if quantity in YES_OR_NO:
            such = [each for each in told if each.state[Ability.READING] == "on"]
            say = Say(f"yes_{quantity}", {"names": _names(such)}) if such else Say(f"no_{quantity}")
            return Answer(say=say, facts={"such": _names(such)})
        if len(told) == 1 and told[0].state[Ability.READING] not in ("on", "off"):
            return Answer(say=Say("value", {"value": value_of(told[0])}))
        lines = tuple(line for each in told[:MOST_NAMED] if (line := described(each)) is not None)
        return Answer(say=Say("lines", {"lines": lines}))

    @tool(acts=False, offered=False)
    async def was(
        self,
        context: Context,
        asked: AskedWord,
        period: PeriodWord,
        device: DeviceName | None = None,
        what: ThingWord | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Tell whether something was so in the past: "was the garage open this morning?"."""
        since_s, until_s = bounds(period, context.now())
        found, refused = [], None
        known_of = 0
        for each in asked_about(context, asked, what, Where(device, room)):
            test = test_of(each, asked)
            if test is None:
                continue
            try:
                times = stretches(context, each, test, since_s, until_s)
            except SkillError as error:
                refused = error
                continue
            known_of += 1
            if times:
                found.append((each, times))
        if not known_of and refused is not None:
            raise refused
        word = Say(f"word_{asked}")
        if not found:
            return Answer(say=Say("was_not", {"state": word}), facts={"was": False})
        one, times = found[0]
        if len(found) > 1 or len(times) > 1 or times[0].open_start:
            names = tuple(each.name for each, _times in found)
            key = "these_were" if len(found) > 1 else "was_so"
            return Answer(say=Say(key, {"names": names, "state": word}), facts={"was": True})
        values = {"names": (one.name,), "state": word, "moment": moment(times[0].since_s, context.now())}
        return Answer(say=Say("was_so_since", values), facts={"was": True})

    @tool(acts=False, offered=False)
    async def last(
        self,
        context: Context,
        asked: AskedWord,
        device: DeviceName | None = None,
        what: ThingWord | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Tell when something last became so: "when was the front door last opened?"."""
        now = context.now()
        until_s = now.timestamp()
        latest: tuple[float, Device, bool] | None = None
        refused = SkillError(Say("no_record_of_it"))
        for each in asked_about(context, asked, what, Where(device, room)):
            test = test_of(each, asked)
            if test is None:
                continue
            try:
                times = stretches(context, each, test, until_s - REMEMBERED_DAYS * 86_400.0, until_s)
            except SkillError as error:
                refused = error
                continue
            if times and (latest is None or times[-1].since_s > latest[0]):
                latest = (times[-1].since_s, each, times[-1].open_start)
        if latest is None:
            raise refused
        since_s, one, open_start = latest
        values = {"name": one.name, "state": Say(f"word_{asked}"), "moment": moment(since_s, now)}
        return Answer(say=Say("last_before" if open_start else "last_at", values), facts=values)

    @tool(acts=False, offered=False)
    async def how_long(
        self,
        context: Context,
        asked: AskedWord,
        period: PeriodWord = "today",
        device: DeviceName | None = None,
        what: ThingWord | None = None,
        room: AreaName | None = None,
    ) -> Answer:
        """Tell for how long something was so: "how long was the heating on yesterday?"."""
        since_s, until_s = bounds(period, context.now())
        one = asked_about(context, asked, what, Where(device, room))
        if len(one) > 1:
            raise SkillError(Say("which_of", {"names": _names(one)}))
        test = test_of(one[0], asked)
        if test is None:
            raise SkillError(Say("nothing_such"))
        times = stretches(context, one[0], test, since_s, until_s)
        total_s = sum(each.until_s - each.since_s for each in times)
        values = {"name": one[0].name, "state": Say(f"word_{asked}"), "duration": duration(total_s)}
        return Answer(
            say=Say("was_so_for" if times else "was_never", values), facts={"seconds": round(total_s)}
        )

    @tool(offered=False)
    async def order(
        self,
        context: Context,
        things: list[str],
        ability: Ability,
        value: bool | int | float | str | list[int] | None = None,
        by: float | None = None,
    ) -> Answer:
        """Bring things, by their ids, to a value, or move them by so much from where they are."""
        return ordered(context, things, ability, value, by)

    @tool(acts=False, offered=False)
    async def which(
        self,
        context: Context,
        things: list[str],
        chosen: tuple[None, ...] = (),  # noqa: ARG002 - what is asked for; the frames read the answer
    ) -> Answer:
        """Ask which of some things was meant."""
        devices = [device for each in things if (device := context.home.get(each)) is not None]
        names = tuple(dict.fromkeys(_told_apart(devices)))
        say = Say("which_of_these" if 0 < len(names) <= MOST_NAMED else "which_of_many", {"names": names})
        return Answer(question=Question(say, "chosen", {"things": things}))

    @tool(acts=False, offered=False)
    async def to_what(
        self,
        context: Context,
        things: list[str],
        between: Literal["values", "on_off", "open_closed"] = "values",
        value: tuple[None, ...] = (),  # noqa: ARG002 - what is asked for; the frames read the answer
    ) -> Answer:
        """Ask to what some things are to be set, or which of two it is."""
        names = _names([device for each in things if (device := context.home.get(each)) is not None])
        say = {"values": "to_what", "on_off": "on_or_off", "open_closed": "open_or_close"}[between]
        return Answer(question=Question(Say(say, {"names": names}), "value", {"things": things}))

    @tool(offered=False)
    async def undo(self, context: Context) -> Answer:
        """Take back the last order: everything it changed goes back to how it was."""
        commands = context.history.undo(context.room)
        if not commands:
            raise SkillError(Say("nothing_to_undo"))
        devices = [each for command in commands if (each := context.home.get(command.device_id)) is not None]
        names = tuple(dict.fromkeys(_names(devices)))
        say = Say("undone_these", {"names": names}) if len(names) <= MOST_PUT_BACK else Say("undone")
        return Answer(commands, say, {"devices": names})

    @tool(offered=False)
    async def withdraw(self, context: Context, turn: str, for_turn: str, but: list[str]) -> Answer:
        """Take back what a turn did that this one completes; what is ordered again stays as it is."""
        return Answer(context.history.withdraw(turn, for_turn, but))

    @tool(acts=False, offered=False)
    async def devices(self, context: Context, room: AreaName | None = None) -> Answer:
        """Tell which devices there are in a room."""
        place = room_called(context, room) if room is not None else context.room
        found = in_room(known(context), place) if place is not None else known(context)
        if not found:
            raise SkillError(Say("nothing_there"))
        names = _names(found)
        if len(names) > MOST_NAMED:
            return Answer(say=Say("there_are_many", {"names": names[:MOST_NAMED], "count": len(names)}))
        return Answer(say=Say("there_are", {"names": names}), facts={"devices": names})

    @tool(acts=False, offered=False)
    async def offline(self, context: Context, room: AreaName | None = None) -> Answer:
        """Tell which devices cannot be reached."""
        every = known(context) if room is None else in_room(known(context), room_called(context, room))
        away = _names([each for each in every if not each.available])
        if not away:
            return Answer(say=Say("all_reachable"))
        return Answer(say=Say("is_away" if len(away) == 1 else "are_away", {"names": away[:MOST_NAMED]}))


def _told(found: tuple[Device, ...], asked: str) -> Answer:
    """Return whether things are so, all of them or some."""
    answers = {each.id: answer_of(each, asked) for each in found}
    such = [each for each in found if answers[each.id]]
    if all(answer is None for answer in answers.values()):
        if len(found) == 1 and (moving := described(found[0])) is not None:
            return Answer(say=Say("statement", {"state": moving}))  # a lock that turns is neither
        raise SkillError(Say("not_told", {"names": _names(found)}))
    if len(found) == 1:
        say = described(found[0]) or Say("so", {"name": found[0].name, "state": Say(f"word_{asked}")})
        return Answer(say=Say("yes" if such else "no", {"state": say}), facts={"answer": bool(such)})
    word = Say(f"word_{asked}")
    if not such:
        return Answer(say=Say("none_so", {"state": word}), facts={"such": ()})
    if len(such) == len(found):
        return Answer(say=Say("all_so", {"state": word}), facts={"such": _names(such)})
    say = Say("these_so" if len(such) > 1 else "this_so", {"names": _names(such), "state": word})
    return Answer(say=say, facts={"such": _names(such)})


def _state_of(context: Context, device: str | None, room: str | None) -> Answer:
    if device is None:
        raise SkillError(Say("nothing_such"))
    one = named(context, device, room, lambda _device: True)
    say = described(one)
    if say is None:
        raise SkillError(Say("not_told", {"names": (one.name,)}))
    return Answer(say=Say("statement", {"state": say}), facts={"name": one.name})


def _told_apart(devices: list[Device]) -> list[str]:
    """Return the names; those that are shared by their rooms."""
    names = [device.name for device in devices]
    return [
        device.room if names.count(device.name) > 1 and device.room else device.name for device in devices
    ]


def _names(devices: list[Device] | tuple[Device, ...]) -> tuple[str, ...]:
    return tuple(device.name for device in devices)
