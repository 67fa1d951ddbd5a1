"""Through sounddevice itself: an order into a virtual microphone, the answer from a virtual loudspeaker."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr

from speech.audio import RATE_HZ
from speech.recognition.whisper import WhisperRecogniser
from tests.end_to_end.commands import SOTTO
from tests.end_to_end.conftest import House
from tests.sound_card import DEVICE, SoundCard, read_wav, require_sound_card, wait_for, write_wav
from tests.speaking import spoken

pytestmark = [
    pytest.mark.models,
    pytest.mark.broker,
    pytest.mark.sound_card,
    pytest.mark.usefixtures("models"),
]


@pytest.fixture
def sound_card() -> Iterator[SoundCard]:
    require_sound_card()
    with SoundCard() as card:
        yield card


def test_okay_nabu_turn_on_the_kitchen_lights(
    house: House, sound_card: SoundCard, tmp_path: Path, weights: Callable[[str], Path]
) -> None:
    words = np.concatenate(
        [
            spoken("Okay Nabu!", weights),
            np.zeros(RATE_HZ // 4, np.int16),
            spoken("Turn on the kitchen lights.", weights),
            np.zeros(RATE_HZ, np.int16),
        ]
    )
    write_wav(tmp_path / "order.wav", words, RATE_HZ)
    with house.config.open("a") as config:
        config.write(f'[listen]\ninput_device = "{DEVICE}"\n[understanding]\norder = "local-only"\n')
        config.write(f'[voice]\noutput_device = "{DEVICE}"\nvariation = 0.0\n')
        config.write(f'[models]\nfolder = "{weights("whisper-base").parent}"\n')
    answer, said = tmp_path / "answer.wav", tmp_path / "said.txt"
    with said.open("w") as log, sound_card.record_speaker(answer):
        assistant = subprocess.Popen(
            [SOTTO, "run", "--config", house.config],
            env=sound_card.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(lambda: "listening for" in said.read_text(), "the assistant to listen", 60)
            sound_card.play_into_microphone(tmp_path / "order.wav")
            wait_for(
                lambda: house.witness.saw("simulated/kitchen_light/set"), "the command at the broker", 30
            )
            wait_for(lambda: "reply" in said.read_text(), "the answer to be said", 30)
            _is_deaf_while_muted(house, sound_card)
        finally:
            assistant.terminate()
            assistant.wait(30)
    assert "Turn on the kitchen lights" in said.read_text()
    assert "Nabu" not in said.read_text()
    assert "the lights in the kitchen are on" in _heard(answer, weights)


def _is_deaf_while_muted(house: House, card: SoundCard) -> None:
    """The sound server itself says how many capture: one less while the assistant is muted."""

    def capturing() -> int:
        asked = ["pactl", "list", "short", "source-outputs"]
        listed = subprocess.run(asked, env=card.environment, capture_output=True, check=True)
        return len(listed.stdout.splitlines())

    def mute(switch: str) -> None:
        command = [SOTTO, "mute", switch, "--config", house.config]
        subprocess.run(command, env=card.environment, check=True, timeout=60)

    before = capturing()
    mute("on")
    wait_for(lambda: capturing() == before - 1, "the microphone to be closed", 30)
    mute("off")
    wait_for(lambda: capturing() == before, "the microphone to be open again", 30)


def _heard(path: Path, weights: Callable[[str], Path]) -> str:
    sound, rate_hz = read_wav(path)
    mono = sound if sound.ndim == 1 else sound.mean(axis=1).astype(np.int16)
    samples = soxr.resample(mono, rate_hz, RATE_HZ)
    loud = np.flatnonzero(np.abs(samples) > 300)
    assert len(loud), "the loudspeaker stayed silent"
    recogniser = WhisperRecogniser(weights("whisper-base"))
    try:
        around = samples[max(0, loud[0] - RATE_HZ // 4) : loud[-1] + RATE_HZ // 4]
        return recogniser.transcribe(around, language="en").text.lower()
    finally:
        recogniser.close()
