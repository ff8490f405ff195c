"""Labels from folders and CSV files."""

import pytest

from jaxgan import errors
from jaxgan.data import labels


def test_folders_are_classes():
  values, classes = labels.from_folders(["cat/a.png", "dog/a.png", "cat/b.png"])
  assert classes == {"class": ("cat", "dog")}
  assert values["class"].tolist() == [0, 1, 0]
  assert values["class"].dtype == "int32"


@pytest.mark.parametrize(
  "names",
  [
    ["cat/a.png", "cat/b.png"],
    ["cat/a.png", "dog/b.png", "c.png"],
    ["cat/a.png", "dog/old/b.png"],
    ["a.png", "b.png"],
    [],
  ],
)
def test_other_layouts_are_not_classes(names):
  assert labels.from_folders(names) == ({}, {})


def test_folders_named_by_numbers_are_in_order():
  _, classes = labels.from_folders([f"{i}/a.png" for i in (10, 9, 2)])
  assert classes["class"] == ("2", "9", "10")


def test_csv_by_path_or_bare_name_and_unknown(tmp_path):
  path = tmp_path / "tags.csv"
  path.write_text(
    "\ufefffile,hair,eyes\nsub/a.png,red,blue\nb.png, blue ,\ngone.png,green,red\n"
    "short.png,red\n",
    encoding="utf-8",
  )
  names = ["sub/a.png", "deep/b.png", "c.png", "short.png"]
  values, classes = labels.from_csv(str(path), names)
  # Green only belongs to a file that is not there.
  assert classes == {"hair": ("blue", "red"), "eyes": ("blue",)}
  assert values["hair"].tolist() == [1, 0, -1, 1]
  assert values["eyes"].tolist() == [0, -1, -1, -1]


@pytest.mark.parametrize(
  ("text", "complaint"),
  [
    (None, "cannot read"),
    ("", "header"),
    ("file\na.png\n", "header"),
    ("file,image\na.png,1\n", "header"),
    ("file,hair\nz.png,red\n", "no row names"),
  ],
)
def test_a_useless_csv_is_the_users_error(tmp_path, text, complaint):
  path = tmp_path / "tags.csv"
  if text is not None:
    path.write_text(text)
  with pytest.raises(errors.UserError, match=complaint):
    labels.from_csv(str(path), ["a.png"])


def test_find_class():
  classes = {"hair": ("blue", "red"), "eyes": ("blue", "green")}
  assert labels.find_class("red", classes) == ("hair", 1)
  assert labels.find_class("eyes=blue", classes) == ("eyes", 0)
  with pytest.raises(errors.UserError, match="hair=blue or eyes=blue"):
    labels.find_class("blue", classes)
  with pytest.raises(errors.UserError, match="did you mean 'green'"):
    labels.find_class("gren", classes)
  with pytest.raises(errors.UserError, match="no classes"):
    labels.find_class("horse", {})
