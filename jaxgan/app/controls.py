"""Controls for a task's options, made from its signature and its docstring."""

from collections.abc import Callable, Iterable, Mapping, Sequence
import inspect
from typing import Any, NamedTuple

import gradio as gr

from jaxgan import options
from jaxgan.app import jobs, safety
from jaxgan.images import examples

NO_CHOICE = "any"


class Controls(NamedTuple):
  """The controls of some options.

  Attributes:
    components: all of them, to be an event's inputs.
    values: what the components hold -> {option: value}.
  """

  components: list[gr.components.Component]
  values: Callable[[Sequence[Any]], dict[str, Any]]


class Control(NamedTuple):
  """The control of one option: its components, and what they hold -> its value."""

  components: list[gr.components.Component]
  value: Callable[..., Any]


def make(
  task: Callable,
  choices: Mapping[str, Sequence[str] | options.Span],
  names: Iterable[str] | None = None,
  prefix: str = "",
  **defaults: Any,
) -> Controls:
  """Controls, in the layout that is open.

  Args:
    task: a task of a family.
    choices: see `experiments.Extras.choices`.
    names: of the options, those of the task that are named; by default all.
    prefix: of the controls' ids.
    **defaults: values to begin with, where they are not the task's own.
  """
  known, explained = options.keyword_only(task), options.explanations(task)
  chosen = [name for name in (known if names is None else names) if name in known]
  made = {
    name: _control(
      name,
      defaults.get(name, known[name].default),
      explained.get(name, ""),
      choices.get(name),
      f"{prefix}{name}",
    )
    for name in chosen
  }

  def values(held: Sequence[Any]) -> dict[str, Any]:
    result, first = {}, 0
    for name, control in made.items():
      count = len(control.components)
      result[name] = control.value(*held[first : first + count])
      first += count
    return result

  return Controls([x for control in made.values() for x in control.components], values)


def summary(task: Callable) -> str:
  """What a task does, from its docstring: all before its options."""
  return inspect.getdoc(task).partition("\n\nArgs:")[0]


def title(name: str) -> str:
  """The name of an option or a task for readers: "keep_color" to "Keep color"."""
  return name.replace("_", " ").capitalize()


def _control(
  name: str,
  default: Any,
  info: str,
  known: Sequence[str] | options.Span | None,
  elem_id: str,
) -> Control:
  """The control of an option: by its name, its known values, or its default's type."""
  common = {"label": title(name), "elem_id": elem_id, "interactive": True}
  if name in safety.FILES:
    return _file(name, info, common)
  common["info"] = info
  match known:
    case options.Several() if all("=" in value for value in known):
      return _menus(known, common)
    case options.Several():
      start = default.split(",") if default else []
      menu = gr.Dropdown(list(known), value=start, multiselect=True, **common)
      files = _more(name, common) if isinstance(known, options.SeveralOrFiles) else []
      return Control([menu, *files], _joined)
    case options.Span():
      whole = isinstance(default, int)
      low, high = min(known.low, default), max(known.high, default)
      step = 1 if whole else 0.05
      slider = gr.Slider(low, high, value=default, step=step, **common)
      return Control([slider], int if whole else float)
    case None:
      return _typed(default, common)
  return Control([gr.Dropdown(list(known), value=default, **common)], str)


def _typed(default: Any, common: Mapping[str, Any]) -> Control:
  match default:
    case bool():
      return Control([gr.Checkbox(default, **common)], bool)
    case int():
      return Control([gr.Number(default, precision=0, **common)], lambda x: x)
    case float():
      return Control([gr.Number(default, **common)], lambda x: x)
  return Control([gr.Textbox(default, max_lines=1, **common)], lambda x: x or "")


def _file(name: str, info: str, common: Mapping[str, Any]) -> Control:
  """An upload, or for an input one of the photographs that are shipped."""
  with gr.Group():
    upload = gr.File(type="filepath", file_count="single", height=120, **common)
    if name == "mask":
      return Control([upload], lambda path: jobs.upload(path) if path else "")
    known = [examples.PREFIX + x for x in examples.PHOTOGRAPHS]
    sample = gr.Dropdown(
      ["", *known],
      value="",
      label="or a photograph that is shipped",
      info=info,
      interactive=True,
    )
  return Control([upload, sample], chosen_file)


def _more(name: str, common: Mapping[str, Any]) -> list[gr.File]:
  """An upload of one more of an option's values."""
  label, elem_id = f"{title(name)}: an image of yours", f"{common['elem_id']}-file"
  return [gr.File(type="filepath", height=120, label=label, elem_id=elem_id)]


def _joined(chosen: Sequence[str] | None, *uploads: str | None) -> str:
  return ",".join([*(chosen or ()), *map(jobs.listed, filter(None, uploads))])


def chosen_file(path: str | None, sample: str | None) -> str:
  """An upload, or what is shipped in its place."""
  return jobs.upload(path) if path else (sample or "")


def _menus(known: Sequence[str], common: Mapping[str, Any]) -> Control:
  """A menu for each attribute of "attribute=value"s."""
  attributes: dict[str, list[str]] = {}
  for item in known:
    attribute, _, value = item.partition("=")
    attributes.setdefault(attribute, []).append(value)
  menus = [
    gr.Dropdown(
      [NO_CHOICE, *values],
      value=NO_CHOICE,
      label=title(attribute),
      elem_id=f"{common['elem_id']}-{attribute}",
      interactive=True,
    )
    for attribute, values in attributes.items()
  ]

  def joined(*chosen):
    pairs = zip(attributes, chosen, strict=True)
    return ",".join(f"{x}={y}" for x, y in pairs if y not in (None, NO_CHOICE))

  return Control(menus, joined)
