"""An environment of its own in which somebody writes a skill: the commands that they would type, offline."""

import os
import subprocess
import sysconfig
import venv
from pathlib import Path

from tests.brokers import free_port

_COMMANDS = {
    "pip": '-m pip "$@"',
    "pytest": '-m pytest -p no:cacheprovider "$@"',
    "python": '"$@"',
    "sotto": "-c 'from sotto_voce import main; main()' \"$@\"",
}


class Workshop:
    """A virtual environment over the one that runs the tests. What is installed here stays here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        environment = folder / "environment"
        venv.create(environment)
        site = next((environment / "lib").glob("python*/site-packages"))
        (site / "below.pth").write_text(
            f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n"
        )
        commands = folder / "commands"
        commands.mkdir()
        for name, rest in _COMMANDS.items():
            (commands / name).write_text(f'#!/bin/sh\nexec "{environment}/bin/python3" {rest}\n')
            (commands / name).chmod(0o755)
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        self._environment = kept | {
            "PATH": f"{commands}:{os.environ['PATH']}",
            "HOME": str(folder),
            "PYTHONUTF8": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INDEX": "1",  # all that is needed is here already
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # which means: none
            "SOTTO_MQTT__EMBEDDED_PORT": str(free_port()),
        }

    def run(self, script: str, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run shell commands as they would be typed, up to the first that fails."""
        return subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
