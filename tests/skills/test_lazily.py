from concurrent.futures import ThreadPoolExecutor

import pytest

from skills.lazily import Lazily


def test_each_is_made_once_and_not_before_it_is_asked_for() -> None:
    made: list[str] = []
    found = Lazily(("en", "zh"), lambda code: made.append(code) or f"words of {code}")

    assert list(found) == ["en", "zh"]
    assert "zh" in found
    assert len(found) == 2
    assert made == []
    assert [found["en"], found["en"]] == ["words of en"] * 2
    assert made == ["en"]


def test_what_is_not_among_the_keys_is_not_made() -> None:
    found = Lazily(("en",), str.upper)

    assert found.get("fr") is None
    with pytest.raises(KeyError):
        found["fr"]


def test_one_that_could_not_be_made_is_tried_again() -> None:
    made: list[str] = []

    def make(code: str) -> str:
        made.append(code)
        if len(made) == 1:
            raise OSError("away")
        return code

    found = Lazily(("en",), make)

    with pytest.raises(OSError, match="away"):
        found["en"]
    assert found["en"] == "en"


def test_threads_that_ask_at_the_same_time_get_the_same_one() -> None:
    found = Lazily(("en",), lambda _code: object())

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(found.__getitem__, ["en"] * 64))) == 1
