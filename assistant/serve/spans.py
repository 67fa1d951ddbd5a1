"""OpenTelemetry: a span for each turn, and one below it for each of its stages, sent where you say.

Moments and codes alone leave the machine: no words, no names of things.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.marks import STAGES, Mark
from assistant.report import TurnReport
from assistant.serve.watch import Seen, Where
from speech.hearing import Ended

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

MOST_OPEN = 64


class SpansError(Exception):
    """Spans cannot be sent; the message is one line with what helps."""


class Spans:
    """`saw` is for the daemon's watch. `now_ns` is the clock, in nanoseconds since 1970."""

    def __init__(self, provider: "TracerProvider", now_ns: Callable[[], int] = time.time_ns) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("sotto-voce")
        self._now_ns = now_ns
        self._ended_ns: OrderedDict[str, int] = OrderedDict()

    def saw(self, where: Where, seen: Seen) -> None:
        """Make the spans of a turn that ended. A turn's marks count from the start of its stream: when its
        sound was found to have ended ties them to the time of day.
        """
        if isinstance(seen, Ended):
            self._ended_ns[seen.utterance.turn_id] = self._now_ns()
            while len(self._ended_ns) > MOST_OPEN:
                self._ended_ns.popitem(last=False)
        elif isinstance(seen, TurnReport):
            self._turn(where, seen)

    def _turn(self, where: Where, report: TurnReport) -> None:
        at_ms = {mark: at for mark in Mark if (at := report.timing_ms.get(mark)) is not None}
        ended_ns = self._ended_ns.pop(report.turn_id, None)
        if not at_ms:
            return
        tied_ms = at_ms.get(Mark.ENDPOINT, 0.0) if ended_ns is not None else max(at_ms.values())
        zero_ns = (self._now_ns() if ended_ns is None else ended_ns) - round(tied_ms * 1e6)

        def moment(at: float) -> int:
            return zero_ns + round(at * 1e6)

        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        about = {"tier": report.tier.value, "language": report.language, "place": where.name}
        about |= {"room": where.room} if where.room else {}
        about |= {"failure": str(report.failure)} if report.failure else {}
        turn = self._tracer.start_span(
            "turn",
            start_time=moment(min(at_ms.values())),
            attributes={f"sotto.{key}": value for key, value in about.items()},
        )
        for name, (begin, end) in STAGES.items():
            if begin in at_ms and end in at_ms and at_ms[end] > at_ms[begin]:
                stage = self._tracer.start_span(
                    name, context=set_span_in_context(turn), start_time=moment(at_ms[begin])
                )
                stage.end(moment(at_ms[end]))
        if report.failure is not None:
            turn.set_status(Status(StatusCode.ERROR, str(report.failure)))
        turn.end(moment(max(at_ms.values())))

    def close(self) -> None:
        """Send what waits. Blocks for the network."""
        self._provider.shutdown()


def open_spans(endpoint: str) -> Spans:
    """Send spans by OTLP over HTTP. Raises `SpansError` when the extra is not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SpansError(
            'telemetry.otlp_endpoint takes the extra: pip install "sotto-voce[telemetry]"'
        ) from error
    provider = TracerProvider(
        resource=Resource.create({"service.name": "sotto-voce"}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
    return Spans(provider)
