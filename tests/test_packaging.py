"""The container's files agree with the code, and open nothing to the network."""

import re

import yaml

from assistant.config.serving import Api
from tests.conftest import CHECKOUT

PACKAGING = CHECKOUT / "packaging"


def test_no_port_is_published_beyond_this_machine():
    compose = yaml.safe_load((PACKAGING / "compose.yaml").read_text("utf-8"))
    published = [port for each in compose["services"].values() for port in each.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert compose["services"]["sotto"]["cap_drop"] == ["ALL"]


def test_the_container_is_built_of_what_is_here_and_asked_where_it_listens():
    dockerfile = (PACKAGING / "Dockerfile").read_text("utf-8")
    copied = [
        word
        for line in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE)
        for word in line.split()
    ]
    assert {"assistant", "speech", "skills", "devices", "pyproject.toml"} <= set(copied)
    assert all((CHECKOUT / name).exists() for name in copied)
    ignored = (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in copied} <= set(ignored)
    assert f"127.0.0.1:{Api().port}/health" in dockerfile
    assert "USER sotto" in dockerfile
