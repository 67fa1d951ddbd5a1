"""A sound card for tests: a private PulseAudio with a virtual microphone and a virtual loudspeaker.

PortAudio sees it as the ALSA device `pulse`, through ALSA's own plugin: the way of a desktop's microphone.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from tests.requirements import require

RATE_HZ = 48_000
PROGRAMS = ("pulseaudio", "pactl", "paplay", "parec")
HOW = "apt install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
DEVICE = "pulse"


def require_sound_card() -> None:
    """Skip, or fail under SOTTO_REQUIRE=all, where PulseAudio or ALSA's plugin for it is missing."""
    folders = [Path("/usr/lib"), Path("/usr/lib64")]
    plugins = [each for folder in folders for each in folder.glob("**/libasound_module_pcm_pulse.so")]
    require("PulseAudio", all(shutil.which(each) for each in PROGRAMS) and bool(plugins), HOW)


class SoundCard:
    """Started by `with`, ended by its process id. `environment` is what a program needs to find it."""

    def __enter__(self) -> Self:
        # Not pytest's folder: a socket's path may be 107 characters long at most.
        self._folder = tempfile.TemporaryDirectory(prefix="sound-")
        home = Path(self._folder.name)
        (home / "run").mkdir(mode=0o700)
        socket = home / "native"
        self.environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home / "run"),
            "PULSE_RUNTIME_PATH": str(home / "run"),
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_SINK": "loudspeaker",
            "PULSE_SOURCE": "microphone",
        }
        self._start(socket)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._log.close()
        self._folder.cleanup()

    def kill(self) -> None:
        """End the daemon, as when the sound card is pulled out."""
        self._daemon.kill()
        self._daemon.wait()

    def restart(self) -> None:
        """Start it again at the same place."""
        self._log.close()
        self._start(Path(self.environment["PULSE_SERVER"].removeprefix("unix:")))

    def let_microphone_hear_loudspeaker(self) -> None:
        """What is played comes back into the microphone some 50 ms later, as in a room."""
        self._run(
            "pactl", "load-module", "module-loopback", "source=loudspeaker.monitor", "sink=into_microphone",
            "latency_msec=50", "rate=48000", "channels=1",
        )  # fmt: skip

    def play_into_microphone(self, path: Path) -> None:
        """Play a recording that PulseAudio knows how to read (wav, flac, ogg); returns when it is over."""
        self._run("paplay", "--device=into_microphone", str(path))

    @contextlib.contextmanager
    def record_speaker(self, path: Path) -> Iterator[None]:
        """Write what the loudspeaker plays, inside the `with`, to a WAV file at 48 kHz mono."""
        recorder = subprocess.Popen(
            [
                "parec", "--device=loudspeaker.monitor", "--file-format=wav", "--channels=1",
                f"--rate={RATE_HZ}", "--format=s16le", "--latency-msec=20", str(path),
            ],
            env=self.environment,
        )  # fmt: skip
        try:
            # The header is written with the first sound: from then on nothing is missed.
            wait_for(lambda: path.exists() and path.stat().st_size > 44, "the recorder to begin")
            yield
        finally:
            recorder.terminate()
            recorder.wait(timeout=10)

    def _start(self, socket: Path) -> None:
        socket.unlink(missing_ok=True)
        self._log = Path(self._folder.name, "log").open("wb")  # noqa: SIM115 - the daemon's for its life
        self._daemon = subprocess.Popen(
            [
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
                "--log-target=stderr", "--realtime=no", "--high-priority=no",
                "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
                "-L", f"module-null-sink sink_name=into_microphone rate={RATE_HZ} channels=1 norewinds=1",
                "-L", "module-remap-source source_name=microphone master=into_microphone.monitor",
                "-L", f"module-null-sink sink_name=loudspeaker rate={RATE_HZ} channels=2 norewinds=1",
            ],
            env=self.environment,
            stdout=self._log,
            stderr=self._log,
        )  # fmt: skip
        wait_for(self._answers, "PulseAudio to answer")

    def _answers(self) -> bool:
        assert self._daemon.poll() is None, Path(self._folder.name, "log").read_text()
        listed = subprocess.run(
            ["pactl", "list", "short", "sinks"], env=self.environment, capture_output=True, text=True
        )
        return "loudspeaker" in listed.stdout

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.environment, check=True, timeout=120)


def wait_for(condition: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
    """Look every 20 ms until the condition holds."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s in vain for {what}"
        time.sleep(0.02)


def write_tone(path: Path, hz: float, seconds: float = 1.0, *, peak: float = 0.5) -> None:
    """A WAV file with a sine, 48 kHz mono."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    write_wav(path, (np.sin(2 * np.pi * hz * times) * peak * 32_767).astype(np.int16), RATE_HZ)


def write_wav(path: Path, samples: npt.NDArray[np.int16], rate_hz: int) -> None:
    """A mono WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())


def read_wav(path: Path) -> tuple[npt.NDArray[np.int16], int]:
    """The samples of a mono WAV file, and its rate. A recorder that was ended leaves its header as it was."""
    with wave.open(str(path), "rb") as file:
        rate_hz = file.getframerate()
    data = path.read_bytes()[44:]
    return np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2"), rate_hz


def loudest_hz(samples: npt.NDArray[np.int16], rate_hz: int) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    return float(np.argmax(spectrum) * rate_hz / len(samples))
