"""`sotto explain`: why a sentence is understood as it is. Nothing is done."""

import asyncio
import json as json_module
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.options import ConfigFile, Json, Room, load_config
from assistant.cli.output import print_error, print_json
from assistant.cli.turns import set_up_logging

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from assistant.understanding.learned.tier import Considered
    from assistant.understanding.plan import Plan
    from skills.api import Store


@dataclass(frozen=True, slots=True)
class TierTold:
    """What one tier made of the sentence. `spans` are [words, what they were taken for]."""

    tier: str
    result: str
    spans: list[tuple[str, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    """[candidate, why it was not taken]."""


def explain(
    text: Annotated[str, typer.Argument(help="The sentence.")],
    config: ConfigFile = None,
    json: Json = False,
    room: Room = None,
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="LANGUAGE", help="The language it is in.", show_default=False),
    ] = None,
) -> None:
    """Tell why a sentence is understood as it is. Nothing is done.

    Each tier tells what it made of the sentence, which words it took for what, and what else it thought of.
    The language model is not asked.
    """
    settings = load_config(config).config
    set_up_logging(settings)
    told = asyncio.run(_explain(text, settings, room, language))
    if json:
        print_json(told)
    else:
        _print(told)


async def _explain(text: str, config: "Config", room: str | None, language: str | None) -> dict[str, Any]:
    from platformdirs import user_data_path

    from assistant.opening.home import open_home
    from assistant.taught import TAUGHT, TaughtKeeper
    from assistant.understanding.fast_path import FastPath
    from assistant.understanding.learned.opening import Learned
    from assistant.understanding.normalise import language_of
    from assistant.understanding.understanding import Order, Understanding
    from skills.registry import Registry

    spoken = language or language_of(text)
    async with open_home(config) as opened:
        if not opened.link.connected:
            print_error(f"the MQTT broker at {opened.broker} cannot be reached: the home is empty")
        registry = await asyncio.to_thread(Registry.load, config.skills)
        try:
            fast_path = FastPath(registry, opened.home)
            learned = Learned(registry, opened.home, fast_path.words, user_data_path("sotto-voce"))
            missing = await learned.load()
            understanding = Understanding(fast_path, _no_model, Order.LOCAL_ONLY)
            understanding.learned = learned
            await TaughtKeeper(_store(TAUGHT), opened.home, understanding).learn()
            tiers = [
                _templates(fast_path.understand(text, spoken, room, "")),
                _frames(opened.home, text, spoken, room),
                _learned(learned.consider(text, spoken, room), missing),
            ]
            plan = await understanding.plan(text, spoken, room, "")
        finally:
            registry.close()
    if not plan.calls and Order(config.understanding.order) is not Order.LOCAL_ONLY:
        tiers.append(TierTold("language_model", "it would be asked"))
    return {
        "text": text,
        "language": plan.language,
        "room": room,
        "tiers": [
            {"tier": each.tier, "result": each.result, "spans": each.spans, "lost": each.lost}
            for each in tiers
        ],
        "plan": {
            "tier": plan.tier,
            "calls": [
                {"skill": call.skill, "tool": call.tool, "arguments": dict(call.arguments)}
                for call in plan.calls
            ],
            "failure": plan.failure,
            "why": plan.why,
        },
    }


def _store(skill: str) -> "Store":
    """What a skill has kept; nothing where it never did, so that looking makes no file."""
    from platformdirs import user_data_path

    from skills.storage import MemoryStore, SqliteStore

    file = user_data_path("sotto-voce") / "skills" / f"{skill}.sqlite3"
    return SqliteStore(file) if file.is_file() else MemoryStore()


async def _no_model() -> Any:
    from assistant.language.engine import LanguageModelError

    raise LanguageModelError("it is not asked here")


def _templates(plan: "Plan | None") -> TierTold:
    return TierTold("templates", "no template covers all of it" if plan is None else plan.why)


def _frames(home: Any, text: str, language: str, room: str | None) -> TierTold:
    from datetime import datetime

    from assistant.understanding.frames.memory import Memory
    from assistant.understanding.frames.tier import FrameTier

    plan = FrameTier(home, lambda: datetime.now().astimezone()).plan(text, language, room, "", Memory())
    if plan is None:
        return TierTold("frames", "not all of it is an order about things")
    why = plan.explanation
    return TierTold(
        "frames",
        plan.why or str(plan.failure),
        [] if why is None else list(why.spans),
        [] if why is None else [(each.what, each.why) for each in why.lost],
    )


def _learned(considered: "Considered | None", missing: str) -> TierTold:
    if considered is None:
        return TierTold("learned", missing)
    spoken = considered.spoken
    spans = [] if spoken is None else [(spoken.said(span), span.list_name) for span in spoken.spans]
    lost = [
        (f"{each.label} ({each.probability:.2f})", each.lost) for each in considered.candidates if each.lost
    ]
    return TierTold("learned", considered.why, spans, lost)


def _print(told: dict[str, Any]) -> None:
    for tier in told["tiers"]:
        print(f"{tier['tier']:15} {tier['result']}")
        for words, what in tier["spans"]:
            print(f"{'':15}   '{words}' is {what}")
        for what, why in tier["lost"]:
            print(f"{'':15}   not {what}: {why}")
    plan = told["plan"]
    for call in plan["calls"]:
        arguments = json_module.dumps(call["arguments"], ensure_ascii=False)
        print(f"{'plan':15} {call['skill']}.{call['tool']} {arguments}  ({plan['tier']})")
    if not plan["calls"]:
        print(f"{'plan':15} none: {plan['failure']}")
