"""`sotto doctor`: what this machine has, what it lacks, and the command that brings it."""

import importlib.util
import os
import platform
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_finding, print_json

if TYPE_CHECKING:
    from assistant.config.schema import Config

OK, WARN, MISSING = "ok", "warn", "missing"

SMALL_MEMORY_MB = 1_500
CONNECT_S = 2.0
WEATHER = "https://api.open-meteo.com"
MPD = ("127.0.0.1", 6600)


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `state` is ok, warn (it works without) or missing; `help` is what to type or do."""

    name: str
    state: str
    detail: str
    help: str = ""


def doctor(config: ConfigFile = None, json: Json = False) -> None:
    """Check this machine and name what would help.

    Leaves with 0 when nothing that is required is missing, else with 3.
    """
    checks = examine(config)
    if json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            print_finding(check.state, f"{check.name}: {check.detail}", check.help)
    if any(check.state == MISSING for check in checks):
        raise typer.Exit(3)


def examine(config_file: Path | None) -> list[Check]:
    """Make every check, side by side; a configuration that cannot be read is replaced by the default."""
    from assistant.config.errors import ConfigError
    from assistant.config.schema import Config

    try:
        loaded = load_config(config_file)
        config, read = (
            loaded.config,
            Check("configuration", OK, str(loaded.path or "none, defaults are in force")),
        )
    except ConfigError as error:
        config = Config()
        read = Check("configuration", MISSING, "; ".join(str(error).splitlines()), "sotto config check")
    parts: list[tuple[str, Callable[[Config], Iterator[Check]]]] = [
        ("Python", _python),
        ("machine", _machine),
        ("profile", _profile),
        ("models", _models),
        ("recognition", _tuned),
        ("sound", _sound_devices),
        ("espeak-ng", _espeak),
        ("broker", _broker),
        ("skills", _skills),
        ("music", _music),
        ("weather", _weather),
        ("graphics card", _cuda),
        ("torch", _torch),
    ]
    with ThreadPoolExecutor(max_workers=len(parts)) as pool:
        found = list(pool.map(lambda part: _safely(part[0], part[1], config), parts))
    return [read, *(check for checks in found for check in checks)]


def _safely(name: str, part: "Callable[[Config], Iterator[Check]]", config: "Config") -> list[Check]:
    try:
        return list(part(config))
    # A doctor that falls ill helps nobody: whatever a library or driver raises is a finding.
    except Exception as error:
        return [
            Check(name, WARN, f"could not be checked: {type(error).__name__}: {' '.join(str(error).split())}")
        ]


def _python(_: "Config") -> Iterator[Check]:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    yield Check("Python", OK if good else MISSING, version, "" if good else "install Python 3.11 or newer")


def _machine(_: "Config") -> Iterator[Check]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    detail = f"{platform.machine()}, {cores} cores, {memory_mb / 1000:.1f} GB memory"
    if memory_mb < SMALL_MEMORY_MB:
        small = '[recognition] model = "whisper-tiny.en" and [understanding] order = "local-only"'
        yield Check("machine", WARN, f"{detail}: little memory", small)
    else:
        yield Check("machine", OK, detail)


def _profile(config: "Config") -> Iterator[Check]:
    from assistant.config.profiles import choose

    chosen = choose(config.profile.name)
    yield Check("profile", OK, f"{chosen.name}: {chosen.why}")


def _models(config: "Config") -> Iterator[Check]:
    from assistant.weights.catalogue import find
    from assistant.weights.store import State, open_store

    store = open_store(config.models)
    for model_id in config.needed_models:
        state = store.state(model_id)
        size = f"{find(model_id).size / 1e6:.0f} MB"
        if state is State.PRESENT:
            yield Check(f"model {model_id}", OK, f"verified, {size}")
        else:
            yield Check(
                f"model {model_id}", MISSING, f"{state.value}, {size}", f"sotto models pull {model_id}"
            )
    own = config.language_model.path
    if own is not None and not own.is_file():
        yield Check("language model", MISSING, f"{own}: there is no such file", "set [language_model] path")


def _tuned(config: "Config") -> Iterator[Check]:
    from assistant.opening.tuning import decoder_of, is_tuned
    from assistant.weights.store import State, open_store

    wanted = config.recognition
    if wanted.engine == "openai-whisper" or wanted.device == "cuda":
        return
    if open_store(config.models).state(wanted.model) is State.PRESENT:
        if is_tuned(config):
            told = f"{wanted.model} is tuned for short orders, {decoder_of(config)} decodes"
            yield Check("recognition", OK, told)
        else:
            yield Check("recognition", WARN, "short orders could be faster", "sotto models tune")


def _sound_devices(config: "Config") -> Iterator[Check]:
    # One after the other: two threads that import a module which fails trip over each other.
    if config.listen.mode == "off":
        yield Check("microphone", OK, 'not listened to: [listen] mode is "off"')
    else:
        yield _sound("microphone", "input", config.listen.input_device)
    if config.voice.enabled:
        yield _sound("loudspeaker", "output", config.voice.output_device)


def _sound(name: str, kind: str, device: str | int | None) -> Check:
    try:
        import sounddevice
    except OSError:  # the package is there, the library below it is not
        return Check(name, MISSING, "PortAudio is not installed", "sudo apt install libportaudio2")
    try:
        found = sounddevice.query_devices(device, kind)
    except (sounddevice.PortAudioError, ValueError) as error:
        section = "listen" if kind == "input" else "voice"
        wanted = f"set [{section}] {kind}_device" if device is not None else "connect one"
        reason = "there is none" if device is None else f"{device!r}: {' '.join(str(error).split())}"
        help_ = f"{wanted}; `python -m sounddevice` lists what there is; recordings work without"
        return Check(name, MISSING, reason, help_)
    return Check(name, OK, str(found["name"]))


def _espeak(config: "Config") -> Iterator[Check]:
    if not config.voice.enabled:
        return
    from speech.synthesis.engine import SynthesisError
    from speech.synthesis.espeak import EspeakProcess

    process = EspeakProcess(timeout_s=CONNECT_S * 2)
    try:
        yield Check("espeak-ng", OK, process.start())
    except SynthesisError as error:
        yield Check("espeak-ng", MISSING, str(error), "sudo apt install espeak-ng")
    finally:
        process.close()


def _broker(config: "Config") -> Iterator[Check]:
    mqtt = config.mqtt
    if mqtt.host is None:
        yield Check("MQTT broker", OK, "none configured, so one runs inside")
    elif problem := unreachable(mqtt.host, mqtt.port):
        advice = "start it, correct [mqtt] host and port, or remove them to use the one inside"
        yield Check("MQTT broker", MISSING, f"{mqtt.host}:{mqtt.port}: {problem}", advice)
    else:
        yield Check("MQTT broker", OK, f"{mqtt.host}:{mqtt.port}")
    yield from _readable(mqtt.ca_file, "mqtt.ca_file")
    yield from _readable(mqtt.password_file, "mqtt.password_file")
    if mqtt.password_file is not None and mqtt.password_file.is_file():
        others = mqtt.password_file.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH)
        if others:
            advice = f"chmod 600 {mqtt.password_file}"
            yield Check("mqtt.password_file", WARN, "every user of this machine can read it", advice)


def _readable(path: Path | None, name: str) -> Iterator[Check]:
    if path is not None and not os.access(path, os.R_OK):
        why = "it may not be read" if path.exists() else "there is no such file"
        yield Check(name, MISSING, f"{path}: {why}", f"correct [mqtt] {name.partition('.')[2]}")


def _skills(config: "Config") -> Iterator[Check]:
    from skills.registry import Registry

    registry = Registry.load(config.skills)
    detail = ", ".join(registry.skills) or "none could be loaded"
    yield Check(
        "skills",
        OK if registry.skills else MISSING,
        detail,
        "" if registry.skills else "pip install --force-reinstall sotto-voce",
    )
    for problem in registry.problems:
        yield Check("skill", WARN, problem, "repair or uninstall that package")


def _music(config: "Config") -> Iterator[Check]:
    settings: Mapping[str, Any] = config.skills.get("music", {})
    host, port = str(settings.get("host", MPD[0])), int(settings.get("port", MPD[1]))
    if problem := unreachable(host, port):
        advice = "for music: sudo apt install mpd, or set [skills.music] host and port"
        yield Check("music (MPD)", WARN, f"{host}:{port}: {problem}", advice)
    else:
        yield Check("music (MPD)", OK, f"{host}:{port}")


def _weather(config: "Config") -> Iterator[Check]:
    url = urlsplit(str(config.skills.get("weather", {}).get("forecast_url", WEATHER)))
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    if problem := unreachable(host, port):
        yield Check("weather (Open-Meteo)", WARN, f"{host}: {problem}", "for weather: connect to the network")
    else:
        yield Check("weather (Open-Meteo)", OK, host)


def _cuda(config: "Config") -> Iterator[Check]:
    import ctranslate2

    cards = ctranslate2.get_cuda_device_count()
    if cards:
        yield Check("graphics card", OK, f"{cards} with CUDA")
    elif config.recognition.device == "cuda":
        advice = 'set [recognition] device = "auto", or install the CUDA driver'
        yield Check("graphics card", MISSING, "none with CUDA, but it is configured", advice)
    else:
        yield Check("graphics card", OK, "none with CUDA; the processor does it")


def _torch(_: "Config") -> Iterator[Check]:
    there = importlib.util.find_spec("torch") is not None
    yield Check("torch extra", OK, "installed" if there else "not installed, and not needed")


def unreachable(host: str, port: int) -> str:
    """Why a TCP connection cannot be made, or an empty string. `host` may be a socket's path, as MPD's."""
    try:
        if host.startswith("/"):
            with socket.socket(socket.AF_UNIX) as local:
                local.settimeout(CONNECT_S)
                local.connect(host)
        else:
            socket.create_connection((host, port), timeout=CONNECT_S).close()
    except socket.gaierror:
        return "no such host, or no network"
    except TimeoutError:
        return f"no answer within {CONNECT_S:.0f} s"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""
