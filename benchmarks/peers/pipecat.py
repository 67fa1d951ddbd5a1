"""Pipecat (github.com/pipecat-ai/pipecat) as a peer: the same clips, the same Whisper, in real time.

It lives in an environment of its own in the user's cache folder, which is made when it is first wanted, and
runs as a process of its own (`pipecat_turn.py`), spoken to in JSON lines.
"""

import json
import os
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from benchmarks.listening import Heard
from benchmarks.pauses import RATE_HZ, Spoken
from benchmarks.protocol import BenchmarkError

if TYPE_CHECKING:
    from speech.audio import Samples

VERSION = "1.14.0"
PACKAGE = f"pipecat-ai[silero,whisper]=={VERSION}"
FOLDER = user_cache_path("sotto-voce") / "counterparts" / f"pipecat-{VERSION}"
SCRIPT = Path(__file__).with_name("pipecat_turn.py")
_PYTHON = FOLDER / "bin" / "python"
_READY = FOLDER / "ready"
_MAKE_LIMIT_S = 900


def lacks() -> str | None:
    """Make the environment unless it is there; return why it cannot be had."""
    if _READY.is_file() and _PYTHON.exists():
        return None
    try:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(FOLDER)],
            [str(_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_MAKE_LIMIT_S)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        return f"{PACKAGE} cannot be installed: {said[-1] if said else error}"
    _READY.write_text(VERSION)
    return None


def heard(clips: Sequence[Spoken], whisper: Path) -> list[Heard]:
    """Return when the first turn of each clip ended, and its words. Raises `BenchmarkError`."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_written(clip.samples, Path(folder) / f"{at:03}.wav") for at, clip in enumerate(clips)]
        return [
            Heard(told["end_s"], told["end_s"], told["text"])
            for told in _told([{"path": str(path)} for path in paths], whisper)
        ]


def _told(asked: Sequence[dict[str, Any]], whisper: Path) -> Iterator[dict[str, Any]]:
    threads = str(min(4, os.cpu_count() or 1))  # as many as our own recogniser takes
    with subprocess.Popen(
        [str(_PYTHON), "-P", str(SCRIPT), str(whisper)],  # -P: this file's name is not Pipecat
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": threads, "PYTHONPATH": ""},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _line(process.stdout.readline())  # it is ready
            for each in asked:
                process.stdin.write(json.dumps(each) + "\n")
                process.stdin.flush()
                yield _line(process.stdout.readline())
        finally:
            process.stdin.close()
            process.terminate()


def _line(line: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise BenchmarkError(f"Pipecat broke down: it said {line.strip()!r}") from error
    return told


def _written(samples: "Samples", path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path
