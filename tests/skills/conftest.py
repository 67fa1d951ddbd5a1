import sys

import pytest

from skills.isolation import PluginHost
from tests.skills.surroundings import Plugins


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Plugins to be loaded; their threads end with the test."""
    hosts = []

    class Host(PluginHost):
        def __init__(self, *given):
            super().__init__(*given)
            hosts.append(self)

    monkeypatch.setattr("skills.registry.PluginHost", Host)
    monkeypatch.syspath_prepend(tmp_path)
    yield Plugins(tmp_path)
    for host in hosts:
        host.close()
    for module in [each for each in sys.modules if each.startswith("plugin_")]:
        del sys.modules[module]
