"""The learned tier: what a sentence most likely means, and whether that is sure enough to be done.

It stands behind what understands every word, and takes what those leave: "it's awfully gloomy in here". It
may be wrong where they cannot, so it does little: one call, nothing that takes a yes or a PIN, nothing at all
on a question but answering it, and only to what is here or was named.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.understanding.grounding import SpokenForms
from assistant.understanding.learned.embedding import Embedding, Vectors
from assistant.understanding.learned.examples import NONE, OTHER, learnable, meaning_of
from assistant.understanding.learned.model import Model
from assistant.understanding.learned.slots import fill
from assistant.understanding.learned.spans import (
    Index,
    Spoken,
    barred,
    devices_called,
    index_of,
    stutters,
    take_apart,
)
from assistant.understanding.normalise import languages_of
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.questions import is_question, is_stop
from devices.home import Device, Home, Kind
from devices.policy import Policy
from skills.api import Tool
from skills.registry import Registry

MOST_WORDS = {"en": 14, "zh": 20}
"""Words (Chinese: characters) of an order; what is longer is a story, and nobody's."""
MOST_CHARACTERS = 160
FEWEST_WORDS = 2

TOLD = 5  # candidates that are told
WORTH_TELLING = 0.01


@dataclass(frozen=True, slots=True)
class Candidate:
    """A meaning and how likely it is; `lost` tells why it was not taken, "" for the one that was."""

    label: str
    probability: float
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """All that was thought of a sentence. `call` is None where it was not sure; `why` is for people."""

    language: str
    spoken: Spoken | None
    candidates: tuple[Candidate, ...]
    call: Call | None
    why: str


