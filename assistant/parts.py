"""What every conversation shares."""

from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.dialogue.asking import Pin
from assistant.dialogue.ducking import Ducking
from assistant.dialogue.own_voice import OwnVoice
from assistant.scheduler import Lane
from assistant.second_look import SecondLooks
from assistant.taught import TaughtKeeper
from assistant.understanding.understanding import Understanding
from devices.home import Home
from devices.outbox import Outbox
from skills.api import Context
from skills.registry import Registry
from speech.end_of_turn import Completeness, TurnJudge
from speech.recognition.engine import Recogniser


@dataclass(frozen=True, slots=True)
class Parts:
    """What every conversation shares; `assistant.app` makes it. A missing part is None and said aloud."""

    recogniser: Recogniser | None
    lane: Lane
    """The recogniser's."""
    completeness: Completeness
    understanding: Understanding
    registry: Registry
    context: Callable[[str, str | None, str], Context]
    home: Home
    outbox: Outbox
    pin: Pin
    own_voice: OwnVoice = field(default_factory=OwnVoice)
    turn_judge: TurnJudge | None = None
    """Judges the sound where the words do not tell."""
    second_looks: SecondLooks | None = None
    """Ask the sound once more where nobody understood the words."""
    taught: TaughtKeeper | None = None
    """Has hold what people taught."""
    ducking: Ducking | None = None
    """Turns music down while somebody is listened to."""
