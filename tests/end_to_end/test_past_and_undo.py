"""What was, what is put back, and what is asked in return: dialogues with `sotto ask` over a real broker."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from devices.history import History
from devices.home import Ability
from tests.conftest import CHECKOUT
from tests.end_to_end.commands import Asking
from tests.end_to_end.conftest import Client, House
from tests.sound_card import wait_for

pytestmark = pytest.mark.broker

GARAGE = "cover.simulated_garage_door"
COFFEE = "[sotto.skills]\ncoffee = sotto_coffee:Coffee\n"


@pytest.fixture
def client(house: House) -> Iterator[Client]:
    """A second client, which reads what the devices say."""
    made = Client(house.broker.port)
    yield made
    made.close()


def was_open_yesterday(path: Path) -> None:
    """Leave a history behind, as if we had run yesterday: the garage was open from 9 to half past."""
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = midnight - timedelta(days=1)
    now = yesterday + timedelta(hours=8)
    with History(path, now=lambda: now.timestamp()) as history:
        for hours, is_open in ((8.0, False), (9.0, True), (9.5, False)):
            now = yesterday + timedelta(hours=hours)
            history.note(GARAGE, {Ability.OPEN: is_open}, now.timestamp())
        now = yesterday + timedelta(hours=20)
        history.flush()


def test_the_past_is_told_from_before_a_restart_and_from_a_moment_ago(house: House, client: Client) -> None:
    was_open_yesterday(house.config.parent / "data" / "sotto-voce" / "history.sqlite")
    ask = Asking(house.config)
    morning = ask("was the garage open yesterday morning?")
    assert morning["reply"] == "Yes, Garage Door became open yesterday at 9:00."
    assert ask("how long was the garage open yesterday?")["reply"] == "Garage Door was open for 30 minutes."
    assert ask("昨天上午车库门开过吗？")["reply"].startswith("是的")
    assert ask("has the garage been open in the last hour?")["reply"].startswith("No")
    ask("open the garage door")
    ask("yes")
    wait_for(lambda: '"open"' in client.said["simulated/garage_door/state"], "the garage to be open")
    assert ask("has the garage been open in the last hour?")["reply"].startswith("Yes, Garage Door")
    assert ask("车库门刚才开过吗？")["reply"].startswith("是的")
    ask.close()


def test_orders_are_taken_back_one_by_one_to_how_it_was(house: House, client: Client) -> None:
    ask = Asking(house.config)
    ask("turn on the hall light")
    ask("make the bedroom light red")
    back = ask("undo that")
    assert back["reply"] == "I've put Bedroom Light back."
    wait_for(lambda: '"OFF"' in client.said["simulated/bedroom_light/state"], "the bedroom to be dark")
    assert client.said["simulated/hall_light/state"] == "ON"
    ask("put it back")
    wait_for(lambda: client.said["simulated/hall_light/state"] == "OFF", "the hall to be dark")
    assert ask("undo that")["reply"] == "There is nothing to take back."
    ask("打开走廊的灯")
    assert ask("撤销")["reply"] == "Hall Light已经恢复原样。"
    wait_for(lambda: client.said["simulated/hall_light/state"] == "OFF", "the hall to be dark again")
    ask.close()


def test_a_garage_that_only_tells_its_position_is_closed_again(house: House, client: Client) -> None:
    ask = Asking(house.config)
    ask("open the garage door")
    ask("yes")
    wait_for(lambda: '"open"' in client.said["simulated/garage_door/state"], "the garage to be open")
    assert ask("undo that")["failure"] is None
    assert client.orders("simulated/garage_door/set") == ["OPEN", "CLOSE"]
    ask.close()


def test_to_take_back_what_locked_the_house_takes_a_yes(house: House, client: Client) -> None:
    ask = Asking(house.config)
    ask("unlock the front door")
    ask("yes")
    wait_for(lambda: client.said["simulated/front_door/state"] == "UNLOCKED", "the lock to turn")
    ask("lock the front door")
    wait_for(lambda: client.said["simulated/front_door/state"] == "LOCKED", "the lock to turn back")
    assert ask("undo that")["reply"] == "Shall I unlock Front Door?"
    assert client.orders("simulated/front_door/set") == ["UNLOCK", "LOCK"]
    ask("no")
    assert client.said["simulated/front_door/state"] == "LOCKED"
    ask.close()


def test_a_skill_asks_for_what_is_missing_and_the_next_line_answers(
    house: House, client: Client, tmp_path: Path
) -> None:
    found = tmp_path / "plugins" / "sotto_coffee-1.0.dist-info"
    found.mkdir(parents=True)
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: sotto-coffee\nVersion: 1.0\n")
    (found / "entry_points.txt").write_text(COFFEE)
    path = f"{CHECKOUT / 'examples' / 'coffee'}:{found.parent}"
    ask = Asking(house.config, env={"PYTHONPATH": path})
    asked = ask("make me a large one with oat milk")
    assert (asked["reply"], asked["commands"]) == ("Which drink would you like?", [])
    answered = ask("a latte")
    assert '"latte"' in answered["commands"][0]["payload"]
    assert '"large"' in answered["commands"][0]["payload"]
    ask("make me a large one with oat milk")
    other = ask("turn on the hall light")  # no answer, but an order of its own
    assert other["reply"] == "Hall Light is on."
    assert ask("a latte")["commands"] == []  # nobody asks any more
    assert ask("来一杯大杯的，加燕麦奶")["reply"].endswith("？")
    assert '"latte"' in ask("拿铁")["commands"][0]["payload"]
    ask.close()
