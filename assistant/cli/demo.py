"""`sotto demo`: two spoken orders, all the way, in a simulated home; nothing in it knows the answers."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.options import ConfigFile, load_config
from assistant.cli.turns import set_up_logging, warn_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.app import Assistant
    from assistant.config.schema import Config
    from assistant.report import TurnReport
    from devices.mqtt import Traffic
    from speech.hearing import Event
    from speech.recognition.engine import Transcript

ORDERS = ("Turn on the kitchen lights.", "I can't see a thing in the office.")
"""The first is an everyday order; the second takes the language model."""
RECORDED = Path("../shared/audio/orders/turn on the Kitchen lights.wav")
"""A recording used for the first order where there is one; the rest is spoken on the spot."""


def demo(
    config: ConfigFile = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the sound files are left.")
    ] = Path("demo-output"),
) -> None:
    """Watch two spoken orders go all the way, in a simulated home.

    Fetches missing weights first. The orders are heard in real time, as from a microphone; each answer is
    left as a sound file and recognised again, so that you read what it says.
    """
    settings = load_config(config).config
    set_up_logging(settings)
    _bring_weights(settings)
    asyncio.run(_demo(_with_simulated_home(settings), folder))


def _bring_weights(config: "Config") -> None:
    from assistant.cli.output import download_progress
    from assistant.weights.store import open_store

    store = open_store(config.models)
    with download_progress() as progress:
        for model in config.needed_models:
            if store.path(model) is None:
                store.pull(model, progress)


def _with_simulated_home(config: "Config") -> "Config":
    mqtt = config.mqtt.model_copy(update={"host": None, "embedded_port": 18_883})
    home = config.home.model_copy(update={"simulated": True})
    voice = config.voice.model_copy(update={"variation": 0.0})  # what is spoken to it is the same every time
    return config.model_copy(update={"mqtt": mqtt, "home": home, "voice": voice})


async def _demo(config: "Config", folder: Path) -> None:
    from assistant.app import open_assistant
    from assistant.opening.engines import open_voices

    folder.mkdir(parents=True, exist_ok=True)
    screen = _Screen()
    print("Loading Whisper, the voice and the language model …", flush=True)
    async with open_voices(config, required=True):
        pass  # without a voice there is nothing to show: say why, in one line
    async with open_assistant(config, ears=True, voice=True, observe=screen.traffic) as assistant:
        assistant.must_hear()
        warn_of(assistant.problems)
        print(f"A simulated home with {len(assistant.home)} devices is at {assistant.broker}.")
        await assistant.warm()
        for number, order in enumerate(ORDERS, 1):
            recording = await _recording(assistant, order, folder / f"order-{number}.wav", number)
            await _turn(assistant, screen, number, recording, folder / f"answer-{number}.wav")
    print(f"\nThe sound files are in {folder}/. Next: sotto doctor, then sotto run.")


async def _recording(assistant: "Assistant", order: str, path: Path, number: int) -> Path:
    if number == 1 and RECORDED.is_file():
        return RECORDED
    await assistant.speak_to_file(order, path)
    return path


async def _turn(assistant: "Assistant", screen: "_Screen", number: int, order: Path, answer: Path) -> None:
    from speech.sound.file import RecordingSource
    from speech.sound.speaker import WavFileSpeaker

    print(f"\n── Turn {number}: {order.name}, in real time " + "─" * 30)
    screen.begin()
    speaker = WavFileSpeaker(answer)
    conversation = assistant.conversation(screen, speaker)
    await conversation.listen(RecordingSource(order, realtime=True), assistant.ear(addressed=True))
    await speaker.close()
    if answer.is_file():
        print(f"   answer    {answer}, which a recogniser hears as: {await assistant.hear_file(answer)!r}")


class _Screen:
    """Shows a turn while it happens."""

    def __init__(self) -> None:
        self._showing = False

    def begin(self) -> None:
        """From here on the broker's traffic is of interest."""
        self._showing = True

    def heard(self, event: "Event") -> None:
        """The words say it."""

    def partial(self, transcript: "Transcript") -> None:
        """The words so far."""
        print(f"   so far    {transcript.text}", flush=True)

    def traffic(self, traffic: "Traffic") -> None:
        """A message that passed our link."""
        if self._showing:
            arrow = "->" if traffic.direction == "out" else "<-"
            print(
                f"   mqtt {arrow}   {traffic.topic} {traffic.payload[:100].decode(errors='replace')}",
                flush=True,
            )

    def report(self, report: "TurnReport") -> None:
        """The turn, and when each stage of it was reached."""
        calls = ", ".join(f"{call.skill}.{call.tool}({_plain(call.arguments)})" for call in report.calls)
        results = ", ".join(f"{outcome.name}: {outcome.result}" for outcome in report.outcomes)
        print(f"   heard     {report.heard}   ({report.language})")
        print(f"   plan      {calls or 'an answer'}   made by: {report.tier.value.replace('_', ' ')}")
        if results:
            print(f"   outcome   {results}")
        print(f"   reply     {report.reply}")
        for stage, since_end_ms in _stages(report):
            print(f"   {stage:12} {since_end_ms:8.0f} ms after the last sound")


def _plain(arguments: "Mapping[str, Any]") -> str:
    return ", ".join(f"{key}={value}" for key, value in arguments.items())


def _stages(report: "TurnReport") -> list[tuple[str, float]]:
    end = report.timing_ms.get("speech_end") or 0.0
    return [
        (stage, at_ms - end)
        for stage, at_ms in report.timing_ms.items()
        if at_ms is not None and stage != "speech_end"
    ]
