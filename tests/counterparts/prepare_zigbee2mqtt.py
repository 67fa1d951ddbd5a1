"""Installs the real Zigbee2MQTT and a Node, once: `python -m tests.counterparts.prepare_zigbee2mqtt`.

It is GPL-3 and only ever runs beside the tests, as a process of its own; nothing of it is shipped.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_path

VERSION = "2.14.1"
NODE = "22"
FOLDER: Path = user_cache_path("sotto-voce") / "counterparts" / f"zigbee2mqtt-{VERSION}"

HOW = "make test-zigbee, or python -m tests.counterparts.prepare_zigbee2mqtt (needs npm)"

_DONE = FOLDER / "installed"


def is_prepared() -> bool:
    """Whether it is there as a whole."""
    return _DONE.exists()


def prepare() -> None:
    """Install it unless it is there. Ends with one line when that is not possible."""
    if is_prepared():
        print(f"Zigbee2MQTT {VERSION} is there: {FOLDER}")
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            "Zigbee2MQTT needs npm, and there is none: install Node.js (Debian: apt install npm)"
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    package = {"name": "sotto-voce-counterpart", "version": "1.0.0", "private": True}
    (FOLDER / "package.json").write_text(json.dumps(package))
    print(f"Installing Zigbee2MQTT {VERSION} and Node {NODE} (270 MB) into {FOLDER}", flush=True)
    wanted = [f"node@{NODE}", f"zigbee2mqtt@{VERSION}"]
    quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--progress=true"]
    if subprocess.run([npm, "install", *quiet, *wanted], cwd=FOLDER, check=False).returncode != 0:
        raise SystemExit("npm could not install Zigbee2MQTT; what it said is above")
    node = subprocess.run([node_binary(), "--version"], capture_output=True, text=True, check=False)
    if not node.stdout.startswith(f"v{NODE}."):
        raise SystemExit(f"npm installed Zigbee2MQTT but no Node {NODE}: does it allow install scripts?")
    _DONE.touch()
    print(f"Zigbee2MQTT {VERSION} with Node {node.stdout.strip()} is ready")


def node_binary() -> Path:
    """The Node that came with it."""
    return FOLDER / "node_modules" / "node" / "bin" / "node"


if __name__ == "__main__":
    sys.exit(prepare())
