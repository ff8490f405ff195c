// Runs models apart from the page, which stays usable.
//
// A message brings a model by its file's name, the first one the runtime's WebAssembly as
// well; or a model's inputs, {name: {type, values, dims}}, and is answered by
// {values, dims} of the images.

import * as ort from "./ort.mjs";

const sessions = new Map();

async function load({ file, model, wasm }) {
  if (wasm) Object.assign(ort.env.wasm, { wasmBinary: wasm, numThreads: 1 });
  const options = { executionProviders: ["wasm"] };
  sessions.set(file, await ort.InferenceSession.create(model, options));
}

async function run({ file, feeds }) {
  const inputs = {};
  for (const [name, { type, values, dims }] of Object.entries(feeds))
    inputs[name] = new ort.Tensor(type, values, dims);
  const { data, dims } = (await sessions.get(file).run(inputs)).images;
  return { values: data, dims };
}

self.onmessage = async ({ data: message }) => {
  const { number } = message;
  try {
    const result = message.feeds ? await run(message) : await load(message);
    postMessage({ number, ...result });
  } catch (error) {
    postMessage({ number, error: String(error?.message ?? error) });
  }
};
