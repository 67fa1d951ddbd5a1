"""An ESPHome voice device as a source of sound and a loudspeaker: a device of the library's own messages."""

import asyncio

import httpx
import numpy as np
import pytest
from aioesphomeapi import api_pb2 as pb
from aioesphomeapi.model import VoiceAssistantCommandFlag, VoiceAssistantFeature, VoiceAssistantTimerEventType

from speech.audio import AudioChunk, SpeechChunk
from speech.satellites.address import Address
from speech.satellites.esphome import EspHomeSatellite
from speech.satellites.esphome_sound import Spoken
from speech.satellites.satellite import TimerSeen
from speech.sound.ports import SoundError
from tests.brokers import free_port
from tests.esphome_device import KEY, PLAYER, WITH_A_SPEAKER, TestDevice, device
from tests.fakes import sound
from tests.satellites import PATIENT_S, until


def calling(there: TestDevice, *, wakes_here: bool = False, key: str | None = None) -> EspHomeSatellite:
    return EspHomeSatellite("kitchen", there.address, key=key, wakes_here=wakes_here)


def speech(seconds: float = 0.2, rate_hz: int = 22_050) -> SpeechChunk:
    return SpeechChunk("t", np.full(int(seconds * rate_hz), 1_000, np.int16), rate_hz, last_of_clause=True)


async def hear(ours: EspHomeSatellite, samples: int) -> list[AudioChunk]:
    heard: list[AudioChunk] = []
    async with asyncio.timeout(PATIENT_S):
        async for chunk in ours.chunks():
            heard.append(chunk)
            if sum(len(each.samples) for each in heard) >= samples:
                break
    return heard


@pytest.mark.parametrize("key", [None, KEY])
async def test_its_wake_word_and_its_sound_come_in_order_with_a_key_and_without(key: str | None) -> None:
    said, order = sound(("voice", 0.5)), []
    async with device(key=key, area="Kitchen") as there:
        ours = calling(there, key=key)
        ours.on_woken = order.append
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.wake("hey jarvis")
            await there.speak(said, pace=50)
            heard = np.concatenate([each.samples for each in await hear(ours, len(said))])
        assert not ours.is_connected
    assert np.array_equal(heard[: len(said)], said)
    assert order == ["hey jarvis"]
    assert ours.area == "Kitchen"
    assert there.types() == ["RUN_START", "STT_START"]


async def test_a_turn_is_shown_step_by_step_and_its_answer_is_fetched_from_us() -> None:
    async with device() as there:
        ours = calling(there)
        ours.spoken = lambda: Spoken("Done.", asks=False)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.wake()
            ours.show_speech()
            ours.show_pause()
            ours.show_heard("turn on the light")
            await ours.speaker.play(speech())
            await ours.speaker.drain()
            ours.show_done()
            await until(lambda: there.types()[-1] == "RUN_END")
    assert there.types() == [
        "RUN_START",
        "STT_START",
        "STT_VAD_START",
        "STT_VAD_END",
        "STT_END",
        "INTENT_START",
        "INTENT_END",
        "TTS_START",
        "TTS_END",
        "RUN_END",
    ]
    told = dict(there.events)
    assert told["STT_END"] == {"text": "turn on the light"}
    assert told["INTENT_END"] == {"continue_conversation": "0"}
    assert told["TTS_START"] == {"text": "Done."}
    assert there.plays[0][:4] == b"RIFF"
    assert np.array_equal(there.played(), speech().samples)


async def test_a_question_has_it_listen_again_without_its_wake_word() -> None:
    woken: list[str] = []
    async with device() as there:
        ours = calling(there)
        ours.on_woken, ours.spoken = woken.append, lambda: Spoken("Which one?", asks=True)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.wake()
            ours.show_heard("turn on the light")
            await ours.speaker.play(speech())
            await ours.speaker.drain()
            ours.show_done()
            await until(lambda: there.types().count("RUN_START") == 2)
            await there.speak(sound(("voice", 0.1)), pace=50)
            await hear(ours, 100)
    assert woken == ["okay nabu", ""]


async def test_who_says_nothing_is_let_go_without_an_alarm() -> None:
    async with device() as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.wake()
            ours.show_heard("")
            await until(lambda: there.types()[-1] == "RUN_END")
            assert not there.streams
    assert dict(there.events)["ERROR"]["code"] == "stt-no-text-recognized"


async def test_an_announcement_is_played_where_nobody_has_called() -> None:
    async with device() as there:
        ours = calling(there)
        ours.spoken = lambda: Spoken("Dinner is ready.", asks=False)
        async with ours.connected():
            await until(lambda: there.is_called)
            await ours.speaker.play(speech())
            await ours.speaker.drain()
            (asked,) = there.of(pb.VoiceAssistantAnnounceRequest)
            assert isinstance(asked, pb.VoiceAssistantAnnounceRequest)
            assert (asked.text, asked.start_conversation) == ("Dinner is ready.", False)
    assert len(there.played()) > 0
    assert there.types() == []


async def test_an_answer_is_sent_to_one_with_a_loudspeaker_and_no_media_player() -> None:
    async with device(features=WITH_A_SPEAKER) as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            with pytest.raises(SoundError, match="only when it was spoken to"):
                await ours.speaker.play(speech())
            await there.wake()
            ours.show_heard("turn on the light")
            await ours.speaker.play(speech())
            await ours.speaker.drain()
            await until(lambda: there.types()[-1] == "RUN_END")
    assert there.types()[-4:] == ["TTS_END", "TTS_STREAM_START", "TTS_STREAM_END", "RUN_END"]
    assert len(there.spoken_by_api) / 2 / 16_000 == pytest.approx(0.2, abs=0.01)


