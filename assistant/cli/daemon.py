"""The command line's way to the running daemon, if there is one with the same configuration."""

import os
import ssl
from pathlib import Path
from typing import Annotated, Any

import typer

CONNECT_S = 2.0
TURN_S = 180.0
SPEAKING_S = 900.0

Here = Annotated[bool, typer.Option("--here", help="Do it in this process, even if `sotto run` is running.")]


class DaemonError(Exception):
    """The running assistant did not do it; the message is one line."""


class Running:
    """The daemon, as it can be asked."""

    def __init__(self, url: str, token: str, cert: str = "") -> None:
        self._url = url
        self._token = token
        self._cert = cert

    def is_there(self) -> bool:
        """Whether somebody answers."""
        import httpx

        try:
            return bool(self._call("GET", "/health", None, CONNECT_S).text == "ok")
        except (httpx.HTTPError, OSError):
            return False

    def ask(self, text: str, room: str | None, language: str | None, dialogue: str) -> dict[str, Any]:
        """Obey a written order; return the object that `sotto ask --json` prints."""
        body = {"text": text, "room": room, "language": language, "dialogue": dialogue}
        turn = self.send("POST", "/v1/ask", body, TURN_S)
        turn.pop("why", None)
        return dict(turn)

    def send(self, method: str, path: str, body: Any = None, timeout_s: float = TURN_S) -> Any:
        """Return what the daemon answers. Raises `DaemonError`."""
        import httpx

        try:
            came = self._call(method, path, body, timeout_s)
        except (httpx.HTTPError, OSError) as error:
            why = str(error) or type(error).__name__
            raise DaemonError(f"the running assistant at {self._url} did not answer: {why}") from error
        if came.status_code == 401:
            raise DaemonError(f"the assistant at {self._url} does not take our token: is it somebody else's?")
        answer = came.json()
        if came.is_error:
            raise DaemonError(f"the running assistant says: {answer.get('detail', came.status_code)}")
        return answer

    def _call(self, method: str, path: str, body: Any, timeout_s: float) -> Any:
        import httpx

        verify: ssl.SSLContext | bool = True
        if self._cert:  # its own certificate, whatever name is on it
            verify = ssl.create_default_context(cafile=self._cert)
            verify.check_hostname = False
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_S)
        with httpx.Client(verify=verify, trust_env=False, timeout=timeout) as client:
            return client.request(
                method, self._url + path, json=body, headers={"Authorization": f"Bearer {self._token}"}
            )


def running(config: Path | None) -> Running | None:
    """The daemon that runs with this configuration file (None: the default one), if there is one."""
    from platformdirs import user_data_path

    from assistant.serve.api.address import config_name, find

    address = find(Path(user_data_path("sotto-voce")))
    if address is None or address.config != config_name(config) or not _alive(address.pid):
        return None
    try:
        token = Path(address.token_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    found = Running(address.url, token, address.cert)
    return found if found.is_there() else None


def must_run(config: Path | None) -> Running:
    """The same. Raises `DaemonError` when there is none."""
    found = running(config)
    if found is None:
        raise DaemonError("no assistant is running with this configuration: start it with `sotto run`")
    return found


def _alive(pid: int) -> bool:
    """Whether the process that left the address is there: nobody else is shown the token."""
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return pid > 0
