import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import coffee
from benchmarks.coffee import Heard, Understood, Verdict
from benchmarks.example import example_installed
from benchmarks.recordings import Recording

LATTE = {"coffeeDrink": ("latte",), "milkAmount": ("some", "skim", "milk")}


def heard(
    clip: str, level_db: int | None, verdict: Verdict = Verdict.RIGHT, **slots: tuple[str, ...]
) -> Heard:
    return Heard(clip, level_db, verdict, LATTE, slots or LATTE, False, 0.5, 3.0)


def of_all_levels(clip: str, verdict: Verdict = Verdict.RIGHT) -> list[Heard]:
    return [heard(clip, level, verdict) for level in (None, *coffee.LEVELS_DB)]


def test_thirty_clips_are_for_development_whatever_their_order() -> None:
    names = [f"{number}.wav" for number in range(100)]
    assert len(coffee.development(names)) == 30
    assert coffee.development(names) == coffee.development(names[::-1])


@pytest.mark.parametrize(
    ("arguments", "label", "said"),
    [
        ({"size": "12 ounce"}, "size", "twelve ounce"),
        ({"shots": 2}, "numberOfShots", "double shot"),
        ({"roast": "dark"}, "roast", "dark roast"),
        ({"milk": "skim milk"}, "milkAmount", "skim milk"),
        ({"milk": "skim milk", "milk_amount": "some"}, "milkAmount", "some skim milk"),
        ({"sugar": "sugar", "sugar_amount": "a little bit"}, "sugarAmount", "a little bit of sugar"),
    ],
)
def test_arguments_become_the_words_of_the_labels(
    arguments: dict[str, object], label: str, said: str
) -> None:
    assert coffee.slots_of(arguments) == {label: tuple(said.split())}


@pytest.mark.parametrize(
    ("understood", "verdict"),
    [
        (Understood(True, False, LATTE), Verdict.RIGHT),
        (Understood(True, False, {**LATTE, "size": ("large",)}), Verdict.WRONG),
        (Understood(True, False, {"coffeeDrink": ("latte",)}), Verdict.WRONG),
        (Understood(True, False, {}), Verdict.WRONG),
        (Understood(False, True, LATTE), Verdict.ASKED),
        (Understood(False, False, LATTE), Verdict.REFUSED),
    ],
)
def test_only_an_order_with_all_its_slots_and_no_other_is_right(
    understood: Understood, verdict: Verdict
) -> None:
    assert coffee.verdict_of(understood, LATTE) is verdict


def test_held_out_clips_alone_make_the_figures() -> None:
    names = [f"{number}.wav" for number in range(40)]
    looked_at = coffee.development(names)
    every = [
        each
        for name in names
        for each in of_all_levels(name, Verdict.RIGHT if name in looked_at else Verdict.REFUSED)
    ]
    figures = coffee.results_of(every).figures
    assert figures["right_clean"].value == 0.0
    assert figures["right_clean"].n == 10
    assert figures["right_noisy_development"].value == 1.0
    assert figures["refused_noisy"].value == 1.0


def test_a_wrong_slot_costs_precision_and_a_missing_one_recall() -> None:
    names = [f"{number}.wav" for number in range(31)]
    (left,) = set(names) - coffee.development(names)
    every = [each for name in names for each in of_all_levels(name)]
    judged = [
        heard(left, each.level_db, Verdict.WRONG, coffeeDrink=("mocha",)) if each.clip == left else each
        for each in every
    ]
    figures = coffee.results_of(judged).figures
    assert figures["slot_precision"].value == 0.0
    assert figures["slot_recall"].value == 0.0
    assert figures["wrong_clean"].value == 1.0


def test_a_clip_without_a_label_is_a_breakdown(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text(json.dumps({}), "utf-8")
    with pytest.raises(coffee.BenchmarkError, match=r"one\.wav"):
        coffee.labels_of([Recording(tmp_path / "one.wav")])


def test_the_assistant_asks_declines_and_leaves_other_orders_alone() -> None:
    with example_installed(), coffee.understanding() as understand:
        assert understand("what is the weather like", "en") == Understood(False, False, {})
        assert understand("turn on the kitchen lights", "en").acted
        assert understand("make me a drink", "en") == Understood(False, True, {})


def test_without_recordings_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOTTO_SHARED", str(tmp_path))
    assert "no recordings" in (coffee.Coffee().lacks() or "")


def test_the_picture_has_our_points_and_the_published_lines(tmp_path: Path) -> None:
    from benchmarks.plots import draw

    results = coffee.results_of([each for number in range(40) for each in of_all_levels(f"{number}.wav")])
    assert draw(coffee.Coffee(), results, tmp_path).stat().st_size > 10_000


def test_first_transcripts_are_counted_beside_what_a_second_look_made_of_them() -> None:
    clips = [f"{number}.wav" for number in range(31)]
    looked_at = coffee.development(clips)
    held_out = next(each for each in clips if each not in looked_at)
    mended = [
        replace(each, first=Verdict.REFUSED if each.level_db == 6 else Verdict.RIGHT, second_look_s=0.4)
        for each in of_all_levels(held_out)
    ]
    others = [each for clip in sorted(looked_at) for each in of_all_levels(clip)]
    figures = coffee.results_of([*others, *mended]).figures
    assert figures["right_noisy"].value == 1.0
    assert figures["first_right_noisy"].value == 0.75
    assert figures["second_look_s"].value == 0.4
