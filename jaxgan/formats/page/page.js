// The page of one model. Which controls there are follows from model.json, which describes
// the inputs and the result; worker.js runs the model.

import { canvases, cut, resized } from "./images.js";
import { between, joined, noise, product, random } from "./numbers.js";

const FRAMES = 16; // Of a walk.

export const find = (id) => document.getElementById(id);

export function tell(text, isError = false) {
  find("status").textContent = text;
  find("status").className = isError ? "error" : "";
}

export class Page {
  // Of a model in model.json, and a function that runs it: feeds to a promise of images.
  constructor(about, ask) {
    this.about = about;
    this.ask = ask;
    const of = (...kinds) => about.inputs.filter((input) => kinds.includes(input.kind));
    this.noises = of("normal", "uniform");
    this.choices = of("choice");
    this.mixtures = of("mixture");
    this.photograph = of("image")[0];
    this.made = [];
    this.build();
  }

  // Takes away what is shown, for the next model's.
  close() {
    clearInterval(this.timer);
    find("controls").replaceChildren();
    find("images").replaceChildren();
    for (const element of [find("walk"), find("frame"), this.film()])
      element.hidden = true;
  }

  film() {
    return find("walk").querySelector("canvas");
  }

  // Images [h, w] as canvases, of tensors by the inputs' names.
  async run(feeds) {
    const began = performance.now();
    const { values, dims } = await this.ask(feeds);
    this.last = { feeds, values, dims };
    this.seconds = (performance.now() - began) / 1000;
    return canvases(values, dims);
  }

  // Controls

