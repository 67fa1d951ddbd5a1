"""How it grows with the home: ten, a hundred, a thousand devices.

Lamps announce themselves by Home Assistant's discovery, retained, to a broker; this process obeys for all of
them. `sotto ask` is run as a user runs it: from its start to the answer to the first order (`ready`), then
orders for lamps all over the home: the plan, and from the order to the command at the broker. Memory is what
the process holds at the end.
"""

import asyncio
import contextlib
import itertools
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import intervals
from benchmarks.memory import held_mb
from benchmarks.plots import OTHER, OURS
from benchmarks.program import environment, sotto
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from devices.mqtt import MqttLink

SIZES = (10, 100, 1000)
ORDERS = 40
LIMIT_S = 120.0
CONFIG = """
[mqtt]
host = "127.0.0.1"
port = {port}
[understanding]
order = "local-only"
[history]
enabled = false
"""
ROOMS = (
    "Kitchen", "Hall", "Bedroom", "Office", "Attic", "Cellar", "Garage", "Nursery", "Library", "Pantry",
    "Studio", "Workshop", "Garden", "Bathroom", "Laundry", "Gym", "Lounge", "Porch", "Balcony", "Study",
)  # fmt: skip
WHERE = ("Desk", "Floor", "Ceiling", "Wall", "Window", "Corner", "Shelf", "Mirror", "Table", "Door")
WHAT = ("Lamp", "Spot", "Strip", "Lantern", "Globe")


class Scale:
    """Start-up to ready, time per order, memory."""

    name = "scale"

    def lacks(self) -> str | None:
        """Nothing: the broker is our own, and no weights are needed."""
        return None

    def run(self, tell: Tell) -> Results:
        """One home after the other."""
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        for size in SIZES:
            tell(f"{size} devices, {ORDERS} orders")
            measured = asyncio.run(_measure(size))
            for key, those in measured.items():
                samples[f"{key}_{size}"] = those
                figures[f"{key}_{size}"] = intervals.of_samples(
                    those, key.rpartition("_")[2].replace("mb", "MB")
                )
        return Results(figures, samples, {"orders": f"{ORDERS} in one process for each size"})

    def draw(self, results: Results, axes: "Axes") -> None:
        """Two curves over the number of devices: the wait for an order, and the start."""
        for key, colour, label in (
            ("published_ms", OURS, "order to command (ms)"),
            ("plan_ms", OTHER, "understanding alone (ms)"),
        ):
            axes.plot(
                SIZES,
                [results.figures[f"{key}_{size}"].value for size in SIZES],
                "o-",
                color=colour,
                label=label,
            )
        ready = [results.figures[f"ready_s_{size}"].value for size in SIZES]
        memory = [results.figures[f"memory_mb_{size}"].value for size in SIZES]
        ticks = [
            f"{size}\nready {r:.1f} s\n{m:.0f} MB" for size, r, m in zip(SIZES, ready, memory, strict=True)
        ]
        axes.set(
            xscale="log",
            xlabel="devices",
            ylabel="ms (median)",
            xticks=SIZES,
            xticklabels=ticks,
            ylim=(0, None),
        )
        axes.minorticks_off()
        axes.legend()


async def _measure(size: int) -> dict[str, list[float]]:
    from devices.broker import EmbeddedBroker
    from devices.message import MqttSettings
    from devices.mqtt import MqttLink

    names = list(itertools.islice(_names(), size))
    with EmbeddedBroker() as broker, tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "sotto.toml")
        config.write_text(CONFIG.format(port=broker.port), "utf-8")  # noqa: ASYNC240 - a line, before it begins
        async with MqttLink(MqttSettings(host="127.0.0.1", port=broker.port)) as link:
            await link.wait_connected(10)
            async with _lamps(link, names):
                return await _ask(config, names)


def _names() -> Iterator[tuple[str, str]]:
    """(room, name): a thousand that differ."""
    for what, where, room in itertools.product(WHAT, WHERE, ROOMS):
        yield room, f"{where} {what}"


@contextlib.asynccontextmanager
async def _lamps(link: "MqttLink", names: list[tuple[str, str]]) -> AsyncIterator[None]:
    """Lamps that announce themselves and obey."""
    working: set[asyncio.Task[None]] = set()

    def obey(topic: str, payload: bytes, kept: bool) -> None:
        if not kept:
            task = asyncio.ensure_future(
                link.publish(topic.removesuffix("/set") + "/state", payload.decode(), retain=True)
            )
            working.add(task)
            task.add_done_callback(working.discard)

    link.subscribe("scale/+/set", obey)
    for number, (room, name) in enumerate(names):
        config = {
            "name": None, "uniq_id": f"scale_{number}", "~": f"scale/{number}",
            "cmd_t": "~/set", "stat_t": "~/state",
            "dev": {"ids": [f"scale_{number}"], "name": f"{room} {name}", "sa": room},
        }  # fmt: skip
        await link.publish(f"homeassistant/light/scale/{number}/config", json.dumps(config), retain=True)
        await link.publish(f"scale/{number}/state", "OFF", retain=True)
    yield


async def _ask(config: Path, names: list[tuple[str, str]]) -> dict[str, list[float]]:
    """Order lamps all over the home, one after the other, as from a pipe."""
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *sotto("ask", "--json", "--config", str(config)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=dict(environment()),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    turns: list[dict[str, Any]] = []
    ready_s = 0.0
    try:
        async with asyncio.timeout(LIMIT_S):
            for number in range(ORDERS + 1):
                room, name = names[number * 7 % len(names)]
                process.stdin.write(f"turn on the {room} {name}\n".encode())
                line = await process.stdout.readline()
                if not line:
                    raise BenchmarkError("sotto ask ended in the middle")
                turns.append(json.loads(line))
                ready_s = ready_s or time.monotonic() - began_s
            memory_mb = held_mb(process.pid)
    finally:
        process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
    wrong = [f"{turn['heard']}: {turn['failure']}" for turn in turns if turn["failure"]]
    if wrong:
        raise BenchmarkError(f"{len(wrong)} of {len(turns)} orders failed, the first: {wrong[0]!r}")
    later = [turn["timing_ms"] for turn in turns[1:]]
    return {
        "ready_s": [ready_s],
        "plan_ms": [each["plan"] - each["transcript"] for each in later],
        "published_ms": [each["published"] - each["transcript"] for each in later],
        "memory_mb": [memory_mb],
    }
