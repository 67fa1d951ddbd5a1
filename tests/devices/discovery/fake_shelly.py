"""A Shelly of the second generation that lives on a broker, or in a test's own hands."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.mqtt import MqttLink

PAYLOADS = Path(__file__).parent / "payloads/shelly"


class FakeShelly:
    """Answers calls as the device in `payloads/shelly/<model>.json` would, and does what it is told.

    `refuses` makes it refuse orders, in the words that it is given.
    """

    def __init__(self, model: str, *, prefix: str = "") -> None:
        self._answers: dict[str, Any] = json.loads((PAYLOADS / f"{model}.json").read_text())
        self.id: str = self._answers["Shelly.GetDeviceInfo"]["id"]
        self.mac: str = self._answers["Shelly.GetDeviceInfo"]["mac"]
        self.prefix = prefix or self.id
        self.status: dict[str, Any] = self._answers["Shelly.GetStatus"]
        self.config: dict[str, Any] = self._answers["Shelly.GetConfig"]
        self.calls: list[Mapping[str, Any]] = []
        self.refuses = ""
        self._running: set[asyncio.Future[None]] = set()

    def answer(self, payload: str | bytes) -> tuple[str, str]:
        """Where it answers a call, and what."""
        call = json.loads(payload)
        self.calls.append(call)
        frame = {"id": call["id"], "src": self.id, "dst": call["src"]}
        known = self._answers.get(call["method"])
        if known is not None:
            frame["result"] = known
        elif self.refuses and not call["method"].endswith("GetStatus"):
            frame["error"] = {"code": -109, "message": self.refuses}
        else:
            frame["result"] = self._component(call["method"], call["params"])
        return f"{call['src']}/rpc", json.dumps(frame)

    def _component(self, method: str, params: Mapping[str, Any]) -> Any:
        type_, _, verb = method.partition(".")
        said = self.status[f"{type_.lower()}:{params['id']}"]
        if verb == "GetStatus":
            return said
        match verb:
            case "Set":
                was_on = said["output"]
                said |= {key: value for key, value in params.items() if key not in ("id", "on")}
                said["output"] = params.get("on", was_on)
                return {"was_on": was_on}
            case "SetConfig":
                said |= params["config"]
                return {"restart_required": False}
            case "GoToPosition" | "Open" | "Close":
                target = {"Open": 100, "Close": 0}.get(verb, params.get("pos"))
                if target is not None:
                    closing = verb == "Close" or (said["pos_control"] and target < said["current_pos"])
                    said |= {"state": "closing" if closing else "opening", "target_pos": target}
                said["slat_pos"] = params.get("slat_pos", said.get("slat_pos"))
                return None
            case "Stop":
                said["state"] = "stopped"
                return None
        raise AssertionError(f"no device knows {method}")

    def notifies(self, **components: Any) -> tuple[str, str]:
        """What it says by itself on `<prefix>/events/rpc`; `switch_0={…}` stands for switch:0."""
        params = {key[::-1].replace("_", ":", 1)[::-1]: said for key, said in components.items()}
        frame = {"src": self.id, "dst": f"{self.prefix}/events", "method": "NotifyStatus", "params": params}
        return f"{self.prefix}/events/rpc", json.dumps(frame)

    def arrives(self) -> tuple[str, str]:
        """What it says when its cover has come to where it was sent."""
        said = self.status["cover:0"]
        target = said.pop("target_pos", None)
        if target is not None:
            said |= {"state": "open" if target else "closed"}
            said |= {"current_pos": target} if said["pos_control"] else {}
        return self.notifies(cover_0=said)

    async def plug_in(self, link: MqttLink) -> None:
        """Live on a broker: say that it is online, and answer."""

        def called(topic: str, payload: bytes, kept: bool) -> None:
            assert not kept, "an order must never be retained"
            self._running.add(asyncio.ensure_future(link.publish(*self.answer(payload))))

        link.subscribe(f"{self.prefix}/rpc", called)
        await link.publish(f"{self.prefix}/online", "true", retain=True)
