"""What Prometheus is told at `/metrics`. No words, no names of things: counts, durations and parts alone."""

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.marks import STAGES, Mark
from assistant.report import TurnReport
from assistant.serve.supervisor import Health
from assistant.serve.watch import Seen, Where
from speech.hearing import Woke

if TYPE_CHECKING:
    from assistant.serve.daemon import Daemon

_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 20.0)
_STAGES: dict[str, tuple[Mark, Mark]] = {
    **{name.replace(" ", "_"): ends for name, ends in STAGES.items()},
    "speech_end_to_command": (Mark.SPEECH_END, Mark.PUBLISHED),
    "speech_end_to_first_audio": (Mark.SPEECH_END, Mark.FIRST_AUDIO),
}
_OF_SOUND = frozenset({Mark.SPEECH_END, Mark.ENDPOINT})
_WRITTEN_MS = 1.0
"""An order whose speech and turn ended together was written: it says nothing of hearing."""


class Metrics:
    """`saw` is for the daemon's watch; `text` is what Prometheus fetches."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._registry = registry = CollectorRegistry()
        self._stages = Histogram(
            "sotto_stage_seconds",
            "How long a stage of a turn took",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._turns = Counter("sotto_turns", "Turns that ended", ["tier", "language"], registry=registry)
        self._failures = Counter("sotto_failures", "Turns that failed", ["failure"], registry=registry)
        self._outcomes = Counter("sotto_outcomes", "What came of commands", ["result"], registry=registry)
        self._wakes = Counter("sotto_wakes", "Wake words heard", registry=registry)
        self._parts = Gauge(
            "sotto_part_well", "1 for a part of the daemon that is well", ["part"], registry=registry
        )
        self._part_failures = Gauge(
            "sotto_part_failures", "How often a part failed", ["part"], registry=registry
        )
        self._devices = Gauge("sotto_devices", "Devices in the home", registry=registry)
        self._broker = Gauge("sotto_broker_connected", "1 while the MQTT broker is there", registry=registry)
        self._muted = Gauge("sotto_muted_places", "Places whose microphone is closed", registry=registry)
        started = Gauge("sotto_started_seconds", "When it started, in seconds since 1970", registry=registry)
        started.set(daemon.began_s)

    def saw(self, _where: Where, seen: Seen) -> None:
        """Count what happened."""
        if isinstance(seen, Woke):
            self._wakes.inc()
        if not isinstance(seen, TurnReport):
            return
        self._turns.labels(seen.tier.value, seen.language or "none").inc()
        if seen.failure is not None:
            self._failures.labels(seen.failure).inc()
        for outcome in seen.outcomes:
            self._outcomes.labels(outcome.result.value).inc()
        at = seen.timing_ms
        said, ended = at.get(Mark.SPEECH_END), at.get(Mark.ENDPOINT)
        written = said is None or ended is None or ended - said < _WRITTEN_MS
        for stage, (begin, end) in _STAGES.items():
            begun, done = at.get(begin), at.get(end)
            if begun is not None and done is not None and not (written and begin in _OF_SOUND):
                self._stages.labels(stage).observe(max(0.0, done - begun) / 1_000)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        daemon = self._daemon
        for state in daemon.supervisor.states:
            self._parts.labels(state.name).set(state.health in (Health.WELL, Health.ENDED))
            self._part_failures.labels(state.name).set(state.failures)
        self._devices.set(len(daemon.assistant.home))
        self._broker.set(daemon.assistant.link.connected)
        self._muted.set(sum(place.status().muted for place in daemon.places))
        return generate_latest(self._registry)
