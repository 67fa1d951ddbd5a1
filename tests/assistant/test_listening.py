"""What is listened to: wake words one by one, a button, the chime."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.config.errors import ConfigError
from assistant.config.listening import Listen
from assistant.config.load import load
from assistant.config.schema import Config
from assistant.dialogue.caller import Call
from assistant.dialogue.mouth import Mouth, Speaks
from assistant.opening.casting import calls_of, speaks_in, voice_of
from assistant.opening.sound import button, detector_of, make_ear, open_echo
from assistant.scheduler import Lane
from assistant.understanding.frames.memory import Memory
from speech.audio import Samples
from speech.end_of_turn import EndOfTurnSettings
from speech.hearing import Hearing
from speech.sound.chime import RATE_HZ, SECONDS, chime
from speech.sound.speaker import SilentSpeaker
from speech.synthesis.voices import Voices
from tests.fakes import HeldSpeaker, ToneVoices


def configured(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load(path).config


def written(folder: Path, text: str) -> Listen:
    return configured(folder, text).listen


def test_wake_words_are_named_one_by_one_with_their_own_sensitivity_and_language(tmp_path: Path) -> None:
    config = configured(
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
    listen = config.listen
    assert [each.word for each in listen.words] == ["alexa", "hey_jarvis"]
    assert listen.sensitivities == (0.4, 0.7)
    heard = detector_of(listen).words
    calls = calls_of(config, None)
    assert [calls[word].language for word in heard] == ["zh", None]


PERSONAS = """
[[listen.wake]]
word = "alexa"
persona = "butler"
[[listen.wake]]
word = "hey_jarvis"
[personas.butler]
text = "You are a butler of the old school."
speaker = "espeak"
rate = 0.5
[voice.rooms.Bedroom]
rate = 0.8
volume = 0.25
speaker = "espeak"
"""


class Tone:
    """A voice of one pitch, whose sound is longer the slower it speaks."""

    languages = frozenset({"en"})
    rate_hz = 16_000

    def __init__(self, name: str, rate: float = 1.0) -> None:
        self.name, self._rate = name, rate

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        yield np.full(round(100 / self._rate), 1 if self.name == "usual" else 2, np.int16)

    def paced(self, rate: float) -> "Tone":
        return Tone(self.name, self._rate * rate)

    def close(self) -> None: ...


async def once(text: str) -> AsyncIterator[str]:
    yield text


def sound(speaks: Speaks | None) -> Samples:
    assert speaks is not None
    return np.concatenate([piece for piece, _ in speaks.speak("hello", "en")])


def test_a_wake_word_calls_its_persona_with_its_own_words_and_voice(tmp_path: Path) -> None:
    config = configured(tmp_path, PERSONAS)
    voices = Voices({"en": Tone("usual")}, others={"espeak": Tone("espeak")})
    alexa, jarvis = (calls_of(config, voices)[word] for word in detector_of(config.listen).words)
    assert alexa.persona == "You are a butler of the old school."
    assert sound(alexa.voices).tolist() == [2] * 200
    assert (jarvis.persona, jarvis.voices) == ("", None)


def test_a_room_has_its_own_pace_loudness_and_speaker(tmp_path: Path) -> None:
    config = configured(tmp_path, PERSONAS)
    voices = Voices({"en": Tone("usual")}, others={"espeak": Tone("espeak")})
    assert sound(speaks_in(config, voices, "bedroom")).tolist() == [2] * 125
    assert sound(speaks_in(config, voices, "kitchen")).tolist() == [1] * 100
    assert (voice_of(config, "bedroom").volume, voice_of(config, None).volume) == (0.25, 1.0)


def test_a_persona_that_is_not_described_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"personas\.butler"):
        written(tmp_path, '[[listen.wake]]\nword = "alexa"\npersona = "butler"')


async def test_who_is_called_speaks_from_then_on_until_another_is(lane: Lane) -> None:
    usual, butler = Voices({"en": Tone("usual")}), Voices({"en": Tone("butler")})
    speaker, memory = HeldSpeaker(), Memory()
    speaker.finish()
    mouth = Mouth(usual, speaker, lane)
    for call in (Call("zh", "a butler", butler), Call()):
        language = call.answered_by(mouth, memory)
        assert (language, memory.persona) == (call.language, call.persona)
        await mouth.say(call.persona, once("hello"), "en", lambda: None)
    assert [int(chunk.samples[0]) for chunk in speaker.played] == [2, 1]


def test_plain_wake_words_are_all_as_eager(tmp_path: Path) -> None:
    config = configured(tmp_path, '[listen]\nwake_words = ["alexa", "okay_nabu"]')
    assert config.listen.sensitivities == (0.5, 0.5)
    assert calls_of(config, None) == {}


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
