"""What is made when it is first asked for: a language file when its first words are heard."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Lazily(Mapping[str, _T], Generic[_T]):
    """One thing for each key, each made once, when it is first asked for. Threads may ask at the same time.

    A home that speaks one language never pays for the others.
    """

    def __init__(self, keys: Iterable[str], make: Callable[[str], _T]) -> None:
        self._keys = tuple(keys)
        self._make = make
        self._made: dict[str, _T] = {}
        self._making = Lock()

    def __getitem__(self, key: str) -> _T:
        if key in self._made:
            return self._made[key]
        if key not in self._keys:
            raise KeyError(key)
        with self._making:
            if key not in self._made:
                self._made[key] = self._make(key)
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
