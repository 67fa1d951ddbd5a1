"""Orders whose one telling word was lost: "turn the standing light in the office". On, or off? It is asked.

Nobody guesses it, a language model least of all. What is asked, the frames remember: "off" is then enough.
"""

from collections.abc import Mapping, Sequence

from assistant.understanding.carrying import begins_an_order, carried_signs, carried_truths, may_order
from assistant.understanding.frames.frame import Action
from assistant.understanding.frames.memory import Memory, Pending
from assistant.understanding.grounding import SpokenForms, mentioned
from assistant.understanding.normalise import languages, languages_of, normalise
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.questions import is_question
from devices.home import Ability, Device, Home

_MOST_WORDS = 12
_SAYS_MORE = ("colour", "mode", "preset", "scene")
"""Lists of which a word is a value as well: "turn the lamp red"."""


def ask_for_value(
    text: str, language: str, turn_id: str, home: Home, words: SpokenForms, memory: Memory, now_s: float
) -> Plan | None:
    """Return the plan that asks which of two values was meant; None for any other sentence."""
    spoken = languages_of(text, language, languages())[0]
    if not begins_an_order(text, spoken) or is_question(text, spoken) or not may_order(text, spoken):
        return None
    tokens = normalise(text, spoken).tokens
    if len(tokens) > _MOST_WORDS or any(token.text.isdigit() for token in tokens):
        return None
    if (
        carried_truths("on", text, spoken)
        or carried_truths("open", text, spoken)
        or carried_signs("", text, spoken)
    ):
        return None
    if any(mentioned(text, words.get(each, {}), whole=True) for each in _SAYS_MORE):
        return None
    things = _named(text, home, words)
    between = _between(things)
    if between is None:
        return None
    ids = [each.id for each in things]
    memory.ask(Pending((Action(),), tuple(ids), now_s, lacks_value=True))
    call = Call("home", "to_what", {"things": ids, "between": between})
    return Plan(
        turn_id,
        Tier.FRAMES,
        spoken,
        (call,),
        why="it names a thing, and no word says what is to become of it",
    )


def _named(text: str, home: Home, words: SpokenForms) -> Sequence[Device]:
    """The one thing that is named in full, or those that share its name; in its room, if one is named."""
    names = mentioned(text, words.get("device", {}), whole=True)
    if len(names) != 1:
        return ()
    found = [each for each in home if each.name == names[0]]
    rooms = mentioned(text, words.get("area", {}), whole=True)
    here = [each for each in found if each.room in rooms]
    return here or found


def _between(things: Sequence[Device]) -> str | None:
    abilities: Mapping[str, frozenset[Ability]] = {
        "open_closed": frozenset({Ability.OPEN, Ability.POSITION}),
        "on_off": frozenset({Ability.ON}),
    }
    if len(things) != 1:
        return None
    return next((name for name, each in abilities.items() if each & things[0].abilities), None)
