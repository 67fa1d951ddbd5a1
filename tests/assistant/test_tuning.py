"""What a small model learns from: dialogues that hold, in homes that are nobody's."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest

from assistant.tuning.dialogues import dialogues, part_of
from assistant.tuning.hearing import Hearing
from assistant.tuning.homes import Part, make_home
from assistant.tuning.judging import bleu, judge, rouge_l
from assistant.understanding.grounding import ungrounded
from assistant.understanding.prompt import Prompt
from tests.assistant.test_language_model import registry
from tests.fakes import ScriptedModel

COUNT = 60


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("part", list(Part))
def test_each_call_is_one_that_the_words_carry(language: str, part: Part) -> None:
    tools = registry().tools
    for each in islice(dialogues(registry(), language, part), COUNT):
        answer = json.loads(each.answer)
        assert answer.keys() <= {"say", "calls"}
        heard = Hearing(registry(), language).heard(each.said, each.home)
        for call in answer.get("calls", ()):
            assert ungrounded(tools[call["tool"]], call["arguments"], heard) == "", each


def test_the_same_seed_makes_the_same_dialogues_and_another_does_not() -> None:
    def made(seed: int) -> list[str]:
        return [each.said for each in islice(dialogues(registry(), "en", Part.TRAIN, seed), 20)]

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_no_template_and_no_room_is_in_two_parts() -> None:
    groups = {
        part: {each.group for each in islice(dialogues(registry(), "en", part), COUNT)} for part in Part
    }
    rooms = {
        part: {room for each in islice(dialogues(registry(), "en", part), COUNT) for room in each.home.rooms}
        for part in Part
    }
    for part in Part:
        assert all(part_of(group) is part for group in groups[part])
        for other in set(Part) - {part}:
            assert not groups[part] & groups[other]
            assert not rooms[part] & rooms[other]


def test_there_is_something_of_each_sort() -> None:
    made = list(islice(dialogues(registry(), "en", Part.TRAIN), 400))
    answers = [json.loads(each.answer) for each in made]
    assert any(len(answer.get("calls", ())) == 2 for answer in answers)
    assert any(answer.get("say") == "On or off?" for answer in answers)
    assert any(
        each.said.startswith("don't ") and "say" in answer for each, answer in zip(made, answers, strict=True)
    )
    assert any(each.question and "calls" in answer for each, answer in zip(made, answers, strict=True))


async def test_a_model_is_judged_by_its_calls_and_by_what_it_leaves() -> None:
    made = dialogues(registry(), "en", Part.TEST)
    calling = next(each for each in made if '"calls"' in each.answer)
    silent = next(each for each in made if '"say"' in each.answer and not each.question)
    invents = json.dumps({"calls": [{"tool": "lights.turn", "arguments": {"on": True, "everywhere": True}}]})
    judged = await judge(ScriptedModel(calling.answer, invents), registry(), [calling, silent])
    assert judged.exact == 0.5
    assert judged.false_actions == 1.0
    assert judged.invented == 0.5


def test_rouge_l_is_of_words_and_in_chinese_of_characters() -> None:
    assert rouge_l("the lamp is on", "the lamp is off") == 0.75
    assert rouge_l("灯开了", "灯关了") == pytest.approx(2 / 3)
    assert rouge_l("", "x") == 0.0


def test_a_made_up_home_tells_its_words_like_a_real_one() -> None:
    import random

    words = make_home("en", Part.TEST, random.Random(1)).words()
    assert {"area", "device", "light"} <= words.keys()
    assert set(words["light"]) <= set(words["device"])


def test_a_trained_model_reads_the_sentence_and_nothing_else() -> None:
    prompt = Prompt(registry(), trained=True)
    assert prompt.whole("lights on", "en", question=False) == [{"role": "user", "content": "lights on"}]


@pytest.mark.torch
def test_training_goes_on_where_it_was_and_the_weights_become_a_gguf_file(
    tmp_path: Path, weights: Callable[[str], Path]
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("gguf")
    from assistant.tuning.gguf_file import write_gguf
    from assistant.tuning.training import Trainer, TrainingSettings, curves

    base = next(weights("smollm2-135m-instruct").glob("*.gguf"))
    first = TrainingSettings(steps=2, batch=2, validate_every=2, validation_size=4, device="cpu")
    fitted = Trainer(registry(), base, tmp_path, first).fit()
    assert fitted.finished
    more = TrainingSettings(steps=4, batch=2, validate_every=2, validation_size=4, device="cpu")
    fitted = Trainer(registry(), base, tmp_path, more).fit()
    assert [each.step for each in curves(tmp_path)] == [1, 2, 3, 4]
    assert fitted.perplexity_after < fitted.perplexity_before
    target = tmp_path / "model.gguf"
    write_gguf(fitted.folder, base, target)
    assert target.stat().st_size > 100_000_000


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is here")
def test_without_torch_the_extra_is_named(tmp_path: Path) -> None:
    from assistant.language.engine import LanguageModelError
    from assistant.tuning.training import Trainer, TrainingSettings

    with pytest.raises(LanguageModelError, match=r"sotto-voce\[torch\]"):
        Trainer(registry(), tmp_path, tmp_path, TrainingSettings())


def test_templates_are_reworded_as_people_speak() -> None:
    import random

    from assistant.tuning.homes import data_of
    from assistant.tuning.wording import in_words, reworded, with_figures_told, written

    chance = random.Random(3)
    said = {reworded("turn lights off i am cold", data_of("en")["around"], chance) for _ in range(40)}
    assert "turn the lights off I'm cold" in said
    assert not any("the the" in each for each in said)
    assert {with_figures_told("add 1 more", "en", chance) for _ in range(40)} == {
        "add 1 more",
        "add one more",
    }
    assert in_words(75, "en") == "seventy five"
    assert in_words(20, "zh") == "二十"
    assert {written("is it on", "en", chance, question=True) for _ in range(40)} == {"is it on", "Is it on?"}


def test_most_tools_that_can_be_said_are_learnt() -> None:
    made = islice(dialogues(registry(), "en", Part.TRAIN), 500)
    called = {call["tool"] for each in made for call in json.loads(each.answer).get("calls", ())}
    assert len(called) > 60
    assert not called & {"locks.unlock", "locks.disarm", "home.order"}


def test_bleu_is_of_runs_of_words_and_punishes_what_is_short() -> None:
    assert bleu([("the lamp is on", "the lamp is on")]) == pytest.approx(1.0)
    assert bleu([("the lamp", "the lamp is on now please")]) < 0.5
    assert bleu([("off", "the lamp is on")]) == 0.0
    assert bleu([]) == 0.0
