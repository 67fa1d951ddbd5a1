"""The benchmark of language models: the ways of asking, and what is kept of a run."""

import json
from pathlib import Path

from assistant.language.engine import Message
from benchmarks.language_contenders import JSON, Asked, Contender, Pieces, Way
from tests.fakes import ScriptedModel

MESSAGES: list[Message] = [
    {"role": "system", "content": "tools"},
    {"role": "user", "content": "example"},
    {"role": "assistant", "content": "{}"},
    {"role": "user", "content": "now"},
]
SCHEMA = {"type": "object", "properties": {}}


async def asked(way: Way) -> ScriptedModel:
    model = ScriptedModel("{}")
    assert "".join([piece async for piece in Asked(model, way).stream(MESSAGES, schema=SCHEMA)]) == "{}"
    return model


async def test_each_way_is_told_and_held_to_what_its_name_says() -> None:
    untuned, few, grounded = [await asked(way) for way in (Way.UNTUNED, Way.FEW_SHOT, Way.GROUNDED)]
    assert [each["content"] for each in untuned.prompts[0]] == ["tools", "now"]
    assert len(few.prompts[0]) == len(grounded.prompts[0]) == 4
    assert untuned.schemas == few.schemas == [JSON]
    assert grounded.schemas == [SCHEMA]
    assert (await asked(Way.TUNED)).schemas == [SCHEMA]
    assert (await asked(Way.TUNED_FREE)).schemas == [JSON]


def test_a_piece_counts_only_for_the_same_weights_and_size(tmp_path: Path) -> None:
    weights = tmp_path / "a.gguf"
    weights.write_bytes(b"1")
    contender = Contender("smollm2", "llama.cpp", Way.TUNED, weights)
    pieces = Pieces(tmp_path / "pieces")
    assert pieces.read(contender, 30) is None
    pieces.write(contender, 30, {"figures": {}, "samples": {}, "sorts": []})
    assert pieces.read(contender, 30) is not None
    assert pieces.read(contender, 40) is None
    weights.write_bytes(b"22")
    assert pieces.read(contender, 30) is None
    assert json.loads((tmp_path / "pieces" / "smollm2_tuned.json").read_text("utf-8"))["most"] == 30
