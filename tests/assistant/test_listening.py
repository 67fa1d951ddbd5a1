"""What is listened to: wake words one by one, a button, the chime."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.config.errors import ConfigError
from assistant.config.listening import Listen
from assistant.config.load import load
from assistant.dialogue.mouth import Mouth
from assistant.opening.sound import button, detector_of, make_ear, open_echo, spoken_after
from assistant.scheduler import Lane
from speech.end_of_turn import EndOfTurnSettings
from speech.hearing import Hearing
from speech.sound.chime import RATE_HZ, SECONDS, chime
from speech.sound.speaker import SilentSpeaker
from tests.fakes import HeldSpeaker, ToneVoices


def written(folder: Path, text: str) -> Listen:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load(path).config.listen


def test_wake_words_are_named_one_by_one_with_their_own_sensitivity_and_language(tmp_path: Path) -> None:
    listen = written(
        tmp_path,
        """
        [listen]
        wake_sensitivity = 0.4
        [[listen.wake]]
        word = "alexa"
        language = "zh"
        [[listen.wake]]
        word = "hey_jarvis"
        sensitivity = 0.7
        """,
    )
    assert [each.word for each in listen.words] == ["alexa", "hey_jarvis"]
    assert listen.sensitivities == (0.4, 0.7)
    heard = detector_of(listen).words
    assert spoken_after(listen) == {heard[0]: "zh"}


def test_plain_wake_words_are_all_as_eager(tmp_path: Path) -> None:
    listen = written(tmp_path, '[listen]\nwake_words = ["alexa", "okay_nabu"]')
    assert listen.sensitivities == (0.5, 0.5)
    assert spoken_after(listen) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[listen.wake]]\nword = "computer"', 'no wake word "computer"'),
        ('[[listen.wake]]\nlanguage = "zh"', "word"),
        ('[listen]\nmode = "never"', "mode"),
        ('[listen]\npush_to_talk_topic = "a/#"', "wildcards"),
        ("[listen]\nduck = 2", "duck"),
    ],
)
def test_what_cannot_be_listened_for_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        written(tmp_path, text)


def test_an_ear_with_a_button_hears_nothing_before_it_is_pushed() -> None:
    ear = make_ear(Listen(mode="push_to_talk"), EndOfTurnSettings(), addressed=False)
    assert ear.state is Hearing.ASLEEP
    ear.attend()
    assert ear.state is Hearing.ATTENTIVE


def test_there_is_no_echo_where_nothing_is_played() -> None:
    assert open_echo(Listen(), SilentSpeaker(), print) is None


class Pushed:
    """Counts the pushes."""

    def __init__(self) -> None:
        self.times = 0
        self.once = asyncio.Event()

    async def address(self) -> None:
        self.times += 1
        self.once.set()


class Link:
    """Takes one subscription."""

    def __init__(self) -> None:
        self.callback: Callable[[str, bytes, bool], None] | None = None

    def subscribe(self, _topic: str, callback: Callable[[str, bytes, bool], None]) -> None:
        self.callback = callback

    def unsubscribe(self, _topic: str, _callback: object) -> None:
        self.callback = None


async def test_a_message_is_a_push_and_a_retained_one_is_not() -> None:
    link, pushed = Link(), Pushed()
    with button(link, "talk", pushed):  # type: ignore[arg-type]
        assert link.callback is not None
        link.callback("talk", b"old", True)
        link.callback("talk", b"now", False)
        async with asyncio.timeout(30):
            await pushed.once.wait()
    assert (pushed.times, link.callback) == (1, None)


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("voice")
    yield lane
    lane.close()


async def test_the_chime_is_short_soft_and_only_heard_where_it_is_wanted(lane: Lane) -> None:
    speaker = HeldSpeaker()
    mouth = Mouth(ToneVoices(), speaker, lane)
    assert await mouth.chime() == 0.0
    mouth.chimes = True
    assert SECONDS < await mouth.chime() < 0.4
    (played,) = speaker.played
    assert len(played.samples) / RATE_HZ == pytest.approx(SECONDS, abs=0.001)
    assert np.abs(chime()).max() < 0.15 * 32_768
    assert abs(int(chime()[0])) < 50
