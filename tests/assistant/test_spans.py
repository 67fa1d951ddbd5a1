"""Spans of turns, kept in memory instead of sent."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from assistant.report import TurnReport
from assistant.serve.spans import Spans
from assistant.serve.watch import Where
from assistant.understanding.plan import Tier
from speech.audio import Utterance
from speech.hearing import Ended, Stretch
from tests.fakes import sound

NOW_NS = 1_790_000_000_000_000_000
TIMING = {
    "speech_end": 5_000.0,
    "endpoint": 5_200.0,
    "transcript": 5_250.0,
    "plan": 5_260.0,
    "published": 5_265.0,
    "confirmed": None,
    "first_audio": 5_400.0,
}


@pytest.fixture
def sent():
    return InMemorySpanExporter()


@pytest.fixture
def spans(sent):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(sent))
    return Spans(provider, lambda: NOW_NS)


def milliseconds(span):
    return ((span.start_time - NOW_NS) / 1e6, (span.end_time - NOW_NS) / 1e6)


def test_a_turn_is_a_span_with_one_for_each_stage_that_was_reached(spans, sent):
    utterance = Utterance("t1", "s", 0, sound(("voice", 0.1)), 5.0, 5.2)
    spans.saw(Where("hall", "Hall"), Ended(utterance, Stretch("s", 0, 1)))
    report = TurnReport("t1", "turn on the secret lamp", "en", Tier.FAST, timing_ms=TIMING)
    spans.saw(Where("hall", "Hall"), report)
    by_name = {span.name: span for span in sent.get_finished_spans()}
    assert list(by_name) == ["end of turn", "recognition", "understanding", "acting", "voice", "turn"]
    assert milliseconds(by_name["recognition"]) == (0.0, 50.0)  # from when the sound was found to have ended
    assert milliseconds(by_name["turn"]) == (-200.0, 200.0)
    assert by_name["voice"].parent.span_id == by_name["turn"].context.span_id
    assert by_name["turn"].attributes["sotto.room"] == "Hall"
    assert "secret" not in str([span.to_json() for span in by_name.values()])


def test_a_turn_that_failed_is_marked_so(spans, sent):
    report = TurnReport("t2", "x", "en", Tier.NONE, failure="no_broker", timing_ms={"plan": 3.0})
    spans.saw(Where("api"), report)
    (turn,) = sent.get_finished_spans()
    assert (turn.status.status_code, turn.status.description) == (StatusCode.ERROR, "no_broker")
    assert milliseconds(turn) == (0.0, 0.0)


def test_a_turn_without_moments_makes_no_span(spans, sent):
    spans.saw(Where("api"), TurnReport("t3", "x", "en", Tier.NONE))
    assert sent.get_finished_spans() == ()
