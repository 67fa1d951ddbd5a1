"""What a test needs from the machine: without it the test is skipped, or fails when everything is required."""

import os

import pytest


def require(what: str, present: bool, how: str) -> None:
    """Skip unless `present`; with SOTTO_REQUIRE=all a missing counterpart is a failure. `how` says what brings it."""
    if present:
        return
    if os.environ.get("SOTTO_REQUIRE") == "all":
        pytest.fail(f"{what} is required and not there: {how}")
    pytest.skip(f"{what} is not there: {how}")
