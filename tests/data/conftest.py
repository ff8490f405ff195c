"""A cache of every test's own, and a count of what is decoded."""

import pytest

from jaxgan.images import reader


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
  monkeypatch.setenv("JAXGAN_CACHE", str(tmp_path / "cache"))
  return tmp_path / "cache"


@pytest.fixture
def decodings(monkeypatch):
  """How often an image was decoded, as the length of a list."""
  calls = []
  decode = reader.decode

  def counted(*args, **kwargs):
    calls.append(1)
    return decode(*args, **kwargs)

  monkeypatch.setattr(reader, "decode", counted)
  return calls
