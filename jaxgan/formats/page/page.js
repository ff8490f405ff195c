// The page of an exported model, and, loaded as a worker, what runs the model.
// Which controls there are follows from model.json, which describes inputs and result.

const inWorker = typeof document === "undefined";
const FRAMES = 16; // Of a walk.

if (inWorker) {
  // Runs the model apart from the page, which stays usable.
  let session;
  self.onmessage = async ({ data }) => {
    try {
      const ort = await import("./ort.mjs");
      if (data.wasm) {
        Object.assign(ort.env.wasm, { wasmBinary: data.wasm, numThreads: 1 });
        session = await ort.InferenceSession.create(data.model, {
          executionProviders: ["wasm"],
        });
        postMessage({ number: data.number });
        return;
      }
      const feeds = {};
      for (const [name, { type, values, dims }] of Object.entries(data.feeds))
        feeds[name] = new ort.Tensor(type, values, dims);
      const results = await session.run(feeds);
      const { data: values, dims } = results[session.outputNames[0]];
      postMessage({ number: data.number, values, dims });
    } catch (error) {
      postMessage({ number: data.number, error: String(error?.message ?? error) });
    }
  };
} else {
  start().catch((error) => tell(error.message, true));
}

const find = (id) => document.getElementById(id);

function tell(text, isError = false) {
  find("status").textContent = text;
  find("status").className = isError ? "error" : "";
}

// ---- Loading

async function start() {
  if (typeof WebAssembly === "undefined" || typeof DecompressionStream === "undefined")
    throw new Error(
      "This browser has no WebAssembly, or is too old: use Chrome or Edge 80, " +
        "Firefox 114, Safari 16.4, or later ones.");
  const response = await fetch("model.json");
  if (!response.ok) throw new Error(`model.json cannot be loaded: ${response.status}.`);
  const about = await response.json();
  find("title").textContent = document.title = about.title;
  find("intro").textContent = about.summary;
  find("runtime").textContent = about.runtime;
  const total = Object.values(about.bytes).reduce((a, b) => a + b);
  let loaded = 0;
  const advance = (count) => {
    loaded += count;
    find("progress").value = loaded / total;
    tell(`Loading: ${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB.`);
  };
  const [wasm, model] = await Promise.all([
    download("ort.wasm.gzip", advance).then(unzipped),
    download("model.onnx", advance),
  ]);
  tell("Preparing the model.");
  const ask = connect();
  await ask({ wasm, model });
  const page = new Page(about, ask);
  window.jaxgan = page; // For tests, and for the curious.
  find("progress").hidden = true;
  find("main").hidden = false;
  tell("Ready.");
}

