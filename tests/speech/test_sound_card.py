"""The microphone and the loudspeaker through sounddevice itself, on a virtual sound card."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.audio import RATE_HZ, AudioChunk, Samples, SpeechChunk
from speech.echo.room import RoomCanceller
from speech.echo.source import Echo
from speech.sound.microphone import MicrophoneSource
from speech.sound.ports import SoundError
from speech.sound.speaker import SoundCardSpeaker
from tests.sound_card import DEVICE, SoundCard, loudest_hz, read_wav, require_sound_card, write_tone

pytestmark = pytest.mark.sound_card

VOICE_HZ = 22_050


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCard]:
    require_sound_card()
    import sounddevice

    with SoundCard() as card:
        for name, value in card.environment.items():
            monkeypatch.setenv(name, value)
        # PortAudio looks for devices when it starts, and this process may have started it before.
        sounddevice._terminate()
        sounddevice._initialize()
        yield card
        sounddevice._terminate()
    monkeypatch.undo()
    sounddevice._initialize()


def tone(hz: float, seconds: float) -> Samples:
    times = np.arange(round(seconds * VOICE_HZ)) / VOICE_HZ
    return (np.sin(2 * np.pi * hz * times) * 16_000).astype(np.int16)


async def collect(source: MicrophoneSource, heard: list[AudioChunk]) -> None:
    async for chunk in source.chunks():
        heard.append(chunk)  # noqa: PERF401 - others look at the list while it grows


def loud_runs(samples: Samples, rate_hz: int) -> list[tuple[float, float]]:
    """Where there is sound, in seconds; pauses below 50 ms are part of it."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 500)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > rate_hz // 20) + 1)
    return [(part[0] / rate_hz, part[-1] / rate_hz) for part in parts if len(part)]


async def until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.02)


async def test_what_is_played_into_the_microphone_arrives(card: SoundCard, tmp_path: Path) -> None:
    write_tone(tmp_path / "tone.wav", 700, 1.0)
    source = MicrophoneSource(DEVICE)
    heard: list[AudioChunk] = []
    listening = asyncio.create_task(collect(source, heard))
    await until(lambda: heard)
    await asyncio.to_thread(card.play_into_microphone, tmp_path / "tone.wav")
    await source.close()
    await asyncio.wait_for(listening, 5)
    samples = np.concatenate([chunk.samples for chunk in heard])
    assert {len(chunk.samples) for chunk in heard} == {RATE_HZ // 50}
    assert [chunk.start_sample for chunk in heard[1:]] == [chunk.end_sample for chunk in heard[:-1]]
    [(begin_s, end_s)] = loud_runs(samples, RATE_HZ)
    assert end_s - begin_s == pytest.approx(1.0, abs=0.15)
    assert loudest_hz(samples, RATE_HZ) == pytest.approx(700, abs=5)


async def test_the_voice_is_heard_at_the_loudspeaker(card: SoundCard, tmp_path: Path) -> None:
    speaker = SoundCardSpeaker(DEVICE)
    with card.record_speaker(tmp_path / "heard.wav"):
        for number in range(3):
            last = number == 2
            await speaker.play(SpeechChunk("turn", tone(440, 0.4), VOICE_HZ, last_of_clause=last))
        await speaker.drain()
        await asyncio.sleep(0.3)  # the recorder's own delay
    await speaker.close()
    samples, rate_hz = read_wav(tmp_path / "heard.wav")
    assert sum(end - begin for begin, end in loud_runs(samples, rate_hz)) == pytest.approx(1.2, abs=0.06)
    assert loudest_hz(samples, rate_hz) == pytest.approx(440, abs=4)


async def test_stop_falls_silent_at_once_and_drops_the_rest_of_the_turn(
    card: SoundCard, tmp_path: Path
) -> None:
    speaker = SoundCardSpeaker(DEVICE)
    loop = asyncio.get_running_loop()
    with card.record_speaker(tmp_path / "heard.wav"):
        playing = asyncio.create_task(speaker.play(SpeechChunk("turn", tone(440, 5.0), VOICE_HZ)))
        began_s = loop.time()
        await asyncio.sleep(0.5)
        await speaker.stop()
        await asyncio.wait_for(playing, 1)
        stopped_s = loop.time() - began_s
        await speaker.play(SpeechChunk("turn", tone(440, 1.0), VOICE_HZ))
        await asyncio.wait_for(speaker.drain(), 1)
        await asyncio.sleep(0.3)
    await speaker.close()
    samples, rate_hz = read_wav(tmp_path / "heard.wav")
    [(begin_s, end_s)] = loud_runs(samples, rate_hz)
    assert end_s - begin_s <= stopped_s + 0.1
    tone_step = 16_000 * 2 * np.pi * 440 / rate_hz
    assert np.abs(np.diff(samples.astype(int))).max() < 1.5 * tone_step, "it clicked"


async def test_a_microphone_that_vanishes_is_opened_again(
    card: SoundCard, caplog: pytest.LogCaptureFixture
) -> None:
    source = MicrophoneSource(DEVICE)
    heard: list[AudioChunk] = []
    listening = asyncio.create_task(collect(source, heard))
    await until(lambda: heard)
    with caplog.at_level(logging.WARNING):
        await asyncio.to_thread(card.kill)
        await until(lambda: "is opened again" in caplog.text)
        await asyncio.to_thread(card.restart)
        await until(lambda: "is open again" in caplog.text)
        before = len(heard)
        await until(lambda: len(heard) > before + 5)
    await source.close()
    await asyncio.wait_for(listening, 5)
    assert heard[-1].start_sample == sum(len(chunk.samples) for chunk in heard[:-1])


async def test_a_loudspeaker_that_vanishes_is_told_and_opened_again_later(card: SoundCard) -> None:
    speaker = SoundCardSpeaker(DEVICE)
    await speaker.play(SpeechChunk("turn", tone(440, 0.2), VOICE_HZ))
    await speaker.drain()
    await asyncio.to_thread(card.kill)
    with pytest.raises(SoundError, match="takes no more sound"):
        await speaker.play(SpeechChunk("turn", tone(440, 2.0), VOICE_HZ))
    with pytest.raises(SoundError, match="cannot be opened"):
        await speaker.play(SpeechChunk("turn", tone(440, 2.0), VOICE_HZ))
    await asyncio.to_thread(card.restart)
    await speaker.play(SpeechChunk("turn", tone(440, 0.2), VOICE_HZ))
    await speaker.drain()
    await speaker.close()


def babble(seconds: float, seed: int = 5) -> Samples:
    """Noise that comes and goes as syllables do."""
    times = np.arange(round(seconds * VOICE_HZ)) / VOICE_HZ
    noise = np.random.default_rng(seed).standard_normal(len(times))
    return (noise * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * times)) * 5_000).astype(np.int16)


