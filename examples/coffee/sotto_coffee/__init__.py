"""A coffee machine over MQTT: a skill for Sotto Voce in a package of its own.

It imports `skills.api` and nothing else of the assistant. The machine takes JSON on its order topic, for
example `{"drink": "latte", "size": "large", "shots": 2, "milk": {"kind": "oat milk", "amount": "normal"}}`.
"""

from collections.abc import Mapping
from datetime import datetime
from json import dumps
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict
from skills.api import (
    Answer,
    Context,
    Field,
    Manifest,
    MqttCommand,
    Question,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)

MACHINE_MAKES = (
    "americano",
    "cappuccino",
    "espresso",
    "latte",
    "mocha",
    "iced mocha",
    "coffee",
    "drip coffee",
    "house coffee",
    "iced coffee",
)
CUPS = ("small", "medium", "large", "8 ounce", "12 ounce", "16 ounce", "20 ounce")
BEANS = ("light", "medium", "dark")
AMOUNTS = {
    "a little bit": "little",
    "a bit": "little",
    "some": "normal",
    "a lot": "much",
    "lots": "much",
    "1 spoon": "1 spoon",
    "2 spoons": "2 spoons",
    "3 spoons": "3 spoons",
}
"""What people say -> what the machine is told. The confirmation uses the person's own word."""

Drink = Annotated[str, Slot("drink"), Slot("other_drink")]
Size = Annotated[
    Literal["small", "medium", "large", "8 ounce", "12 ounce", "16 ounce", "20 ounce"], Slot("size")
]
Roast = Annotated[Literal["light", "medium", "dark"], Slot("roast")]
Shots = Annotated[int, Field(ge=1, le=3), Slot("shots")]
Milk = Annotated[str, Slot("milk")]
Sugar = Annotated[str, Slot("sugar")]
Amount = Annotated[str, Slot("amount")]
SugarAmount = Annotated[str, Slot("amount"), Slot("spoons")]

NONE = "none"
"""The kind that is said not to be wanted: "no sugar"."""
Extra = Annotated[str, Slot("extra")]
"""What people ask for and this machine has not; it is known so that it can be said."""

LAST = "last"
"""The key of the last order in the store."""


class Settings(BaseModel):
    """The section `[skills.coffee]`. Lists name what this machine has."""

    model_config = ConfigDict(extra="forbid")

    topic: Annotated[str, Field(pattern=r"^coffee/[^/+#]+/order$")] = "coffee/kitchen/order"
    default_size: Size | None = None
    drinks: tuple[str, ...] = MACHINE_MAKES
    sizes: tuple[str, ...] = CUPS
    roasts: tuple[str, ...] = BEANS
    brew_s: Annotated[float, Field(ge=0, le=3600)] = 60.0


class Coffee(Skill):
    """Orders coffee, and remembers what was ordered."""

    name = "coffee"
    api = 1
    manifest = Manifest(topics=frozenset({"coffee/+/order"}))
    settings = Settings

    @tool()
    async def order(
        self,
        context: Context,
        drink: Drink | None = None,
        size: Size | None = None,
        roast: Roast | None = None,
        shots: Shots | None = None,
        milk: Milk | None = None,
        milk_amount: Amount | None = None,
        sugar: Sugar | None = None,
        sugar_amount: SugarAmount | None = None,
        extra: Extra | None = None,
    ) -> Answer:
        """Order a drink from the coffee machine."""
        machine = _settings(context)
        said = _present(
            {
                "drink": drink,
                "size": size or (machine.default_size if drink else None),
                "roast": roast,
                "shots": shots,
                "milk": milk,
                "milk_amount": milk_amount,
                "sugar": sugar,
                "sugar_amount": sugar_amount,
            }
        )
        if extra is not None:
            raise SkillError(Say("no_extra", {"extra": _word(extra)}))
        if drink is None:
            return Answer(question=Question(Say("which_drink"), "drink", said))
        _refuse(machine, said)
        await context.store.put(LAST, {"order": said, "at": context.now().isoformat()})
        payload = _payload(said)
        return Answer(
            commands=(MqttCommand(machine.topic, dumps(payload)),),
            say=Say("ordered", {"drink": _named(said)}),
            facts=payload,
        )

    @tool(acts=False)
    async def status(self, context: Context) -> Answer:
        """Tell whether the coffee that was ordered is ready."""
        last = await context.store.get(LAST)
        if last is None:
            return Answer(say=Say("nothing"))
        name = _named(last["order"])
        ago_s = (context.now() - datetime.fromisoformat(last["at"])).total_seconds()
        left_s = _settings(context).brew_s - ago_s
        if left_s > 0:
            return Answer(say=Say("brewing", {"drink": name, "seconds": max(1, round(left_s))}))
        if ago_s < 120:
            return Answer(say=Say("ready_now", {"drink": name}))
        return Answer(say=Say("ready", {"drink": name, "minutes": round(ago_s / 60)}))


def _settings(context: Context) -> Settings:
    return Settings.model_validate(dict(context.settings))


def _refuse(machine: Settings, order: Mapping[str, Any]) -> None:
    """Raise `SkillError` for what this machine has not."""
    drink, size, roast = (order.get(each) for each in ("drink", "size", "roast"))
    if drink not in machine.drinks:
        raise SkillError(Say("cannot_make", {"drink": _word(drink), "menu": _words(machine.drinks)}))
    if size is not None and size not in machine.sizes:
        raise SkillError(Say("no_such_size", {"size": _word(size), "menu": _words(machine.sizes)}))
    if roast is not None and roast not in machine.roasts:
        raise SkillError(Say("no_beans", {"roast": _word(f"{roast} roast")}))


def _payload(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the machine is told; "no milk" is no milk."""
    told = {name: order[name] for name in ("drink", "size", "roast", "shots") if name in order}
    for name in ("milk", "sugar"):
        if order.get(name, NONE) != NONE:
            told[name] = {"kind": order[name], "amount": AMOUNTS.get(order.get(f"{name}_amount"), "normal")}
    return told


def _named(order: Mapping[str, Any]) -> Say:
    """Return the order in words: "your large dark roast latte with some oat milk and no sugar"."""
    name = _word(order["drink"])
    if "shots" in order:
        name = Say(f"shots_{order['shots']}", {"drink": name})
    if "roast" in order:
        name = Say("kind_of", {"kind": _word(f"{order['roast']} roast"), "drink": name})
    if "size" in order:
        name = Say("kind_of", {"kind": _word(order["size"]), "drink": name})
    extras = tuple(_extra(order, each) for each in ("milk", "sugar") if each in order)
    return Say("your_with", {"drink": name, "extras": extras}) if extras else Say("your", {"drink": name})


def _extra(order: Mapping[str, Any], name: str) -> Say:
    kind, amount = order[name], order.get(f"{name}_amount")
    if kind == NONE:
        return Say(f"no_{name}")
    if amount is None:
        return _word(kind)
    return Say("some" if amount == "some" else "of", {"amount": _word(amount), "what": _word(kind)})


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _word(value: str) -> Say:
    """Return a value of a word list as each language says it."""
    return Say(f"word_{value.replace(' ', '_')}")


def _words(values: tuple[str, ...]) -> tuple[Say, ...]:
    return tuple(_word(value) for value in values)