  build() {
    const form = find("controls");
    const add = (text, element, wide = false) => {
      const label = document.createElement("label");
      label.className = wide ? "wide" : "";
      label.append(text, element);
      form.append(label);
      return element;
    };
    const make = (kind, fields) => Object.assign(document.createElement(kind), fields);
    const menu = (texts, values) => {
      const element = make("select", {});
      texts.forEach((text, i) => element.append(new Option(text, values[i])));
      return element;
    };
    if (this.photograph) {
      const fields = { type: "file", accept: "image/*", id: "file" };
      this.file = add("photograph", make("input", fields), true);
      const sides = [256, 384, 512, 768, 1024];
      this.limit = add("longer side, pixels", menu(sides.map(String), sides));
      Object.assign(this.limit, { id: "side", value: 512 });
      this.file.onchange = () => this.make();
    }
    for (const { name, names } of this.choices) {
      const numbers = names.map((_, i) => i);
      add(name, menu(["any", ...names], [-1, ...numbers])).id = `choice_${name}`;
    }
    for (const { name, names } of this.mixtures)
      names.forEach((text, i) => {
        const fields = { type: "range", min: 0, max: 100, value: i ? 0 : 100 };
        const slider = add(text.replaceAll("_", " "), make("input", fields));
        slider.id = `${name}_${i}`;
        slider.onchange = () => this.file?.files.length && this.make();
      });
    if (this.noises.length) {
      const fields = { type: "number", min: 0, value: 1, id: "seed" };
      this.seed = add("seed", make("input", fields));
      this.count = add("images", menu([1, 4, 8, 16], [1, 4, 8, 16]));
      Object.assign(this.count, { id: "count", value: 8 });
      find("walk").hidden = false;
      find("go").onclick = () => this.alone(() => this.walk());
    }
    form.append(make("button", { type: "submit", id: "make", textContent: "Make" }));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.make();
    };
    if (this.noises.length && !this.photograph) this.make();
  }

  // One computation at a time; the last that was asked for meanwhile comes after it.
  async alone(work) {
    if (this.busy) {
      this.next = work;
      return;
    }
    this.busy = find("model").disabled = true;
    tell("Computing.");
    try {
      tell((await work()) ?? `Ready: ${this.seconds.toFixed(1)} s.`);
    } catch (error) {
      tell(error.message, true);
    }
    this.busy = find("model").disabled = false;
    const next = this.next;
    this.next = undefined;
    if (next) this.alone(next);
  }

  make() {
    return this.alone(() => (this.photograph ? this.repaint() : this.sample()));
  }

  mixed(count) {
    return Object.fromEntries(
      this.mixtures.map(({ name, names }) => {
        const shares = names.map((_, i) => Number(find(`${name}_${i}`).value));
        const sum = shares.reduce((a, b) => a + b);
        if (!sum) throw new Error("All sliders are at 0: move one.");
        const row = shares.map((share) => share / sum);
        const values = Float32Array.from(Array(count).fill(row).flat());
        return [name, { type: "float32", values, dims: [count, names.length] }];
      }));
  }

  // New images of noise

  feedsOf(number, draw) {
    const feeds = {};
    for (const input of this.noises) {
      const dims = [1, ...input.shape.slice(1)];
      feeds[input.name] = { type: "float32", values: noise(input, product(dims), draw), dims };
    }
    for (const { name, names } of this.choices) {
      const chosen = Number(find(`choice_${name}`).value);
      const any = Math.floor(draw() * names.length);
      const values = Int32Array.of(chosen < 0 ? any : chosen);
      feeds[name] = { type: "int32", values, dims: [1] };
    }
    return { ...feeds, ...this.mixed(1) };
  }

  async sample() {
    const count = Number(this.count.value);
    const seed = Number(this.seed.value) || 0;
    const all = Array.from({ length: count }, (_, i) =>
      this.feedsOf(i, random(seed * 65537 + i * 7919)));
    const canvases = await this.run(joined(all));
    this.made = canvases.map((canvas, i) => ({ canvas, feeds: all[i] }));
    this.chosen = [];
    find("images").replaceChildren(...canvases.map((canvas, i) =>
      this.shown(canvas, `image_${seed}_${i}.png`, () => this.choose(i))));
    this.choose(0);
    if (count > 1) this.choose(1);
  }

  choose(number) {
    if (this.chosen.includes(number)) this.chosen = this.chosen.filter((x) => x !== number);
    else this.chosen = [...this.chosen.slice(-1), number];
    this.made.forEach(({ canvas }, i) =>
      canvas.classList.toggle("chosen", this.chosen.includes(i)));
    find("go").disabled = this.chosen.length < 2;
  }

  async walk() {
    const [first, second] = this.chosen.map((i) => this.made[i].feeds);
    const all = Array.from({ length: FRAMES }, (_, i) => {
      const feeds = { ...first };
      for (const { name } of this.noises) {
        const values = between(first[name].values, second[name].values, i / (FRAMES - 1));
        feeds[name] = { ...first[name], values };
      }
      return feeds;
    });
    const frames = await this.run(joined(all));
    const canvas = this.film();
    const slider = find("frame");
    Object.assign(canvas, { width: frames[0].width, height: frames[0].height });
    Object.assign(slider, { max: FRAMES - 1, hidden: false });
    canvas.hidden = false;
    const show = () => canvas.getContext("2d").drawImage(frames[slider.value], 0, 0);
    clearInterval(this.timer);
    let tick = 0;
    this.timer = setInterval(() => { // Forth and back.
      tick = (tick + 1) % (2 * FRAMES - 2);
      slider.value = tick < FRAMES ? tick : 2 * FRAMES - 2 - tick;
      show();
    }, 80);
    slider.oninput = () => {
      clearInterval(this.timer);
      show();
    };
    slider.value = 0;
    show();
  }

  // Photographs

  async repaint() {
    if (!this.file.files.length) return "Choose a photograph.";
    const bitmap = await createImageBitmap(this.file.files[0]).catch(() => {
      throw new Error(`${this.file.files[0].name} is no image that this browser reads.`);
    });
    const [height, width] = this.photograph.shape.slice(1, 3);
    const longest = Number(this.limit.value);
    const canvas =
      typeof height === "number"
        ? await this.tiled(resized(bitmap, longest, height), height, width)
        : (await this.run(this.inputs(resized(bitmap, longest, 4)))).at(0);
    const name = `${this.file.files[0].name.replace(/\.\w+$/, "")}_painted.png`;
    find("images").replaceChildren(this.shown(canvas, name));
  }

  // The inputs for parts of a photograph, or for all of it.
  inputs(image, corners, height, width) {
    const tensor = cut(image, corners, height, width);
    return { [this.photograph.name]: tensor, ...this.mixed(tensor.dims[0]) };
  }

  // For a network of tiles: each by itself, side by side.
  async tiled(image, height, width) {
    const canvas = Object.assign(document.createElement("canvas"),
      { width: image.width, height: image.height });
    const began = performance.now();
    for (let top = 0; top < image.height; top += height) {
      const corners = [];
      for (let left = 0; left < image.width; left += width) corners.push([top, left]);
      const tiles = await this.run(this.inputs(image, corners, height, width));
      tiles.forEach((tile, i) =>
        canvas.getContext("2d").drawImage(tile, corners[i][1], top));
    }
    this.seconds = (performance.now() - began) / 1000;
    return canvas;
  }

  // A canvas with a link to download it.
  shown(canvas, name, onclick) {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const link = Object.assign(document.createElement("a"),
      { href: canvas.toDataURL(), download: name, textContent: "download" });
    if (onclick) Object.assign(canvas, { onclick, className: "small" });
    caption.append(link);
    figure.append(canvas, caption);
    return figure;
  }
}
