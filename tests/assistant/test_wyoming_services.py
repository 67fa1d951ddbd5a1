"""What we are by Wyoming, asked by the library's own client: real Whisper, a real voice, real wake words."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice
from wyoming.wake import Detect

from assistant.app import Assistant, open_assistant
from assistant.config.load import load
from assistant.config.satellites import Wyoming
from assistant.config.schema import Config, EndOfTurn, Home, Mqtt, Recognition, Understanding
from assistant.serve.wyoming_services.server import WyomingServices, may_connect
from speech.audio import RATE_HZ, Samples
from tests.brokers import free_port
from tests.fakes import Watcher, sound
from tests.satellites import PATIENT_S, until
from tests.speaking import spoken

pytestmark = [pytest.mark.models, pytest.mark.asyncio(loop_scope="module")]

WORDS = "Turn on the hall light."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def assistant(
    weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Assistant]:
    weights("whisper-tiny.en")
    weights("piper-en_US-joe-medium")
    config = Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
        recognition=Recognition(model="whisper-tiny.en", second_look=False),
        end_of_turn=EndOfTurn(model=""),
        wyoming=Wyoming(enabled=True, port=free_port()),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        async with open_assistant(config, ears=True, voice=True) as ours:
            yield ours


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def services(assistant: Assistant) -> AsyncIterator[WyomingServices]:
    ours = WyomingServices(assistant, Watcher())
    serving = asyncio.create_task(ours.serve())
    await until(lambda: _answers(ours.port))
    yield ours
    serving.cancel()
    await asyncio.wait([serving])


def _answers(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def words(weights: Callable[[str], Path]) -> Samples:
    return spoken(WORDS, weights)


def client(services: WyomingServices) -> AsyncTcpClient:
    return AsyncTcpClient("127.0.0.1", services.port, read_timeout=PATIENT_S)


async def stream(to: AsyncTcpClient, samples: Samples) -> None:
    await to.write_event(AudioStart(RATE_HZ, 2, 1).event())
    for start in range(0, len(samples), 1024):
        piece = samples[start : start + 1024].astype("<i2")
        await to.write_event(AudioChunk(RATE_HZ, 2, 1, piece.tobytes()).event())
    await to.write_event(AudioStop().event())


async def answers(of: AsyncTcpClient, last: str) -> list[Event]:
    """Everything up to an event of that type."""
    came: list[Event] = []
    while not came or came[-1].type != last:
        event = await of.read_event()
        assert event is not None
        came.append(event)
    return came


async def test_we_describe_what_we_have(services: WyomingServices) -> None:
    async with client(services) as home_assistant:
        await home_assistant.write_event(Describe().event())
        info = Info.from_event((await answers(home_assistant, "info"))[-1])
    assert info.asr[0].models[0].languages == ["en"]
    assert info.asr[0].supports_transcript_streaming
    assert "en" in {language for voice in info.tts[0].voices for language in voice.languages}
    assert "okay_nabu" in {each.name for each in info.wake[0].models}
    assert info.handle[0].models[0].languages == ["en", "zh"]
    assert info.satellite is None


async def test_what_is_said_is_recognised_and_streamed(services: WyomingServices, words: Samples) -> None:
    async with client(services) as home_assistant:
        await home_assistant.write_event(Transcribe(language="en-US").event())
        await stream(home_assistant, np.concatenate([words, sound(("quiet", 1.0)), words]))
        came = await answers(home_assistant, "transcript-stop")
    assert [each.type for each in came] == [
        "transcript-start",
        "transcript-chunk",
        "transcript-chunk",
        "transcript",
        "transcript-stop",
    ]
    whole = Transcript.from_event(came[3])
    assert whole.language == "en"
    assert whole.text.lower().count("turn on the") == 2
    assert "".join(each.data["text"] for each in came[1:3]) == whole.text


async def test_a_stream_without_speech_is_an_empty_transcript(services: WyomingServices) -> None:
    async with client(services) as home_assistant:
        await stream(home_assistant, sound(("quiet", 1.0)))
        assert (await answers(home_assistant, "transcript"))[-1].data["text"] == ""


async def test_a_second_stream_on_the_same_connection_starts_afresh(
    services: WyomingServices, words: Samples
) -> None:
    async with client(services) as home_assistant:
        for _ in range(2):
            await stream(home_assistant, words)
            text = (await answers(home_assistant, "transcript"))[-1].data["text"]
            assert text.lower().count("turn on the") == 1
            await answers(home_assistant, "transcript-stop")


async def test_a_text_is_spoken(services: WyomingServices, assistant: Assistant) -> None:
    async with client(services) as home_assistant:
        await home_assistant.write_event(Synthesize(WORDS, SynthesizeVoice(language="en")).event())
        came = await answers(home_assistant, "audio-stop")
    rate_hz = came[0].data["rate"]
    sound_of_it = np.frombuffer(b"".join(each.payload or b"" for each in came), "<i2")
    assert came[0].type == "audio-start"
    assert 0.8 < len(sound_of_it) / rate_hz < 4
    assert np.abs(sound_of_it).max() > 1_000


async def test_a_text_that_is_still_being_written_is_spoken_from_its_first_clause(
    services: WyomingServices,
) -> None:
    async with client(services) as home_assistant:
        await home_assistant.write_event(SynthesizeStart().event())
        await home_assistant.write_event(SynthesizeChunk("The hall light is on. ").event())
        await home_assistant.write_event(SynthesizeChunk("The kitchen ").event())
        await answers(home_assistant, "audio-chunk")  # nobody waits for the rest
        await home_assistant.write_event(SynthesizeChunk("light is off.").event())
        await home_assistant.write_event(
            Synthesize("The hall light is on. The kitchen light is off.").event()
        )
        await home_assistant.write_event(SynthesizeStop().event())
        came = await answers(home_assistant, "synthesize-stopped")
    assert [each.type for each in came].count("audio-stop") == 1  # what it repeats is not spoken twice


async def test_a_wake_word_is_found_and_its_absence_told(
    services: WyomingServices, weights: Callable[[str], Path], words: Samples
) -> None:
    call = np.concatenate([sound(("quiet", 1.0)), spoken("Okay Nabu.", weights), sound(("quiet", 1.0))])
    async with client(services) as home_assistant:
        await home_assistant.write_event(Detect(["okay_nabu", "/etc/passwd.json"]).event())
        await stream(home_assistant, call)
        found = (await answers(home_assistant, "detection"))[-1]
        assert found.data["name"] == "okay_nabu"
        await stream(home_assistant, words)
        await answers(home_assistant, "not-detected")


async def test_an_order_as_text_is_carried_out_and_answered(
    services: WyomingServices, assistant: Assistant
) -> None:
    async with client(services) as home_assistant:
        for text, language in ((WORDS, "en"), ("把客厅的灯打开", "zh-CN")):
            await home_assistant.write_event(Transcript(text, language=language).event())
            assert (await answers(home_assistant, "handled"))[-1].data["text"]
        await home_assistant.write_event(Transcript("colourless green ideas sleep", language="en").event())
        assert (await answers(home_assistant, "not-handled"))[-1].data["text"]


async def test_a_broken_client_is_hung_up_on_and_the_next_is_served(services: WyomingServices) -> None:
    for raw in (b"\x00\x01\n", b"[]\n", b'{"type": "describe", "payload_length": 99999999999}\n'):
        reader, writer = await asyncio.open_connection("127.0.0.1", services.port)
        writer.write(raw)
        async with asyncio.timeout(PATIENT_S):
            assert await reader.read() == b""
        writer.close()
    async with client(services) as home_assistant:
        await home_assistant.write_event(Ping("there?").event())
        assert (await answers(home_assistant, "pong"))[-1].data == {"text": "there?"}


KINDS = (
    "describe",
    "transcribe",
    "detect",
    "audio-start",
    "audio-chunk",
    "audio-stop",
    "synthesize",
    "nonsense",
)
ODD = (None, True, 7, -1, "x" * 5_000, "text", [], [["okay_nabu"]], {"language": 3}, {"a": {"b": []}}, 1e300)
KEYS = ("text", "language", "voice", "names", "rate", "width", "channels", "timestamp", "name")


async def test_events_with_whatever_in_them_end_at_most_their_own_connection(
    services: WyomingServices,
) -> None:
    chance = random.Random(5)
    for _ in range(40):
        async with client(services) as odd:
            with contextlib.suppress(OSError):
                for _ in range(6):
                    data = {key: chance.choice(ODD) for key in chance.sample(KEYS, 3)}
                    payload = chance.choice((None, b"1", b"1234" * 100))
                    await odd.write_event(Event(chance.choice(KINDS), data, payload))
                await odd.write_event(Ping("still there?").event())
                async with asyncio.timeout(PATIENT_S):
                    while (event := await odd.read_event()) is not None and event.type != "pong":
                        pass
    async with client(services) as home_assistant:
        await home_assistant.write_event(Ping("there?").event())
        await answers(home_assistant, "pong")


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.7", True),
        ("::ffff:192.168.1.7", True),
        ("192.168.2.7", False),
        ("8.8.8.8", False),
        ("fe80::1%eth0", False),
    ],
)
async def test_only_this_machine_and_who_is_allowed_may_connect(peer: str, allowed: bool) -> None:
    assert may_connect(peer, (ip_network("192.168.1.0/24"),)) is allowed


async def test_a_stranger_is_hung_up_on_without_a_word(
    services: WyomingServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.serve.wyoming_services.server.may_connect", lambda *_: False)
    reader, writer = await asyncio.open_connection("127.0.0.1", services.port)
    async with asyncio.timeout(PATIENT_S):
        assert await reader.read() == b""
    writer.close()


async def test_to_be_open_to_others_takes_a_list_of_who(tmp_path: Path) -> None:
    from assistant.config.errors import ConfigError

    file = tmp_path / "sotto.toml"
    file.write_text('[wyoming]\nenabled = true\nhost = "0.0.0.0"\n')
    with pytest.raises(ConfigError, match="allow names nobody"):
        load(file)
    file.write_text('[wyoming]\nenabled = true\nhost = "0.0.0.0"\nallow = ["192.168.1.0/24"]\n')
    assert load(file).config.wyoming.networks == (ip_network("192.168.1.0/24"),)
    file.write_text('[wyoming]\nallow = ["kitchen"]\n')
    with pytest.raises(ConfigError, match="is no network"):
        load(file)


async def test_two_satellites_of_one_name_or_without_an_address_are_refused(tmp_path: Path) -> None:
    from assistant.config.errors import ConfigError

    file = tmp_path / "sotto.toml"
    one = '[[satellites]]\nname = "a"\nuri = "tcp://a:1"\n'
    for wrong, why in (
        (one + one, "two satellites"),
        (one.replace("tcp://a:1", "a"), "should look like tcp://"),
    ):
        file.write_text(wrong)
        with pytest.raises(ConfigError, match=why):
            load(file)
    file.write_text(one + 'room = "Kitchen"\nwake = "there"\n')
    assert load(file).config.satellites[0].room == "Kitchen"
