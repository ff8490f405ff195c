"""The family that a page builds is there to be imported."""

import pytest

from tests.docs.pages import OWN


@pytest.fixture(autouse=True)
def _own_package(monkeypatch):
  monkeypatch.syspath_prepend(OWN)