async function download(name, advance) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name} cannot be loaded: ${response.status}.`);
  const reader = response.body.getReader();
  const parts = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    advance(value.length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function unzipped(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes; // The host did it.
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A function that sends a message to the worker and gives a promise of its answer.
function connect() {
  const worker = new Worker(new URL("page.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  let count = 0;
  worker.onmessage = ({ data }) => {
    const [resolve, reject] = waiting.get(data.number);
    waiting.delete(data.number);
    if (data.error) reject(new Error(`The model cannot run: ${data.error}`));
    else resolve(data);
  };
  worker.onerror = (event) => {
    for (const [, reject] of waiting.values())
      reject(new Error(`The model cannot run: ${event.message ?? "worker failed"}`));
  };
  return (message) =>
    new Promise((resolve, reject) => {
      waiting.set(++count, [resolve, reject]);
      worker.postMessage({ ...message, number: count });
    });
}

// ---- Numbers

// Numbers from [0, 1) that follow from a seed (Mulberry32).
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function noise(input, count, draw) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++)
    values[i] =
      input.kind === "normal"
        ? Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
        : input.low + (input.high - input.low) * draw();
  return values;
}

// Spherical interpolation, which keeps the length that normal noise has.
function between(a, b, t) {
  let dot = 0, aa = 0, bb = 0;
  a.forEach((x, i) => { dot += x * b[i]; aa += x * x; bb += b[i] * b[i]; });
  const angle = Math.acos(Math.min(1, Math.max(-1, dot / Math.sqrt(aa * bb))));
  const sine = Math.sin(angle);
  if (sine < 1e-6) return a.map((x, i) => (1 - t) * x + t * b[i]);
  const [left, right] = [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
  return a.map((x, i) => left * x + right * b[i]);
}

const product = (sides) => sides.reduce((a, b) => a * b, 1);

// ---- The page

class Page {
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

  // Images [h, w] as canvases, of tensors by the inputs' names.
  async run(feeds) {
    const began = performance.now();
    const { values, dims } = await this.ask({ feeds });
    this.last = { feeds, values, dims };
    this.seconds = (performance.now() - began) / 1000;
    const [count, height, width, channels] = dims;
    const size = height * width;
    return Array.from({ length: count }, (_, number) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const image = new ImageData(width, height);
      for (let i = 0; i < size; i++) {
        const from = (number * size + i) * channels;
        for (let c = 0; c < 3; c++)
          image.data[4 * i + c] = values[from + (channels < 3 ? 0 : c)];
        image.data[4 * i + 3] = channels === 4 ? values[from + 3] : 255;
      }
      canvas.getContext("2d").putImageData(image, 0, 0);
      return canvas;
    });
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
    this.busy = true;
    tell("Computing.");
    try {
      tell((await work()) ?? `Ready: ${this.seconds.toFixed(1)} s.`);
    } catch (error) {
      tell(error.message, true);
    }
    this.busy = false;
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

  joined(all) {
    const feeds = {};
    for (const [name, { type, values, dims }] of Object.entries(all[0])) {
      const joint = new values.constructor(values.length * all.length);
      all.forEach((one, i) => joint.set(one[name].values, i * values.length));
      feeds[name] = { type, values: joint, dims: [all.length, ...dims.slice(1)] };
    }
    return feeds;
  }

  async sample() {
    const count = Number(this.count.value);
    const seed = Number(this.seed.value) || 0;
    const all = Array.from({ length: count }, (_, i) =>
      this.feedsOf(i, random(seed * 65537 + i * 7919)));
    const canvases = await this.run(this.joined(all));
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
    const frames = await this.run(this.joined(all));
    const canvas = find("walk").querySelector("canvas");
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
    const canvas =
      typeof height === "number"
        ? await this.tiled(bitmap, height, width)
        : (await this.run(this.photographed(this.pixels(bitmap, 4)))).at(0);
    const name = `${this.file.files[0].name.replace(/\.\w+$/, "")}_painted.png`;
    find("images").replaceChildren(this.shown(canvas, name));
  }

  // A photograph no larger than asked for, with sides that are multiples.
  pixels(bitmap, multiple) {
    const scale = Math.min(1, Number(this.limit.value) / Math.max(bitmap.width, bitmap.height));
    const side = (x) => Math.max(2 * multiple, Math.round((x * scale) / multiple) * multiple);
    const canvas = new OffscreenCanvas(side(bitmap.width), side(bitmap.height));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  // Tensors of parts of an image that have one size, beginning at (top, left).
  photographed(image, corners = [[0, 0]], height = image.height, width = image.width) {
    const values = new Uint8Array(corners.length * height * width * 3);
    let at = 0;
    for (const [top, left] of corners)
      for (let y = top; y < top + height; y++)
        for (let x = left; x < left + width; x++)
          for (let c = 0; c < 3; c++)
            values[at++] = image.data[4 * (y * image.width + x) + c];
    const dims = [corners.length, height, width, 3];
    const { name } = this.photograph;
    return { [name]: { type: "uint8", values, dims }, ...this.mixed(corners.length) };
  }

  // For a network of tiles: each by itself, side by side.
  async tiled(bitmap, height, width) {
    const image = this.pixels(bitmap, height);
    const canvas = Object.assign(document.createElement("canvas"),
      { width: image.width, height: image.height });
    const began = performance.now();
    for (let top = 0; top < image.height; top += height) {
      const corners = [];
      for (let left = 0; left < image.width; left += width) corners.push([top, left]);
      const tiles = await this.run(this.photographed(image, corners, height, width));
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
