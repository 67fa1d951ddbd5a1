"""Where skills keep what they must remember."""

import json
from typing import Any

MOST_STORED_BYTES = 1_000_000


class MemoryStore:
    """A store that forgets when the assistant ends: for tests, and where nothing may be written."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default`."""
        return json.loads(self._kept[key]) if key in self._kept else default

    async def put(self, key: str, value: Any) -> None:
        """Keep a value; None forgets it. Raises ValueError for what is no JSON or too much."""
        if value is None:
            self._kept.pop(key, None)
            return
        written = json.dumps(value)
        others = sum(len(each) for name, each in self._kept.items() if name != key)
        if others + len(written) > MOST_STORED_BYTES:
            raise ValueError(f"more than {MOST_STORED_BYTES} bytes cannot be kept")
        self._kept[key] = written

    async def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(sorted(self._kept))
