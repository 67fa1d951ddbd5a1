"""Music makes way for a conversation, and comes back, whatever happens in between."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dialogue import ducking as ducking_module
from assistant.dialogue.attention import Attention
from assistant.dialogue.ducking import AdapterPlayer, DevicePlayer, Ducking, Player, players_of
from assistant.dialogue.mouth import Saying
from assistant.report import TurnReport
from assistant.understanding.plan import Tier
from devices.adapters.adapter import AdapterError
from devices.commands import AdapterCommand, Command, DeviceCommand
from devices.home import Ability, Device, Home, Kind
from speech.audio import Utterance
from speech.hearing import Ended, GaveUp, SpeechStarted, Stretch, Woke
from tests.fakes import Watcher


class Radio:
    """A player with a volume, which may be out of reach."""

    def __init__(self, key: str, volume: int = 60, room: str | None = None) -> None:
        self.key, self.room = f"adapter {key}", room
        self.loud = volume
        self.plays = True
        self.away = False
        self.set: list[int] = []

    async def playing(self) -> bool:
        await asyncio.sleep(0)
        return self.plays and not self.away

    async def volume(self) -> int | None:
        await asyncio.sleep(0)
        return None if self.away else self.loud

    def at(self, percent: int) -> Command:
        return AdapterCommand(self.key.removeprefix("adapter "), "set_volume", {"percent": percent})


class House:
    """Some radios, and the way to them."""

    def __init__(self, *radios: Radio) -> None:
        self.radios = {radio.key: radio for radio in radios}

    async def carry(self, commands: Sequence[Command]) -> None:
        for command in commands:
            assert isinstance(command, AdapterCommand)
            await asyncio.sleep(0)
            radio = self.radios[f"adapter {command.adapter}"]
            if not radio.away:
                radio.loud = command.arguments["percent"]
                radio.set.append(radio.loud)

    def ducking(self, memory: Path, level: float = 0.3) -> Ducking:
        def players() -> Sequence[Player]:
            return list(self.radios.values())

        ducking = Ducking(players, self.carry, level, memory)
        ducking.start()
        return ducking


async def until(so: object) -> None:
    async with asyncio.timeout(30):
        while not so():  # type: ignore[operator]
            await asyncio.sleep(0.001)


async def test_what_plays_is_turned_down_while_somebody_is_listened_to_and_comes_back(tmp_path: Path) -> None:
    radio, silent = Radio("one"), Radio("two")
    silent.plays = False
    ducking = House(radio, silent).ducking(tmp_path / "ducked.json")
    ducking.lower("kitchen", None)
    await until(lambda: radio.loud == 18)
    assert (tmp_path / "ducked.json").exists()
    ducking.restore("kitchen")
    await until(lambda: radio.loud == 60)
    await ducking.close()
    assert (radio.set, silent.set) == ([18, 60], [])
    assert not (tmp_path / "ducked.json").exists()


async def test_only_what_plays_in_the_same_room_or_nobody_knows_where_is_turned_down(tmp_path: Path) -> None:
    here, there, anywhere = Radio("a", room="kitchen"), Radio("b", room="hall"), Radio("c")
    ducking = House(here, there, anywhere).ducking(tmp_path / "ducked.json")
    ducking.lower("me", "kitchen")
    await until(lambda: here.loud == anywhere.loud == 18)
    assert there.loud == 60
    await ducking.close()
    assert (here.loud, anywhere.loud) == (60, 60)


async def test_after_a_crash_the_next_start_turns_it_back(tmp_path: Path) -> None:
    radio = Radio("one")
    house = House(radio)
    killed = house.ducking(tmp_path / "ducked.json")
    killed.lower("me", None)
    await until(lambda: radio.loud == 18)
    assert killed._work is not None
    killed._work.cancel()
    house.ducking(tmp_path / "ducked.json")
    await until(lambda: radio.loud == 60)


async def test_who_turned_it_by_hand_meanwhile_keeps_their_volume(tmp_path: Path) -> None:
    radio = Radio("one")
    ducking = House(radio).ducking(tmp_path / "ducked.json")
    ducking.lower("me", None)
    await until(lambda: radio.loud == 18)
    radio.loud = 40
    await ducking.close()
    assert radio.loud == 40
    assert not (tmp_path / "ducked.json").exists()


async def test_an_order_for_the_player_finds_it_as_loud_as_it_was(tmp_path: Path) -> None:
    radio = Radio("one")
    house = House(radio)
    ducking = house.ducking(tmp_path / "ducked.json")
    ducking.lower("me", None)
    await until(lambda: radio.loud == 18)
    louder = radio.at(70)
    await ducking.make_way((louder,))
    assert radio.loud == 60
    await house.carry((louder,))
    ducking.lower("another", None)  # in the same conversation it is left alone
    await ducking.close()
    assert (radio.loud, radio.set) == (70, [18, 60, 70])


async def test_a_player_that_was_out_of_reach_comes_back_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ducking_module, "AGAIN_S", 0.01)
    radio = Radio("one")
    ducking = House(radio).ducking(tmp_path / "ducked.json")
    ducking.lower("me", None)
    await until(lambda: radio.loud == 18)
    radio.away = True
    ducking.restore("me")
    await asyncio.sleep(0.05)
    radio.away = False
    await until(lambda: radio.loud == 60)
    await ducking.close()


async def test_a_disk_that_takes_nothing_leaves_the_music_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    radio = Radio("one")
    ducking = House(radio).ducking(tmp_path / "file" / "ducked.json")
    ducking.lower("me", None)
    await until(lambda: ducking._work is not None and ducking._work.done())
    assert (radio.loud, radio.set) == (60, [])


@pytest.mark.parametrize(
    "kept", ["", "[]", '{"adapter one": 5}', '{"adapter one": [1]}', "\x00", '{"a": ["x", 1]}']
)
async def test_a_memory_that_makes_no_sense_is_ignored(tmp_path: Path, kept: str) -> None:
    (tmp_path / "ducked.json").write_text(kept)
    radio = Radio("one")
    ducking = House(radio).ducking(tmp_path / "ducked.json")
    ducking.lower("me", None)
    await until(lambda: radio.loud == 18)
    await ducking.close()
    assert radio.loud == 60


WHO = st.sampled_from(["kitchen", "hall"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["lower", "restore"]), WHO),
        st.tuples(st.sampled_from(["away", "there", "stops", "plays", "killed", "order", "a moment"]), WHO),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_in_whatever_order_things_happen_the_music_is_as_loud_as_before(steps: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        memory = Path(folder) / "ducked.json"
        assert asyncio.run(after(steps, memory)) == [50, 80]
        assert not memory.exists()


async def after(steps: list[tuple[str, str]], memory: Path) -> list[int]:
    """How loud two radios are when all is over."""
    radios = {"kitchen": Radio("k", 50, "kitchen"), "hall": Radio("h", 80)}
    house = House(*radios.values())
    ducking = house.ducking(memory)
    for step, who in steps:
        if step == "killed":
            if ducking._work is not None:
                ducking._work.cancel()
            ducking = house.ducking(memory)
        elif step in ("lower", "restore", "order"):
            await told(ducking, step, radios[who], who)
        else:
            radios[who].away = step == "away" or (radios[who].away and step != "there")
            radios[who].plays = step == "plays" or (radios[who].plays and step != "stops")
        for _ in range(40 if step == "a moment" else 1):
            await asyncio.sleep(0)
    for radio in radios.values():
        radio.away = False
    await ducking.close()
    return [radio.loud for radio in radios.values()]


async def told(ducking: Ducking, step: str, radio: Radio, who: str) -> None:
    match step:
        case "lower":
            ducking.lower(who, who)
        case "restore":
            ducking.restore(who)
        case "order":
            await ducking.make_way((radio.at(30),))


# -- players -------------------------------------------------------------------------------------------------


async def test_a_media_player_of_the_home_is_heard_by_its_own_state() -> None:
    home = Home()
    abilities = frozenset({Ability.VOLUME, Ability.PLAYBACK})
    state = {Ability.VOLUME: 40, Ability.PLAYBACK: "playing"}
    home.put(Device("tv", "TV", Kind.MEDIA_PLAYER, abilities, "hall", state=state))
    home.put(Device("lamp", "Lamp", Kind.LIGHT, frozenset({Ability.ON})))
    (player,) = players_of(home)
    assert isinstance(player, DevicePlayer)
    assert (await player.playing(), await player.volume(), player.room) == (True, 40, "hall")
    assert player.at(12) == DeviceCommand("tv", Ability.VOLUME, 12)


async def test_a_music_server_that_is_away_plays_nothing() -> None:
    async def ask(_adapter: str, _question: str) -> dict[str, object]:
        raise AdapterError("nobody there")

    player = AdapterPlayer("mpd", ask)
    assert (await player.playing(), await player.volume()) == (False, None)


# -- when somebody is listened to ----------------------------------------------------------------------------


def ended(turn_id: str) -> Ended:
    return Ended(Utterance(turn_id, "s", 0, np.zeros(1, np.int16), 0.0, 0.0), Stretch("s", 0, 1))


def report(turn_id: str) -> TurnReport:
    return TurnReport(turn_id, "", "en", Tier.NONE)


async def test_busy_lasts_from_the_wake_word_to_the_end_of_the_answer() -> None:
    told: list[bool] = []
    attention = Attention(Watcher(), told.append)
    attention.heard(Woke("alexa", 0))
    attention.heard(SpeechStarted("a"))
    attention.heard(ended("a"))
    attention.saying(Saying.SPEAKING)
    attention.saying(Saying.PAUSED)
    attention.saying(Saying.SILENT)
    assert told == [True]
    attention.report(report("a"))
    assert told == [True, False]


async def test_busy_ends_when_nobody_speaks_after_the_wake_word() -> None:
    told: list[bool] = []
    attention = Attention(Watcher(), told.append)
    attention.heard(Woke("alexa", 0))
    attention.heard(GaveUp())
    assert told == [True, False]


async def test_busy_ends_by_itself_when_a_turn_is_never_heard_of_again() -> None:
    told: list[bool] = []
    attention = Attention(Watcher(), told.append, longest_s=0.01)
    attention.heard(ended("lost"))
    await until(lambda: told == [True, False])
