"""`sotto satellites`: what is configured, and whether it answers."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli.satellites import app
from tests.brokers import free_port
from tests.satellites import TestSatellite


@pytest.fixture
def there() -> Iterator[TestSatellite]:
    """A satellite on a loop of its own: the verb has one, too."""
    one, loop = TestSatellite("kitchen", "Kitchen"), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(one.start(), loop).result(30)
    yield one
    asyncio.run_coroutine_threadsafe(one.stop(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    loop.close()


def test_each_satellite_is_listed_with_its_state(there: TestSatellite, tmp_path: Path) -> None:
    away = free_port()
    config = tmp_path / "sotto.toml"
    config.write_text(
        f'[[satellites]]\nname = "kitchen"\nroom = "Kitchen"\nuri = "{there.address}"\n'
        f'[[satellites]]\nname = "hall"\nuri = "tcp://127.0.0.1:{away}"\nwake = "there"\n'
    )
    shown = CliRunner().invoke(app, ["list", "--config", str(config), "--json"])
    assert shown.exit_code == 0, shown.output
    kitchen, hall = json.loads(shown.stdout)
    assert (kitchen["name"], kitchen["state"], hall["wake"]) == ("kitchen", "there", "there")
    assert hall["state"].startswith("away: ")
    assert "kitchen" in CliRunner().invoke(app, ["list", "--config", str(config)]).stdout


def test_without_satellites_the_next_thing_to_do_is_named(tmp_path: Path) -> None:
    config = tmp_path / "sotto.toml"
    config.write_text("")
    assert "sotto satellites find" in CliRunner().invoke(app, ["list", "--config", str(config)]).stdout
