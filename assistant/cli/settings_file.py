"""Setting keys in a person's own sotto.toml: everything else in it, comments included, stays as it is."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from assistant.config.errors import ConfigError
from assistant.config.load import load


class SettingsFile:
    """One configuration file, which need not exist yet."""

    def __init__(self, path: Path) -> None:
        """Raises `ConfigError` for one that cannot be read."""
        self.path = path.expanduser()
        try:
            self._text = self.path.read_text("utf-8") if self.path.exists() else ""
            tomlkit.parse(self._text)
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise ConfigError(f"{self.path}: {error}; `sotto config check` tells more") from error

    def set(self, section: str, **values: Any) -> None:
        """Set keys of a section; None removes one. Written at once, whole or not at all.

        Raises `ConfigError`, and changes nothing, when the file would then be wrong.
        """
        document = tomlkit.parse(self._text)
        table = document.get(section)
        if table is None:
            table = document[section] = tomlkit.table()
        for key, value in values.items():
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value
        if not table:
            document.remove(section)
        text = tomlkit.dumps(document)
        if text == self._text:
            return
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(text, "utf-8")
            load(fresh)
            fresh.replace(self.path)
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror}") from error
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
        self._text = text

    def keep_secret(self, name: str, secret: str) -> Path:
        """Write a secret to a file beside the configuration that only its owner may read."""
        file = self.path.with_name(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(secret + "\n", "utf-8")
        return file
