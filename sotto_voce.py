"""The door of the house: finds the four packages and hands over to the command line.

In a checkout they lie beside this file. In an installed wheel they lie in the private folder
``sotto_voce_house``, so that no other distribution's ``skills`` or ``devices`` can be overwritten by
ours, or ours by theirs; importing this module puts that folder first on the import path.

It is a pytest plugin too: a skill's own tests find ``skills.api``, ``skills.testing`` and the fixtures.
"""

import sys
from pathlib import Path

_HOUSE = Path(__file__).resolve().with_name("sotto_voce_house")
if _HOUSE.is_dir() and str(_HOUSE) not in sys.path:
    sys.path.insert(0, str(_HOUSE))

pytest_plugins = ("assistant.testing",)
"""Read by pytest alone; it imports nothing heavy before a fixture is used."""


def main() -> None:
    """Run the ``sotto`` command."""
    from assistant.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
