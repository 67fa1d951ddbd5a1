"""Who sits where: sentences from the seats of a car whose things were made of its signals."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from assistant.scheduler import Scheduler
from benchmarks.mind.cases import Case, House, Turn
from benchmarks.mind.record import RecordingRegistry
from benchmarks.mind.stage import open_stage
from devices.discovery.convention import Appeared, Reported
from devices.discovery.vss import ROOMS
from devices.discovery.vss.vehicle import Vehicle
from tests.devices.discovery.vss.simulated_vehicle import STANDING

if TYPE_CHECKING:
    from devices.home import Device

ENGLISH = [
    ("driver", "open my window", {"window.row1.driverside": True}),
    ("passenger", "open my window", {"window.row1.passengerside": True}),
    ("rear", "close my window", {"window.row2.driverside": False, "window.row2.passengerside": False}),
    ("driver", "it's cold here", {"climate.row1.driverside": 21.0}),
    ("passenger", "I'm too warm", {"climate.row1.passengerside": 20.0}),
    ("driver", "turn on the seat heating", {"heating.row1.driverside": True}),
    ("passenger", "turn on the seat ventilation", {"cooling.row1.passengerside": True}),
    ("driver", "the windscreen is foggy", {"front_defrost": True}),
    ("driver", "set the temperature to 23 degrees", {"climate.row1.driverside": 23}),
    ("driver", "switch on the dome light", {"dome": True}),
    ("driver", "unlock the doors", {}),
    ("driver", "open the boot", {}),
]
CHINESE = [
    ("driver", "打开我的车窗", {"window.row1.driverside": True}),
    ("passenger", "把车窗打开一半", {"window.row1.passengerside": 50}),
    ("driver", "我有点冷", {"climate.row1.driverside": 21.0}),
    ("passenger", "打开座椅加热", {"heating.row1.passengerside": True}),
    ("driver", "打开座椅通风", {"cooling.row1.driverside": True}),
    ("driver", "打开前挡除雾", {"front_defrost": True}),
    ("driver", "温度调到23度", {"climate.row1.driverside": 23}),
    ("driver", "打开后备箱", {}),
]


def car(*, chinese: bool) -> House:
    """A car's things, made of the signals of the simulated vehicle."""
    vehicle = Vehicle("vss", chinese=chinese)
    things: dict[str, Device] = {}
    changes = [
        *vehicle.has(STANDING),
        *(c for path, value in STANDING.items() for c in vehicle.said(path, value)),
    ]
    for change in changes:
        if isinstance(change, Appeared):
            things[change.device.id] = change.device
        elif isinstance(change, Reported):
            thing = things[change.device_id]
            told = {key: value for key, value in change.state.items() if value is not None}
            known = {key: value for key, value in told.items() if key in thing.abilities}
            things[thing.id] = replace(thing, state={**thing.state, **known})
    return House("car", "zh" if chinese else "en", ROOMS, tuple(things.values()))


@pytest.mark.parametrize(("language", "said"), [("en", ENGLISH), ("zh", CHINESE)])
async def test_what_is_said_at_a_seat_is_meant_for_that_seat(
    language: str, said: list[tuple[str, str, dict[str, object]]]
) -> None:
    registry = cast("RecordingRegistry", RecordingRegistry.load({}))
    with Scheduler() as scheduler:
        async with open_stage(car(chinese=language == "zh"), registry, scheduler) as stage:
            for room, text, orders in said:
                case = Case("x", language, "car", room, "", "", (Turn(text, ()),))
                (happened,) = await stage.play(case)
                came = {
                    each.command.device_id.removeprefix("vss."): each.command.value
                    for each in happened.orders
                }
                assert came == orders, text
    registry.close()
