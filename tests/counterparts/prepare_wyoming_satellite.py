"""Installs the real wyoming-satellite, once: `python -m tests.counterparts.prepare_wyoming_satellite`.

It wants older versions of what we use, so it has an environment of its own (8 MB, some seconds).
"""

import subprocess
import sys
import venv
from pathlib import Path

from platformdirs import user_cache_path

VERSION = "1.0.0"
FOLDER: Path = user_cache_path("sotto-voce") / "counterparts" / f"wyoming-satellite-{VERSION}"
HOW = "make test-wyoming, or python -m tests.counterparts.prepare_wyoming_satellite"

_DONE = FOLDER / "installed"


def is_prepared() -> bool:
    """Whether it is there as a whole."""
    return _DONE.exists()


def python() -> Path:
    """The interpreter that has it."""
    return FOLDER / "bin" / "python"


def prepare() -> None:
    """Install it unless it is there. Ends with one line when that is not possible."""
    if is_prepared():
        print(f"wyoming-satellite {VERSION} is there: {FOLDER}")
        return
    venv.create(FOLDER, clear=True, with_pip=True)
    install = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # zeroconf, which it pins for announcing itself, has no wheels for newer Pythons; any will do.
    needs = ["wyoming==1.4.1", "pyring-buffer==1.0.0", "zeroconf"]
    own = ["--no-deps", f"wyoming-satellite=={VERSION}"]
    for wanted in (needs, own):
        if subprocess.run([*install, *wanted], check=False).returncode != 0:
            raise SystemExit("pip could not install wyoming-satellite; what it said is above")
    _DONE.touch()
    print(f"wyoming-satellite {VERSION} is ready")


if __name__ == "__main__":
    sys.exit(prepare())
