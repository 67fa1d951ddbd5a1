"""WebRTC's AEC3 and noise suppressor, as pywebrtc-audio (github.com/strands-labs/pywebrtc-audio) ships them.

AEC3 finds the delay between the two pieces by itself. 1 s of sound takes it about 10 ms of one core.
"""

from speech.audio import RATE_HZ, Samples
from speech.echo.engine import Cleaned, EchoError

_NOISE_DB_12 = 1
"""The suppressor's second level of four: 12 dB."""


class WebRtcCanceller:
    """An `EchoCanceller`. Raises `EchoError` where the library is missing."""

    def __init__(self) -> None:
        try:
            import pywebrtc_audio
        except ImportError as error:
            raise EchoError(
                "there is no echo cancellation: `pip install pywebrtc-audio` brings it (until then an answer "
                "is interrupted by the wake word)"
            ) from error
        self._echo = pywebrtc_audio.EchoCanceller(RATE_HZ, 1)
        self._noise = pywebrtc_audio.NoiseSuppressor(RATE_HZ, 1, _NOISE_DB_12)

    def clean(self, near: Samples, far: Samples) -> Cleaned:
        """Take the echo of `far` out of `near`."""
        samples = self._echo.process(near, far)
        return Cleaned(samples, self._noise.process(samples))

    def reset(self) -> None:
        """Forget the room."""
        self._echo.reset()
        self._noise.reset()
