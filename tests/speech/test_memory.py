import ctypes
from typing import Never

import pytest

from speech import memory


def test_a_c_library_that_cannot_give_memory_back_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_here(_name: object) -> Never:
        raise OSError("no such library")

    memory._trim.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", none_here)
    memory.give_back()
    memory._trim.cache_clear()


def test_memory_may_be_given_back_at_any_time() -> None:
    memory.give_back()
    memory.give_back()
