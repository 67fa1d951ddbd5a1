"""What the figures were measured on: facts that matter for speed, none that tell whose machine it is."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = (
    "sotto-voce",
    "ctranslate2",
    "onnxruntime",
    "xllamacpp",
    "faster-whisper",
    "torch",
    "openai-whisper",
    "llama-cpp-python",
)


def facts() -> dict[str, str | int | float]:
    """Processor, cores, memory, load, Python and the versions of the engines."""
    found: dict[str, str | int | float] = {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "load_before": round(os.getloadavg()[0], 2),  # above about 0.5, something else was running too
        "system": platform.system(),
        "python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() in ("model name", "Model"):
                return value.strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
