"""A run that is continued with other images says so."""

import pytest

from jaxgan import errors
from jaxgan.engine import same_data
from tests.engine import toy

pytestmark = pytest.mark.usefixtures("one_device")
SAYS = "the images have changed since this run began"


def with_data(**digests):
  return [stage._replace(data=digests.get(stage.name, "")) for stage in toy.make()]


def test_changed_images_are_told_at_each_start(tmp_path, logged):
  names = [stage.name for stage in toy.make()]
  before, after = ({name: data for name in names} for data in ("ab", "cd"))
  same_data.remark(tmp_path, with_data(**before), begun=False)
  same_data.remark(tmp_path, with_data(**after), begun=False)  # Nothing is saved yet.
  same_data.remark(tmp_path, with_data(**after), begun=True)
  assert SAYS not in " ".join(logged)
  for _ in range(2):
    same_data.remark(tmp_path, with_data(**before), begun=True)
    assert SAYS in logged.pop()


def test_runs_of_earlier_versions_begin_to_be_watched(tmp_path, logged):
  same_data.remark(tmp_path, toy.make(), begun=True)
  assert (tmp_path / same_data.FILE).is_file() and SAYS not in " ".join(logged)


def test_a_file_that_is_damaged_or_cannot_be_written_is_no_traceback(tmp_path, logged):
  path = tmp_path / same_data.FILE
  path.write_text("[")
  same_data.remark(tmp_path, toy.make(), begun=True)
  assert SAYS not in " ".join(logged)
  with pytest.raises(errors.UserError, match="cannot write"):
    same_data.remark(path, toy.make(), begun=False)
