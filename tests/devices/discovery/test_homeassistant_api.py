import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from devices.commands import DeviceCommand
from devices.discovery.convention import (
    Appeared,
    BridgeAwayError,
    BridgeRefusedError,
    CannotError,
    Reported,
    Vanished,
)
from devices.discovery.homeassistant_api import HomeAssistantApi, bridge
from devices.home import Ability, Kind
from tests.counterparts.homeassistant.kept import Kept, running
from tests.devices.discovery.homeassistant_server import TOKEN, FakeServer, entry, fake_server, state
from tests.devices.waiting import until

LAMP = "light.kitchen"
DIMMABLE = {"supported_color_modes": ["brightness"], "friendly_name": "Kitchen lamp"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(bridge, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(bridge, "SETTLE_S", 0.01)


@contextlib.asynccontextmanager
async def home(server: FakeServer, **more: Any) -> AsyncIterator[tuple[HomeAssistantApi, Kept]]:
    """A bridge to the server that has read everything."""
    api = HomeAssistantApi(server.url, TOKEN, **more)
    async with running(api) as kept:
        await until(lambda: not api.trouble, "reading")
        yield api, kept


def order(entity_id: str, ability: Ability, value: Any) -> DeviceCommand:
    return DeviceCommand(f"homeassistant_api.{entity_id}", ability, value)


def furnished(server: FakeServer) -> None:
    server.states = [state(LAMP, "on", brightness=128, **DIMMABLE)]
    server.entities = [entry(LAMP, device_id="d1", aliases=["厨房灯"])]
    server.devices = [
        {
            "id": "d1",
            "area_id": "kitchen",
            "connections": [["mac", "a4:cf:12:34:56:78"]],
            "identifiers": [["mqtt", "zigbee2mqtt_0x00158D0001A2B3C4"], ["hue", "x"]],
        }
    ]
    server.areas = [{"area_id": "kitchen", "name": "Kitchen"}, {"area_id": "hall", "name": "Hall"}]
    server.exposed = {LAMP}


async def test_a_light_has_the_room_of_its_device_its_aliases_and_its_hardware() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (_, kept):
            lamp = kept.device(LAMP)
            assert (lamp.name, lamp.kind, lamp.room) == ("Kitchen lamp", Kind.LIGHT, "Kitchen")
            assert lamp.aliases == ("厨房灯",)
            assert lamp.identities == {"mac:a4cf12345678", "ieee:0x00158d0001a2b3c4"}
            assert lamp.state == {Ability.ON: True, Ability.BRIGHTNESS: 50}
            assert lamp.exposed
            assert lamp.convention == "homeassistant_api"


async def test_the_room_of_the_entity_itself_comes_before_that_of_its_device() -> None:
    async with fake_server() as server:
        furnished(server)
        server.entities[0]["area_id"] = "hall"
        async with home(server) as (_, kept):
            assert kept.device(LAMP).room == "Hall"


async def test_what_is_not_exposed_is_kept_away_from_voice_unless_all_is_wanted() -> None:
    async with fake_server() as server:
        furnished(server)
        server.exposed = set()
        async with home(server) as (_, kept):
            assert not kept.device(LAMP).exposed
        async with home(server, exposed_only=False) as (_, kept):
            assert kept.device(LAMP).exposed


async def test_a_token_that_may_not_ask_what_is_exposed_brings_no_devices_at_all() -> None:
    async with fake_server() as server:
        furnished(server)
        server.refusals["homeassistant/expose_entity/list"] = "Unauthorized"
        api = HomeAssistantApi(server.url, TOKEN)
        async with running(api) as kept:
            await until(lambda: "administrator" in api.trouble, "the trouble")
            assert len(kept.home) == 0


async def test_settings_of_a_device_and_hidden_entities_are_left_out_unless_exposed() -> None:
    async with fake_server() as server:
        server.states = [state(f"switch.{name}", "on") for name in ("plain", "setting", "hidden", "wanted")]
        server.entities = [
            entry("switch.setting", entity_category="config"),
            entry("switch.hidden", hidden_by="user"),
            entry("switch.wanted", entity_category="config"),
        ]
        server.exposed = {"switch.plain", "switch.wanted"}
        async with home(server) as (_, kept):
            assert kept.has("switch.plain")
            assert kept.has("switch.wanted")
            assert not kept.has("switch.setting")
            assert not kept.has("switch.hidden")


async def test_our_own_device_is_none_of_our_devices() -> None:
    async with fake_server() as server:
        furnished(server)
        server.devices.append({"id": "us", "identifiers": [["mqtt", "sotto_voce_kitchen"]]})
        server.entities.append(entry("switch.sotto_voce_kitchen_muted", device_id="us"))
        server.states.append(state("switch.sotto_voce_kitchen_muted", "off"))
        async with home(server, exposed_only=False) as (_, kept):
            assert [device.name for device in kept.home] == ["Kitchen lamp"]
            before = server.logins
            await server.tell(state("switch.sotto_voce_kitchen_muted", "on"))
            await server.tell(state(LAMP, "off", **DIMMABLE))
            await until(lambda: kept.device(LAMP).state.get(Ability.ON) is False)
            assert [device.name for device in kept.home] == ["Kitchen lamp"]
            assert server.logins == before


async def test_a_change_of_state_is_reported_and_what_is_unknown_is_forgotten() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (_, kept):
            await server.tell(state(LAMP, "off", brightness=None, **DIMMABLE))
            await until(lambda: kept.device(LAMP).state == {Ability.ON: False}, "the report")


async def test_what_is_unavailable_is_unreachable_and_keeps_its_abilities() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (_, kept):
            await server.tell(state(LAMP, "unavailable", friendly_name="Kitchen lamp"))
            await until(lambda: not kept.device(LAMP).available, "the absence")
            assert kept.device(LAMP).abilities == {Ability.ON, Ability.BRIGHTNESS}
            await server.tell(state(LAMP, "on", brightness=255, **DIMMABLE))
            await until(lambda: kept.device(LAMP).available, "the return")
            assert kept.device(LAMP).state[Ability.BRIGHTNESS] == 100


async def test_a_new_entity_and_a_removed_one_are_noticed_while_connected() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (_, kept):
            await server.tell(state("lock.door", "locked", friendly_name="Door"))
            await until(lambda: kept.has("lock.door"), "the lock")
            server.states = [each for each in server.states if each["entity_id"] != LAMP]
            await server.push("state_changed", {"entity_id": LAMP, "new_state": None})
            await until(lambda: not kept.has(LAMP), "the end of the lamp")


async def test_a_renamed_area_moves_its_devices() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (_, kept):
            server.areas[0]["name"] = "厨房"
            await server.push("area_registry_updated", {"action": "update", "area_id": "kitchen"})
            await until(lambda: kept.device(LAMP).room == "厨房", "the move")


async def test_reading_again_what_is_as_it_was_changes_nothing() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (_, kept):
            kept.changes.clear()
            server.states.append(state("lock.door", "locked"))
            await server.push("entity_registry_updated", {})
            await until(lambda: kept.has("lock.door"), "reading again")
            about = [change for change in kept.changes if isinstance(change, Appeared | Reported)]
            assert [change for change in about if LAMP in repr(change)] == []


async def test_an_order_is_a_call_of_a_service_for_that_one_entity() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (api, kept):
            (sent,) = await api.send(order(LAMP, Ability.BRIGHTNESS, 40), kept.device(LAMP).state)
            assert (sent.via, sent.topic) == ("homeassistant", "light.turn_on")
            assert json.loads(sent.payload) == {"entity_id": LAMP, "brightness": 102}
            (call,) = server.called
            assert (call["domain"], call["service"]) == ("light", "turn_on")
            assert call["target"] == {"entity_id": LAMP}
            assert call["service_data"] == {"brightness": 102}


async def test_a_refusal_has_home_assistants_own_sentence() -> None:
    async with fake_server() as server:
        furnished(server)
        server.refusals["call_service"] = "Validation error: Provided temperature 90 is not valid"
        async with home(server) as (api, _):
            with pytest.raises(BridgeRefusedError, match=r"^Provided temperature 90 is not valid$"):
                await api.send(order(LAMP, Ability.ON, True), {})


async def test_what_it_cannot_do_is_not_even_asked() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (api, _):
            for command in (order(LAMP, Ability.COLOUR, (1, 2, 3)), order("light.nowhere", Ability.ON, True)):
                with pytest.raises(CannotError):
                    await api.send(command, {})
            assert server.called == []


async def test_an_order_that_takes_long_counts_as_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "ORDER_S", 0.05)
    async with fake_server() as server:
        furnished(server)
        server.deaf.add("call_service")
        async with home(server) as (api, _):
            assert len(await api.send(order(LAMP, Ability.ON, True), {})) == 1


async def test_an_order_during_which_home_assistant_goes_away_says_that_it_is_away() -> None:
    async with fake_server() as server:
        furnished(server)
        server.deaf.add("call_service")
        async with home(server) as (api, _):
            sending = asyncio.create_task(api.send(order(LAMP, Ability.ON, True), {}))
            await until(lambda: server.unanswered, "the order")
            await server.hang_up()
            with pytest.raises(BridgeAwayError, match="went away"):
                await sending


async def test_cancelling_an_order_cancels_it() -> None:
    async with fake_server() as server:
        furnished(server)
        server.deaf.add("call_service")
        async with home(server) as (api, _):
            sending = asyncio.create_task(api.send(order(LAMP, Ability.ON, True), {}))
            await until(lambda: server.unanswered, "the order")
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending


async def test_without_home_assistant_an_order_is_refused_at_once_and_says_why() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (api, kept):
            await server.stop()
            await until(lambda: "cannot be reached" in api.trouble, "noticing")
            with pytest.raises(BridgeAwayError, match="cannot be reached"):
                await api.send(order(LAMP, Ability.ON, True), {})
            assert kept.has(LAMP)  # it may be back in a moment


async def test_after_it_was_away_everything_is_read_anew_and_what_is_gone_is_removed() -> None:
    async with fake_server() as server:
        furnished(server)
        server.states.append(state("switch.old", "on"))
        async with home(server) as (api, kept):
            await server.stop()
            await until(lambda: api.trouble, "noticing")
            server.states = [state(LAMP, "off", **DIMMABLE), state("switch.new", "on")]
            await server.start()
            await until(lambda: kept.has("switch.new"), "coming back")
            assert not kept.has("switch.old")
            assert kept.device(LAMP).state == {Ability.ON: False}
            assert api.trouble == ""


async def test_while_it_is_still_starting_nothing_is_taken_away() -> None:
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (_, kept):
            server.config["state"], lamps = "STARTING", server.states
            server.states = [state("switch.early", "on")]
            await server.hang_up()
            await until(lambda: kept.has("switch.early"), "coming back")
            assert kept.has(LAMP)
            server.config["state"], server.states = "RUNNING", [*server.states, *lamps]
            await server.push("homeassistant_started", {})
            server.states = lamps
            await server.push("homeassistant_started", {})
            await until(lambda: not kept.has("switch.early"), "the end of it")
            assert not [c for c in kept.changes if isinstance(c, Vanished) and LAMP in c.device_id]


async def test_a_wrong_token_is_told_and_not_tried_again_and_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with fake_server() as server:
        api = HomeAssistantApi(server.url, "a-wrong-one")
        async with running(api):
            await until(lambda: "does not take the token" in api.trouble, "the trouble")
            await asyncio.sleep(0.1)
            assert server.logins == 1
        assert "a-wrong-one" not in caplog.text + repr(api) + api.trouble


async def test_the_token_is_in_no_log_however_loud(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with fake_server() as server:
        furnished(server)
        async with home(server) as (api, _):
            await api.send(order(LAMP, Ability.ON, True), {})
            await server.stop()
            await until(lambda: api.trouble, "noticing")
        assert caplog.text
        assert TOKEN not in caplog.text + repr(api)


async def test_nonsense_from_the_other_side_ends_nothing() -> None:
    async with fake_server() as server:
        furnished(server)
        server.states += [None, 7, {"entity_id": 3}, {"entity_id": "light.x"}, state("light.odd", "on")]
        server.states[-1]["attributes"] = {"supported_color_modes": 4, "brightness": "x", "rgb_color": [1]}
        server.entities += [None, {"entity_id": 4}, "x"]
        server.devices += [None, {"id": "d9", "identifiers": [[1], "x", ["mqtt"]], "connections": 3}]
        async with home(server) as (_, kept):
            for odd in ({}, {"entity_id": 4}, {"entity_id": LAMP, "new_state": 5}):
                await server.push("state_changed", odd)
            await server.tell(state("lock.door", "locked"))
            await until(lambda: kept.has("lock.door"), "going on")
            assert kept.has(LAMP)
            assert kept.device("light.odd").abilities == {Ability.ON}


async def test_fahrenheit_becomes_celsius_and_orders_go_back() -> None:
    async with fake_server() as server:
        server.config["unit_system"] = {"temperature": "°F"}
        server.states = [
            state(
                "climate.hall",
                "heat",
                supported_features=1,
                hvac_modes=["off", "heat"],
                temperature=68,
                current_temperature=66,
                min_temp=45,
                max_temp=95,
            ),
            state("sensor.out", "50", unit_of_measurement="°F", device_class="temperature"),
        ]
        async with home(server) as (api, kept):
            hall = kept.device("climate.hall")
            assert hall.state[Ability.SETPOINT] == 20
            assert hall.state[Ability.READING] == pytest.approx(18.9)
            assert hall.limits[Ability.SETPOINT] == (7.2, 35)
            outside = kept.device("sensor.out")
            assert (outside.state[Ability.READING], outside.unit) == (10.0, "°C")
            await api.send(order("climate.hall", Ability.SETPOINT, 21), hall.state)
            assert server.called[0]["service_data"] == {"temperature": 70}
            assert api.satisfied(order("climate.hall", Ability.SETPOINT, 21), {Ability.SETPOINT: 21.1})