class LearnedTier:
    """Pure but for the embedding. `names` is `FastPath.words`."""

    def __init__(
        self,
        registry: Registry,
        home: Home,
        names: Callable[[], SpokenForms],
        embedding: Embedding,
        model: Model,
    ) -> None:
        self._registry = registry
        self._home = home
        self._names = names
        self._embedding = embedding
        self._model = model
        self._tools = learnable(registry)
        self._indices: dict[str, Index] = {}
        self._revision = -1

    def renew(self, model: Model) -> None:
        """Take another model: one that was just fitted."""
        self._model = model

    async def plan(self, text: str, language: str, room: str | None, turn_id: str) -> Plan | None:
        """Return the plan for a sentence, None where it is not sure. Takes 25 ms, off the loop."""
        spoken, barrier = self._heard(text, language)
        if barrier:
            return None
        vectors = await asyncio.to_thread(self._embedding.embed, [spoken.masked])
        considered = self._weighed(spoken, vectors, room)
        if considered.call is None:
            return None
        return Plan(
            turn_id=turn_id,
            tier=Tier.LEARNED,
            language=considered.language,
            calls=(considered.call,),
            why=considered.why,
        )

    def consider(self, text: str, language: str, room: str | None) -> Considered:
        """Return all that is thought of a sentence, for somebody who asks why. Blocks for 25 ms."""
        spoken, barrier = self._heard(text, language)
        if barrier:
            return Considered(spoken.language, spoken, (), None, barrier)
        return self._weighed(spoken, self._embedding.embed([spoken.masked]), room)

    def _heard(self, text: str, language: str) -> tuple[Spoken, str]:
        """Take a sentence apart; the second is why it need not be looked at any further, "" if it need."""
        text, long = text[:MOST_CHARACTERS], len(text) > MOST_CHARACTERS
        known = languages_of(text, language, MOST_WORDS)[0]
        spoken = take_apart(text, known, self._index(known))
        if long or len(spoken.words) > MOST_WORDS[known]:
            return spoken, "too long for an order"
        if len(spoken.words) < FEWEST_WORDS:
            return spoken, "too short to tell"
        if is_stop(text, known):
            return spoken, "it asks for silence"
        if stutters(spoken):
            return spoken, "the same words come again and again"
        return spoken, ""

    def _index(self, language: str) -> Index:
        if self._revision != self._home.revision:
            self._revision = self._home.revision
            self._indices.clear()
        if language not in self._indices:
            self._indices[language] = index_of(self._names(), self._home, language)
        return self._indices[language]

    def _weighed(self, spoken: Spoken, vectors: Vectors, room: str | None) -> Considered:
        believed = self._model.probabilities(vectors, [spoken.masked])[0]
        order = believed.argsort()[::-1]
        first = self._model.labels[int(order[0])]
        probability = float(believed[order[0]])
        call, lost = self._call(first, probability, spoken, room)
        rest = [(self._model.labels[int(at)], float(believed[at])) for at in order[1:TOLD]]
        likelier = f"'{first}' is likelier"
        candidates = (
            Candidate(first, probability, lost),
            *(Candidate(label, each, likelier) for label, each in rest if each >= WORTH_TELLING),
        )
        told = f"it means '{first}' with a probability of {probability:.2f}"
        return Considered(spoken.language, spoken, candidates, call, f"{told}; {lost}" if lost else told)

    def _call(
        self, label: str, probability: float, spoken: Spoken, room: str | None
    ) -> tuple[Call | None, str]:
        """Return the call that a meaning comes to, or why it comes to none."""
        if label == NONE:
            return None, "it is not meant for the assistant"
        if label == OTHER:
            return None, "only the templates know how to do that"
        if probability < self._model.threshold:
            return None, f"not sure enough: {self._model.threshold:.2f} is needed"
        name, fixed = meaning_of(label)
        tool = self._tools.get(name)
        if tool is None:
            return None, "no skill can do that any more"
        if lost := self._forbidden(tool, spoken):
            return None, lost
        if (word := self._model.unheard(label, spoken.masked)) is not None:
            return None, f"'{word}' was never heard with it"
        language = self._registry.language(tool.skill, spoken.language)
        filled = fill(tool, fixed, self._model.usual.get(label, {}), spoken, language)
        if filled.unsure:
            return None, filled.unsure
        if tool.acts and (lost := self._out_of_reach(tool, filled.arguments, spoken, room)):
            return None, lost
        return Call(tool.skill, tool.name, filled.arguments), ""

    def _forbidden(self, tool: Tool, spoken: Spoken) -> str:
        """Why these words may not call the tool, "" if they may."""
        if spoken.strange:
            return f"there is no '{spoken.strange[0]}' in this home"
        if not tool.acts:
            return ""
        if is_question(spoken.source, spoken.language):
            return "a question changes nothing"
        word = barred(spoken)
        return f"'{word}' makes it no order of this tier" if word else ""

    def _out_of_reach(
        self, tool: Tool, arguments: Mapping[str, object], spoken: Spoken, room: str | None
    ) -> str:
        """Why the things that a call reaches may not be ordered by a guess, "" if they may."""
        kinds = _kinds(self._registry, tool)
        if not kinds:
            return ""
        named = [
            device
            for span in spoken.spans
            if span.list_name != "area"
            for device in devices_called(self._home, span)
        ]
        place = arguments.get("room") or room
        if len(named) > 1:
            near = [device for device in named if device.room == place]
            if len(near) != 1:
                return f"several things are called '{named[0].name}'"
            named = near
        reached = named or [
            device
            for device in self._home
            if device.exposed and device.kind in kinds and (place is None or device.room == place)
        ]
        if not reached:
            return "there is nothing here that could do it"
        if not named and place is None and len(reached) > 1:
            return "nobody said where"
        if any(any(_POLICY.guarded(device)) for device in reached):
            return "it reaches what is guarded"
        return "" if named or _alike(reached) else "it reaches things of different sorts"


_POLICY = Policy()
"""What is guarded in every home. The owner's own rules are kept by the outbox, as for every order."""


def _kinds(registry: Registry, tool: Tool) -> frozenset[Kind]:
    """The kinds of things that a tool orders when none is named: those that its skill's tools name."""
    told = registry.manifest(tool.skill).devices
    if told is not None:
        return told
    named = {
        slot.list_name
        for other in registry.tools.values()
        if other.skill == tool.skill
        for slot in other.slots.values()
    }
    return frozenset(kind for kind in Kind if kind.value in named)


def _alike(devices: list[Device]) -> bool:
    """Whether the things are of one sort: a blind is not a window."""
    return len({(device.kind, device.device_class) for device in devices if device.device_class}) <= 1
