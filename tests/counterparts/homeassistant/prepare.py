"""Makes the environment of the real Home Assistant: `python -m tests.counterparts.homeassistant.prepare`.

It lies in the user's cache folder, since it is large and is the same for every checkout.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_path

VERSION = "2025.4.4"
PACKAGES = (
    f"homeassistant=={VERSION}",
    "home-assistant-frontend==20250411.0",
    "paho-mqtt==2.1.0",
    "wyoming==1.5.4",
)
"""Those behind the first are what the manifests of its core, its MQTT and its Wyoming integration ask for."""

FOLDER = user_cache_path("sotto-voce") / "counterparts" / f"homeassistant-{VERSION}"
PYTHON = FOLDER / "venv" / "bin" / "python"
_READY = FOLDER / "ready"
HOW = "make test-homeassistant, which needs Python 3.13 (SOTTO_PYTHON313)"


def is_ready() -> bool:
    """Whether the environment was made to its end."""
    return PYTHON.exists() and _READY.is_file() and _READY.read_text().split() == list(PACKAGES)


def prepare() -> None:
    """Make the environment unless it is there. Raises SystemExit when there is no Python 3.13."""
    if is_ready():
        print(f"Home Assistant {VERSION} is ready in {FOLDER}")
        return
    python = python313()
    if python is None:
        raise SystemExit(f"Home Assistant {VERSION} needs Python 3.13: set SOTTO_PYTHON313 to its path")
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not _READY.is_file():
        print(f"[1/2] an environment with {python} in {FOLDER}", flush=True)
        subprocess.run([python, "-m", "venv", "--clear", FOLDER / "venv"], check=True)
    print(f"[2/2] {', '.join(PACKAGES)}; that is about 100 packages and some minutes", flush=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *PACKAGES], check=True)
    _READY.write_text("\n".join(PACKAGES))
    print("ready")


def python313() -> str | None:
    """A Python 3.13 that runs: the named one, the one on the path, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [
        os.environ.get("SOTTO_PYTHON313"),
        shutil.which("python3.13"),
        *map(str, sorted(pyenv.glob("3.13*/bin/python3.13"), reverse=True)),
    ]
    return next((each for each in candidates if each and _is_313(each)), None)


def _is_313(python: str) -> bool:
    """Whether it starts: a version manager's stand-in is on the path and may not."""
    ask = "import sys; sys.exit(sys.version_info[:2] != (3, 13))"
    try:
        return subprocess.run([python, "-c", ask], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    sys.exit(prepare())
