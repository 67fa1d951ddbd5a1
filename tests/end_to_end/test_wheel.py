"""The wheel, installed beside somebody else's package that has a module called `skills`."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

THEIRS = "raise ImportError('this is somebody else')\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of an environment with our wheel beside a foreign `skills`."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(CHECKOUT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    venv.create(folder / "venv", with_pip=True)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    # What our wheel depends on comes from the environment that runs the tests: it is the same.
    (site / "dependencies.pth").write_text(_dependencies(folder))
    (site / "skills").mkdir()
    (site / "skills" / "__init__.py").write_text(THEIRS)
    wheel = next(folder.glob("*.whl"))
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    assert (site / "skills" / "__init__.py").read_text() == THEIRS
    return python.parent


def _dependencies(folder: Path) -> str:
    """A folder of links to every installed package but ours."""
    links = folder / "dependencies"
    links.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "sotto_voce" not in entry.name and entry.suffix != ".pth":
            (links / entry.name).symlink_to(entry)
    return f"{links}\n"


def sotto(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [installed / "sotto", *arguments], capture_output=True, text=True, timeout=120, cwd=cwd, env=clean
    )


def test_our_skills_are_ours_and_theirs_stay_theirs(installed: Path, tmp_path: Path) -> None:
    done = sotto(installed, "skills", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ('"lights"', '"weather"', '"music"'))
    theirs = [installed / "python", "-c", "import skills"]
    assert "somebody else" in subprocess.run(theirs, capture_output=True, text=True, cwd=tmp_path).stderr


def test_a_plugins_own_tests_reach_the_contract(installed: Path, tmp_path: Path) -> None:
    code = "import sotto_voce; from skills.api import API_VERSION; print(API_VERSION)"
    done = subprocess.run([installed / "python", "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "1", done.stderr


def test_data_files_travel_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = sotto(installed, "models", "list", "--json", cwd=tmp_path)
    assert "whisper-base" in done.stdout, done.stderr