async def test_an_answer_that_is_stopped_is_silenced_there() -> None:
    async with device() as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.wake()
            ours.show_heard("tell me a story")
            playing = asyncio.create_task(ours.speaker.play(speech(60.0)))
            await until(lambda: "TTS_END" in there.types())
            await ours.speaker.stop()
            await playing
            await until(lambda: there.of(pb.MediaPlayerCommandRequest))
            (stopped,) = there.of(pb.MediaPlayerCommandRequest)
            assert isinstance(stopped, pb.MediaPlayerCommandRequest)
            assert (stopped.key, stopped.announcement) == (PLAYER, True)
            await until(lambda: there.plays)
    assert len(there.played()) < 10 * 22_050


async def test_one_that_never_fetches_its_answer_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("speech.satellites.esphome_sound._MediaWire.played_s", 0.1)
    async with device() as there:
        there.refuses_to_fetch = True
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            await ours.speaker.play(speech())
            async with asyncio.timeout(PATIENT_S):
                await ours.speaker.drain()


async def test_a_stranger_gets_no_speech() -> None:
    async with device() as there:
        ours = calling(there)
        async with ours.connected(), httpx.AsyncClient(trust_env=False) as stranger:
            await until(lambda: there.is_called)
            await there.wake()
            ours.show_heard("tell me a secret")
            await ours.speaker.play(speech())
            await until(lambda: "TTS_END" in there.types())
            url = dict(there.events)["TTS_END"]["url"]
            guess = url.rpartition("/")[0] + "/guess.wav"
            assert (await stranger.get(guess)).status_code == 404
            elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.9")  # another of this machine's
            async with httpx.AsyncClient(transport=elsewhere, trust_env=False) as neighbour:
                with pytest.raises(httpx.HTTPError):
                    await neighbour.get(url)


async def test_a_button_that_stops_it_ends_the_turn() -> None:
    stops: list[int] = []
    async with device() as there:
        ours = calling(there)
        ours.on_stop = lambda: stops.append(1)
        async with ours.connected():
            await until(lambda: there.is_called)
            await there.wake()
            there.send(pb.VoiceAssistantRequest(start=False))
            await until(lambda: there.types()[-1] == "RUN_END")
    assert stops == [1]


@pytest.mark.parametrize("wakes_here", [True, False])
async def test_one_that_leaves_the_wake_word_to_us_is_taken_only_where_that_is_set(wakes_here: bool) -> None:
    woken: list[str] = []
    async with device() as there:
        ours = calling(there, wakes_here=wakes_here)
        ours.on_woken = woken.append
        async with ours.connected():
            await until(lambda: there.is_called)
            request = pb.VoiceAssistantRequest(start=True, flags=VoiceAssistantCommandFlag.USE_WAKE_WORD)
            there.send(request)
            if wakes_here:
                await until(lambda: there.streams)
                ours.show_woken("okay_nabu")
                await until(lambda: there.types()[-1] == "STT_START")
            else:
                await until(lambda: "RUN_END" in there.types())
    assert woken == []
    assert there.types()[:2] == (["RUN_START", "WAKE_WORD_START"] if wakes_here else ["ERROR", "RUN_END"])


async def test_its_timers_follow_ours_and_one_that_is_due_is_left_to_our_voice() -> None:
    async with device() as there:
        ours = calling(there)
        async with ours.connected():
            await until(lambda: there.is_called)
            ours.show_timer("started", TimerSeen("1", "pasta", 600, 600))
            ours.show_timer("finished", TimerSeen("1", "pasta", 600, 0))
            await until(lambda: len(there.of(pb.VoiceAssistantTimerEventResponse)) == 2)
            kinds = [each.event_type for each in there.of(pb.VoiceAssistantTimerEventResponse)]  # type: ignore[attr-defined]
    started = VoiceAssistantTimerEventType.VOICE_ASSISTANT_TIMER_STARTED
    assert kinds == [started, VoiceAssistantTimerEventType.VOICE_ASSISTANT_TIMER_CANCELLED]


async def test_a_device_that_goes_raises_and_can_be_called_again() -> None:
    async with device() as there:
        ours = calling(there)
        for _ in range(2):
            async with ours.connected():
                await until(lambda: there.is_called)
                await there.stop()
                with pytest.raises(SoundError, match="kitchen is gone"):
                    await hear(ours, 10**9)
            await there.start()


@pytest.mark.parametrize(
    ("theirs", "ours", "said"),
    [
        (KEY, None, "wants its key: name a key_file"),
        (KEY, "A" * 43 + "=", "is not the device's"),
        (KEY, "not base64", "is not the device's"),
        (None, KEY, "leave key_file out"),
    ],
)
async def test_a_wrong_key_is_one_line_that_says_what_to_do(
    theirs: str | None, ours: str | None, said: str
) -> None:
    async with device(key=theirs) as there:
        with pytest.raises(SoundError, match=said):
            async with calling(there, key=ours).connected():
                pass


@pytest.mark.parametrize(
    ("features", "said"),
    [(0, "without a voice assistant"), (VoiceAssistantFeature.VOICE_ASSISTANT, "sends its sound by UDP")],
)
async def test_a_device_that_cannot_serve_says_so(features: int, said: str) -> None:
    async with device(features=features) as there:
        with pytest.raises(SoundError, match=said):
            async with calling(there).connected():
                pass


async def test_nobody_there_is_one_line_that_says_what_to_do() -> None:
    nobody = EspHomeSatellite("kitchen", Address("127.0.0.1", free_port(), "esphome"))
    with pytest.raises(SoundError, match=r"cannot be reached .*: is it switched on"):
        async with nobody.connected():
            pass
