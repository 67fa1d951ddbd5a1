"""WebRTC's AEC3, as pywebrtc-audio (github.com/strands-labs/pywebrtc-audio) ships it.

It finds the delay between the two pieces by itself, and ends in a suppressor that takes out a voice, too,
while both speak. 1 s of sound takes it about 10 ms of one core.
"""

from speech.audio import RATE_HZ, Samples
from speech.echo.engine import Cleaned, EchoError


class WebRtcCanceller:
    """An `EchoCanceller`. Raises `EchoError` where the library is missing."""

    def __init__(self) -> None:
        try:
            import pywebrtc_audio
        except ImportError as error:
            raise EchoError(
                "our own voice may be taken for somebody else's in a room that is new: "
                "`pip install pywebrtc-audio` brings what helps"
            ) from error
        self._echo = pywebrtc_audio.EchoCanceller(RATE_HZ, 1)

    def clean(self, near: Samples, far: Samples) -> Cleaned:
        """Take the echo of `far` out of `near`."""
        samples = self._echo.process(near, far)
        return Cleaned(samples, samples)

    def reset(self) -> None:
        """Forget the room."""
        self._echo.reset()
