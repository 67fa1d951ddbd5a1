"""The skill's own tests. They need pytest, pytest-asyncio and Sotto Voce, and nothing that runs."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from skills.api import Context, SkillError

from sotto_coffee import Coffee
from sotto_coffee.machine import Machine

NOON = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)


class Kept:
    """A store that forgets when the test ends."""

    def __init__(self):
        self.values = {}

    async def get(self, key, default=None):
        return self.values.get(key, default)

    async def put(self, key, value):
        self.values[key] = json.loads(json.dumps(value))

    async def keys(self):
        return tuple(self.values)


def context(store=None, now=NOON, **settings):
    return Context("en", "Kitchen", None, None, None, settings, lambda: now, store=store or Kept())


async def test_an_order_is_one_message_to_the_machine():
    answer = await Coffee().order(
        context(), drink="latte", size="large", roast="dark", shots=2, milk="oat milk", milk_amount="a lot"
    )
    (command,) = answer.commands
    assert command.topic == "coffee/kitchen/order"
    assert json.loads(command.payload) == {
        "drink": "latte",
        "size": "large",
        "roast": "dark",
        "shots": 2,
        "milk": {"kind": "oat milk", "amount": "much"},
    }


async def test_no_sugar_is_not_sugar():
    answer = await Coffee().order(context(), drink="mocha", sugar="none")
    assert json.loads(answer.commands[0].payload) == {"drink": "mocha"}


async def test_without_a_drink_it_asks_and_forgets_nothing():
    answer = await Coffee().order(context(), size="small", milk="cream")
    assert answer.commands == ()
    assert answer.question.parameter == "drink"
    assert answer.question.arguments == {"size": "small", "milk": "cream"}


async def test_the_default_size_is_the_owners():
    answer = await Coffee().order(context(default_size="medium"), drink="coffee")
    assert json.loads(answer.commands[0].payload)["size"] == "medium"


@pytest.mark.parametrize(
    ("settings", "order", "why"),
    [
        ({}, {"drink": "tea"}, "cannot_make"),
        ({}, {"drink": "latte", "extra": "caramel"}, "no_extra"),
        ({"drinks": ["espresso"]}, {"drink": "latte"}, "cannot_make"),
        ({"sizes": ["small"]}, {"drink": "latte", "size": "large"}, "no_such_size"),
        ({"roasts": ["dark"]}, {"drink": "latte", "roast": "light"}, "no_beans"),
    ],
)
async def test_what_the_machine_cannot_do_is_declined(settings, order, why):
    with pytest.raises(SkillError) as declined:
        await Coffee().order(context(**settings), **order)
    assert declined.value.say.key == why


@pytest.mark.parametrize(
    ("after_s", "said"), [(0, "brewing"), (59, "brewing"), (61, "ready_now"), (600, "ready")]
)
async def test_it_remembers_what_was_ordered_and_when(after_s, said):
    store = Kept()
    await Coffee().order(context(store), drink="latte")
    answer = await Coffee().status(context(store, NOON + timedelta(seconds=after_s)))
    assert answer.say.key == said


async def test_with_nothing_ordered_there_is_nothing_to_wait_for():
    assert (await Coffee().status(context())).say.key == "nothing"


def test_the_machine_brews_one_drink_at_a_time():
    told = []
    machine = Machine(
        "coffee/kitchen/order", lambda topic, payload: told.append((topic, json.loads(payload))), 3600
    )
    machine.order('{"drink": "latte", "state": "ready"}')
    machine.order('{"drink": "mocha"}')
    assert told == [
        ("coffee/kitchen/state", {"state": "brewing", "drink": "latte"}),
        ("coffee/kitchen/state", {"state": "busy", "drink": "mocha"}),
    ]


@pytest.mark.parametrize("payload", [b"", b"latte", b"[]", b"{}", b"\xff", b"null"])
def test_what_is_no_order_is_told_so(payload):
    told = []
    Machine("coffee/kitchen/order", lambda _topic, payload: told.append(json.loads(payload))).order(payload)
    assert told == [{"state": "error", "reason": "that is no order"}]
