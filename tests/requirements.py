"""What a test needs from the machine: without it the test is skipped, or fails if nothing may be missing."""

import os

import pytest


def require(what: str, present: bool, how: str) -> None:
    """Skip unless `present`, or fail with SOTTO_REQUIRE=all. `how` says what brings it."""
    if present:
        return
    if os.environ.get("SOTTO_REQUIRE") == "all":
        pytest.fail(f"{what} is required and not there: {how}")
    pytest.skip(f"{what} is not there: {how}")
