// Loads what runs the models, then the model that is chosen, and shows its page.

import { connect, download, unzipped } from "./loading.js";
import { Page, find, tell } from "./page.js";

async function start() {
  if (typeof WebAssembly === "undefined" || typeof DecompressionStream === "undefined")
    throw new Error(
      "This browser has no WebAssembly, or is too old: use Chrome or Edge 80, " +
        "Firefox 114, Safari 16.4, or later ones.");
  const response = await fetch("model.json");
  if (!response.ok) throw new Error(`model.json cannot be loaded: ${response.status}.`);
  const { title, runtime, wasm, models } = await response.json();
  find("title").textContent = document.title = title;
  find("runtime").textContent = runtime;
  const menu = find("model");
  models.forEach(({ name, task }, i) => menu.append(new Option(`${name}: ${task}`, i)));
  find("models").hidden = models.length < 2;
  const ask = connect();
  const missing = new Set(models);
  let hasRuntime = false;
  let page;

  // Fetches the files of a model that are not there yet.
  async function load(model) {
    const files = hasRuntime ? [model] : [model, wasm];
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let loaded = 0;
    const fetched = files.map(({ file }) => download(file, (count) => {
      loaded += count;
      find("progress").value = loaded / total;
      tell(`Loading: ${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB.`);
    }));
    const [content, packed] = await Promise.all(fetched);
    tell("Preparing the model.");
    await ask({
      file: model.file, model: content, wasm: packed && (await unzipped(packed)),
    });
    hasRuntime = true;
    missing.delete(model);
  }

  async function open(model) {
    page?.close();
    menu.disabled = true;
    find("main").hidden = true;
    find("intro").textContent = model.summary;
    try {
      if (missing.has(model)) {
        find("progress").hidden = false;
        await load(model);
      }
      find("main").hidden = false;
      tell("Ready.");
    } finally {
      find("progress").hidden = true;
      menu.disabled = false;
    }
    page = new Page(model, (feeds) => ask({ file: model.file, feeds }));
    window.jaxgan = page; // For tests, and for the curious.
  }

  menu.onchange = () => open(models[menu.value]).catch(fail);
  await open(models[0]);
}

const fail = (error) => tell(error.message, true);
start().catch(fail);
