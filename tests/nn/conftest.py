"""What a network does on the CPU, it does on any backend: ``device`` is the CPU, then one of the reference plugin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ndgrad as nd

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins" / "reference" / "src"))


@pytest.fixture
def reference() -> None:
    """Registers the reference plugin, whose devices are ``ref:0`` and ``ref:1``."""
    from ndgrad_reference import plugin

    if "ref" not in nd.plugins.manager.backends:
        nd.plugins.register(plugin, "ref")


@pytest.fixture(params=["cpu", "ref:1"])
def device(request: pytest.FixtureRequest, reference: None) -> Iterator[str]:
    with nd.set_default_device(request.param):
        yield request.param


@pytest.fixture(autouse=True)
def _seed() -> None:
    nd.manual_seed(0)
