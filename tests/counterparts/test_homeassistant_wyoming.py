"""Home Assistant's own Wyoming integration against our services: recognition, voice, wake words, orders."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from assistant.app import Assistant
from assistant.serve.wyoming_services.server import WyomingServices
from speech.audio import RATE_HZ, Samples
from tests.assistant.test_wyoming_services import WORDS, assistant, services, words
from tests.brokers import Mosquitto, require_mosquitto
from tests.counterparts.homeassistant.instance import Instance
from tests.counterparts.homeassistant.prepare import HOW, VERSION, is_ready
from tests.requirements import require

__all__ = ["assistant", "services", "words"]  # fixtures

pytestmark = [
    pytest.mark.homeassistant,
    pytest.mark.models,
    pytest.mark.timeout(400),
    pytest.mark.asyncio(loop_scope="module"),
]

PATIENT_S = 60.0
KINDS = ("stt", "tts", "wake_word", "conversation")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    require_mosquitto()
    require(f"Home Assistant {VERSION}", is_ready(), HOW)
    folder = tmp_path_factory.mktemp("homeassistant")
    broker = Mosquitto(folder)
    broker.start()
    one = Instance(folder / "config", broker.port)
    try:
        one.start()
        yield one
    finally:
        one.stop()
        broker.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ha(instance: Instance, services: WyomingServices) -> AsyncIterator[httpx.AsyncClient]:
    """Home Assistant with our services added as a person adds them."""
    headers = {"Authorization": f"Bearer {instance.token}"}
    async with httpx.AsyncClient(base_url=instance.url, headers=headers, timeout=PATIENT_S) as asks:
        flow = (await asks.post("/api/config/config_entries/flow", json={"handler": "wyoming"})).json()
        where = {"host": "127.0.0.1", "port": services.port}
        made = (await asks.post(f"/api/config/config_entries/flow/{flow['flow_id']}", json=where)).json()
        assert made["type"] == "create_entry", made
        yield asks


async def entities(ha: httpx.AsyncClient) -> dict[str, str]:
    """Kind -> our entity of it, once all of them are there."""
    async with asyncio.timeout(PATIENT_S):
        while True:
            ids = [each["entity_id"] for each in (await ha.get("/api/states")).json()]
            found = {
                kind: next((each for each in ids if each.startswith(f"{kind}.") and "sotto" in each), "")
                for kind in KINDS
            }
            if all(found.values()):
                return found
            await asyncio.sleep(0.2)


async def test_home_assistant_shows_all_four_services(ha: httpx.AsyncClient) -> None:
    assert set(await entities(ha)) == set(KINDS)


async def test_what_is_said_to_home_assistant_is_recognised_here(
    ha: httpx.AsyncClient, words: Samples
) -> None:
    engine = (await entities(ha))["stt"]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        out.writeframes(words.astype("<i2").tobytes())
    said = "format=wav; codec=pcm; sample_rate=16000; bit_rate=16; channel=1; language=en"
    answer = await ha.post(f"/api/stt/{engine}", content=file.getvalue(), headers={"X-Speech-Content": said})
    assert answer.json()["text"].strip().rstrip(".").lower() == WORDS.rstrip(".").lower()


async def test_home_assistant_speaks_with_our_voice(ha: httpx.AsyncClient) -> None:
    engine = (await entities(ha))["tts"]
    asked = {"engine_id": engine, "message": "Dinner is ready.", "options": {"preferred_format": "wav"}}
    made: dict[str, Any] = (await ha.post("/api/tts_get_url", json=asked)).json()
    sound = await ha.get(made["path"])
    assert sound.status_code == 200
    assert sound.content[:4] == b"RIFF"
    assert len(sound.content) > RATE_HZ  # more than half a second


async def test_an_order_to_home_assistant_is_carried_out_here(
    ha: httpx.AsyncClient, assistant: Assistant
) -> None:
    agent = (await entities(ha))["conversation"]
    asked = {"text": "turn on the hall light", "language": "en", "agent_id": agent}
    answer = (await ha.post("/api/conversation/process", json=asked)).json()
    assert "on" in answer["response"]["speech"]["plain"]["speech"].lower()
    (lamp,) = [each for each in assistant.home if each.name == "Hall Light"]
    assert lamp.state["power"] is True
