"""A spoken order with a pause for thought where it is whole already: what completes it is one with it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech.audio import RATE_HZ
from tests.end_to_end.commands import sotto, turns
from tests.end_to_end.conftest import House
from tests.sound_card import write_wav
from tests.speaking import spoken

pytestmark = [pytest.mark.models, pytest.mark.broker, pytest.mark.usefixtures("models")]


def test_a_room_that_is_named_a_second_later_is_the_one_that_is_meant(
    house: House, tmp_path: Path, weights: Callable[[str], Path]
) -> None:
    halves = [spoken(text, weights) for text in ("Turn on the bedroom light.", "And the kitchen lights.")]
    quiet = np.zeros(RATE_HZ, np.int16)  # and a quarter of a second around each half
    order = tmp_path / "order.wav"
    write_wav(order, np.concatenate([halves[0], quiet, halves[1], quiet, quiet]), 16_000)
    first, whole = turns(sotto("listen", "--json", "--config", house.config, order))
    assert {each["topic"] for each in first["commands"]} == {"simulated/bedroom_light/set"}
    assert whole["heard"].startswith(first["heard"].rstrip(". "))
    assert {each["topic"] for each in whole["commands"]} >= {
        "simulated/kitchen_light/set",
        "simulated/kitchen_counter_light/set",
    }
    assert {each["result"] for each in whole["outcomes"]} <= {"done", "already"}
    assert whole["failure"] is None