async def test_a_voice_that_pauses_is_silent_and_goes_on(card: SoundCard, tmp_path: Path) -> None:
    speaker = SoundCardSpeaker(DEVICE)
    with card.record_speaker(tmp_path / "heard.wav"):
        saying = asyncio.create_task(say(speaker, [tone(500, 1.0), tone(500, 1.0)]))
        await asyncio.sleep(0.6)
        await speaker.pause()
        await asyncio.sleep(1.0)
        assert not saying.done()
        await speaker.resume()
        async with asyncio.timeout(30):
            await saying
        await asyncio.sleep(0.2)
    await speaker.close()
    samples, rate_hz = read_wav(tmp_path / "heard.wav")
    first, second = loud_runs(samples, rate_hz)
    assert second[0] - first[1] > 0.6
    assert first[1] - first[0] + second[1] - second[0] > 2.0  # a little is said twice, nothing is lost


async def say(speaker: SoundCardSpeaker, pieces: list[Samples]) -> None:
    for number, piece in enumerate(pieces):
        await speaker.play(SpeechChunk("a", piece, VOICE_HZ, last_of_clause=number == len(pieces) - 1))
    await speaker.drain()


async def test_what_the_card_plays_is_taken_out_of_what_it_hears(card: SoundCard) -> None:
    card.let_microphone_hear_loudspeaker()
    speaker = SoundCardSpeaker(DEVICE)
    echo = Echo(RoomCanceller(), speaker)
    microphone, plain = MicrophoneSource(DEVICE), list[Samples]()
    source = echo.out_of(Copying(microphone, plain))
    heard: list[AudioChunk] = []
    listening = asyncio.create_task(collect(source, heard))  # type: ignore[arg-type]
    await until(lambda: heard)

    def quieter() -> bool:
        """Whether of the last second and a half, in which something was heard, a quarter is left."""
        before, after = (
            np.concatenate(pieces[-75:]).astype(float) for pieces in (plain, [each.samples for each in heard])
        )
        return bool(np.square(before).mean() > max(1e5, 4 * np.square(after).mean()))

    async with asyncio.timeout(60):  # a card that stumbles is learnt anew
        while not quieter():
            await say(speaker, [babble(1.0, seed) for seed in range(3)])
    await microphone.close()
    async with asyncio.timeout(30):
        await listening
    await speaker.close()


class Copying:
    """A source that keeps a copy."""

    def __init__(self, source: MicrophoneSource, copy: list[Samples]) -> None:
        self.stream_id, self.clock = source.stream_id, source.clock
        self._source, self._copy = source, copy

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        async for chunk in self._source.chunks():
            self._copy.append(chunk.samples)
            yield chunk
