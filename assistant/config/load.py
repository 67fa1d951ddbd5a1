"""Reading the configuration: the file, the environment on top, and where each value came from."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from assistant.config.errors import ConfigError
from assistant.config.lines import key_lines
from assistant.config.profiles import choose, settings_of
from assistant.config.schema import Config
from assistant.config.upgrades import upgrade

PREFIX = "SOTTO_"
BETWEEN = "__"

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration in force.

    `origin` maps each dotted key to "default", "FILE:LINE" or "environment SOTTO_MQTT__HOST". `path` is the
    file that was read, None when there was none.
    """

    config: Config
    origin: Mapping[str, str]
    path: Path | None


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    data: Mapping[str, Any]
    lines: Mapping[_Key, int]

    def place(self, key: _Key) -> str | None:
        """`FILE:LINE` of a key, or of the nearest thing above it that the file has."""
        for depth in range(len(key), 0, -1):
            if key[:depth] in self.lines:
                return f"{self.path.name}:{self.lines[key[:depth]]}"
        return None


class _Environment(BaseSettings, Config):  # type: ignore[misc]  # pydantic joins the two model_configs
    """The same keys, for the environment's reader."""


def default_path() -> Path:
    """Where the configuration lies when nobody names another file."""
    import platformdirs

    return Path(platformdirs.user_config_path("sotto-voce")) / "sotto.toml"


def load(path: Path | None = None) -> Loaded:
    """Read the named file, else the one in SOTTO_CONFIG, else the default one; then the environment.

    A named file must exist; the default one need not. Raises `ConfigError`.
    """
    named = path or (Path(os.environ["SOTTO_CONFIG"]) if os.environ.get("SOTTO_CONFIG") else None)
    file = _read(named or default_path(), required=named is not None)
    environment = _environment()
    data = _fitted(_merge(file.data if file else {}, environment))
    folder = file.path.absolute().parent if file else Path.cwd()
    try:
        config = Config.model_validate(data, context={"folder": folder})
    except ValidationError as error:
        raise ConfigError("\n".join(_problems(error, file, environment))) from None
    origin = {".".join(key): _origin(key, file, environment) for key in _leaves(config.model_dump())}
    return Loaded(config, origin, file.path if file else None)


def _fitted(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, above what the machine's profile says."""
    profile, home = said.get("profile"), said.get("home")
    chosen = choose(profile.get("name") if isinstance(profile, Mapping) else None)
    language = home.get("language") if isinstance(home, Mapping) else None
    return _merge(settings_of(chosen.name, language), said)


def _read(path: Path, *, required: bool) -> _File | None:
    try:
        text = path.expanduser().read_text("utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        if not required:
            return None
        raise ConfigError(
            f"{path}: there is no such file; leave --config away to use {default_path()}"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: this is not text in UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_syntax(path, text, str(error))) from error
    upgrade(data, path.name)
    return _File(path.expanduser(), data, key_lines(text))


def _syntax(path: Path, text: str, message: str) -> str:
    found = re.search(r"^(.*?) \(at line (\d+), column \d+\)$", message)
    if found:
        return f"{path.name}:{found[2]}: {found[1]}"
    return f"{path.name}:{text.rstrip().count(chr(10)) + 1}: {message.removesuffix(' (at end of document)')}"


def _environment() -> dict[str, Any]:
    """What the variables SOTTO_<SECTION>__<KEY> say, nested. Raises `ConfigError`."""
    for name in os.environ:
        section, between, _ = name.upper().removeprefix(PREFIX).partition(BETWEEN)
        if name.upper().startswith(PREFIX) and between and section.lower() not in Config.model_fields:
            hint = _hint(section.lower(), Config.model_fields)
            raise ConfigError(f'environment {name}: unknown section "{section.lower()}"{hint}')
    try:
        return EnvSettingsSource(_Environment, env_prefix=PREFIX, env_nested_delimiter=BETWEEN)()
    except SettingsError as error:
        raise ConfigError(_undecodable(error)) from error


def _undecodable(error: SettingsError) -> str:
    wrong = error.__cause__.doc if isinstance(error.__cause__, json.JSONDecodeError) else None
    names = [name for name, value in os.environ.items() if name.startswith(PREFIX) and value == wrong]
    return f'environment {" or ".join(names)}: a list or table is written as JSON here, as in ["a", "b"]'


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            value = _merge(under, value)
        merged[key] = value
    return merged


def _leaves(value: Mapping[str, Any], above: _Key = ()) -> Iterator[_Key]:
    for name, each in value.items():
        key = (*above, name)
        if isinstance(each, Mapping) and each:
            yield from _leaves(each, key)
        else:
            yield key


def _origin(key: _Key, file: _File | None, environment: Mapping[str, Any]) -> str:
    if _has(environment, key):
        return f"environment {_variable(key)}"
    if file is not None and _has(file.data, key):
        return file.place(key) or file.path.name
    return "default"


def _has(data: Any, key: _Key) -> bool:
    """Whether `data` says something about `key`. A list there stands for the table made of it."""
    for name in key:
        if not isinstance(data, Mapping):
            return data is not None
        if name not in data:
            return False
        data = data[name]
    return True


def _variable(key: _Key) -> str:
    """The environment variable that set a key: its own, or one that set a whole table above it."""
    names = {name.upper(): name for name in os.environ}
    for depth in range(len(key), 0, -1):
        wanted = PREFIX + BETWEEN.join(key[:depth]).upper()
        if wanted in names:
            return names[wanted]
    return PREFIX + BETWEEN.join(key).upper()


def _problems(error: ValidationError, file: _File | None, environment: Mapping[str, Any]) -> list[str]:
    """One line for each, in the order of the file."""
    placed = []
    for each in error.errors(include_url=False):
        key = tuple(part for part in map(str, each["loc"]) if part not in ("str", "int"))
        fits = _has(environment, key[:2]) and _variable(key) in os.environ
        place = f"environment {_variable(key)}" if fits else file.place(key) if file else None
        line = file.lines.get(key, 0) if file and not fits else 0
        placed.append((line, f"{place or 'configuration'}: {_sentence(key, each)}"))
    return [text for _, text in sorted(placed, key=lambda pair: pair[0])]


def _sentence(key: _Key, error: Mapping[str, Any]) -> str:
    dotted = ".".join(key)
    if error["type"] == "extra_forbidden":
        what = "key" if len(key) > 1 else "section"
        return f'unknown {what} "{dotted}"{_hint(key[-1], _fields(key[:-1]))}'
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    given = error["input"]
    shown = "" if isinstance(given, Mapping | list) else f", not {json.dumps(given, default=str)}"
    if error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        message = "this is a table, written [section] or { key = value }"
    if error["type"].endswith("_parsing"):  # "..., unable to parse string as an integer"
        message = message.split(", unable")[0]
    if error["type"] == "value_error":
        shown = ""
    return f"{dotted}: {message[:1].lower()}{message[1:]}{shown}"


def _hint(word: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; there are {', '.join(known)}" if known else ""


def _fields(key: _Key) -> Mapping[str, Any]:
    """The fields of the section that lies at `key`."""
    model: type[BaseModel] = Config
    for name in key:
        field = model.model_fields.get(name)
        if field is None:  # a name that the user chose, as in home.rooms.kitchen
            continue
        inner = [each for each in (field.annotation, *get_args(field.annotation)) if isinstance(each, type)]
        model = next((each for each in inner if issubclass(each, BaseModel)), model)
    return model.model_fields
