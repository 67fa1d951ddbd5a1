"""Has somebody finished? smart-turn v3 (github.com/pipecat-ai/smart-turn) judges it by the sound.

The model hears the last 8 s, quiet put before what is shorter, brought to mean 0 and variance 1, as Whisper's
log-mel spectrogram. It was trained with about 0.2 s of quiet behind the last word.
"""

from pathlib import Path
from typing import Any, cast

import numpy as np

from speech.audio import RATE_HZ, Samples
from speech.recognition.log_mel import Mel, log_mel

WINDOW = 8 * RATE_HZ
_FULL_SCALE = 32_768.0
_LEAST_VARIANCE = 1e-7  # of digital silence, as in Whisper's feature extractor


class SmartTurnError(Exception):
    """The model could not be loaded; the message is one line for a person."""


class SmartTurn:
    """One loaded model, a `speech.end_of_turn.TurnJudge`. Thread-safe; 64 to 75 ms a call on two cores."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        """Load the one `*.onnx` in a folder. Raises `SmartTurnError`."""
        import onnxruntime

        models = sorted(folder.glob("*.onnx"))
        if len(models) != 1:
            raise SmartTurnError(f"there is not one *.onnx in {folder}, but {len(models)}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(models[0]), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's failures share no class of their own
            raise SmartTurnError(f"{models[0].name} cannot be loaded: {error}".splitlines()[0]) from error

    def __call__(self, samples: Samples) -> float:
        """Return the chance, 0 to 1, that whoever spoke has finished."""
        return float(self._session.run(None, {"input_features": features(samples)[None]})[0].reshape(-1)[0])


def features(samples: Samples) -> Mel:
    """Return what the model is given, shape (80, 800)."""
    window = samples[-WINDOW:]
    sound = np.pad(window, (WINDOW - len(window), 0)).astype(np.float32) / _FULL_SCALE
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + _LEAST_VARIANCE)
    # `log_mel` takes any numbers on the scale of 16 bits; rounding these to whole ones would be heard.
    return log_mel(cast("Samples", sound * _FULL_SCALE))
