"""Pipecat hears clips in real time: a child process in an environment of its own.

    python pipecat_turn.py FOLDER_OF_WHISPER < lines > lines

Each line in is {"path": WAV file of 16 kHz}, each line out {"end_s", "text"}: when the first turn ended, in
seconds from the clip's first sample, and its words. Pipecat's own order of things: Silero VAD (0.2 s),
Whisper on the segment that it cut, smart-turn; the turn ends when both have spoken.
"""

# It is not installed where this is type-checked.
# mypy: disable-error-code="import-not-found, untyped-decorator, misc"

import asyncio
import json
import sys
import time
import wave
from typing import Any

from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import EndFrame, InputAudioRawFrame, TranscriptionFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.whisper.stt import WhisperSTTService
from pipecat.turns.user_turn_processor import UserTurnProcessor
from pipecat.workers.runner import WorkerRunner

RATE_HZ = 16_000
CHUNK = RATE_HZ // 50
PATIENCE_S = 6.0  # behind a clip, for a turn that smart-turn does not want to end
REST_S = 2.0  # between two clips


class Ends(FrameProcessor):
    """Notes the texts and the ends of turns."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.ended_s: list[float] = []
        self.open_turns = 0

    async def process_frame(self, frame: Any, direction: FrameDirection) -> None:
        """Take a frame and hand it on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TranscriptionFrame):
            self.texts.append(frame.text)
        await self.push_frame(frame, direction)


async def main(folder: str) -> None:
    """Answer each line of standard input."""
    ends = Ends()
    turns = UserTurnProcessor()

    @turns.event_handler("on_user_turn_started")
    async def started(*_: object) -> None:
        ends.open_turns += 1

    @turns.event_handler("on_user_turn_stopped")
    async def stopped(*_: object) -> None:
        ends.open_turns -= 1
        ends.ended_s.append(time.monotonic())

    hears = WhisperSTTService(
        device="cpu", compute_type="int8", settings=WhisperSTTService.Settings(model=folder)
    )
    worker = PipelineWorker(
        Pipeline([VADProcessor(vad_analyzer=SileroVADAnalyzer()), hears, turns, ends]),
        params=PipelineParams(audio_in_sample_rate=RATE_HZ),
        idle_timeout_secs=None,
        enable_rtvi=False,
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(1.0)
    print(json.dumps({"ready": True}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        told = await _one(json.loads(line)["path"], worker, ends)
        print(json.dumps(told), flush=True)
    await worker.queue_frame(EndFrame())
    await running


async def _one(path: str, worker: Any, ends: Ends) -> dict[str, object]:
    with wave.open(path) as file:
        sound = file.readframes(file.getnframes())
    ends.ended_s.clear()
    ends.texts.clear()
    began_s = time.monotonic()
    size = 2 * CHUNK
    text = ""
    # The quiet at a clip's end is its own; it is heard again for as long as the turn is open, and a rest.
    quiet = sound[-RATE_HZ:]
    until_s, at = began_s + len(sound) / 2 / RATE_HZ + PATIENCE_S, 0
    rested_s = 0.0
    while rested_s < REST_S and time.monotonic() < until_s:
        piece = sound[at : at + size] or quiet[at % len(quiet) // size * size :][:size]
        at += size
        await asyncio.sleep(max(0.0, began_s + at / 2 / RATE_HZ - time.monotonic()))
        await worker.queue_frame(InputAudioRawFrame(piece, RATE_HZ, 1))
        if ends.ended_s and not text:
            text = " ".join(ends.texts)
        over = at >= len(sound) - 2 * RATE_HZ and bool(ends.ended_s) and not ends.open_turns
        rested_s = rested_s + CHUNK / RATE_HZ if over else 0.0
    end_s = ends.ended_s[0] if ends.ended_s else time.monotonic()
    return {"end_s": end_s - began_s, "text": text}


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
