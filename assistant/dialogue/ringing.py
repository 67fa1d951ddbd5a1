"""Something rings: a bare "stop" is meant for it, before anything else is thought of."""

from assistant.understanding.normalise import languages, languages_of, normalise, texts, words_of
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.questions import is_stop
from skills.registry import Registry


def rings(registry: Registry) -> bool:
    """Whether a timer, an alarm or a reminder rings now."""
    return _ringing(registry) is not None


def hushed(registry: Registry, text: str, language: str, turn_id: str) -> Plan | None:
    """Return the plan that stops what rings, if the words ask for that and something does."""
    skill = _ringing(registry)
    if skill is None or not (is_stop(text, language) or _answers(text, language)):
        return None
    spoken = languages_of(text, language, languages())[0]
    return Plan(turn_id, Tier.FAST, spoken, calls=(Call(skill, "hush", {}),), why="something rings")


def _answers(text: str, language: str) -> bool:
    """Whether the words are nothing but what people say to a thing that rings."""
    spoken = languages_of(text, language, languages())[0]
    heard = normalise(text, spoken)
    phrases = words_of(spoken).phrases("silence", "ringing")
    return any(
        words and phrases.at(words, 0) == len(words) for words in (texts(heard.tokens), texts(heard.core))
    )


def _ringing(registry: Registry) -> str | None:
    """The skill that has something ringing; one that can says so by its `ringing` and has a tool `hush`."""
    found = (name for name, skill in registry.skills.items() if getattr(skill, "ringing", False) is True)
    return next((name for name in found if f"{name}.hush" in registry.tools), None)
