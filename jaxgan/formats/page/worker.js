// Runs the model apart from the page, which stays usable.
//
// The first message brings the runtime's WebAssembly and the model; each later one brings
// inputs, {name: {type, values, dims}}, and is answered by {values, dims} of the images.

import * as ort from "./ort.mjs";

let session;

async function load({ wasm, model }) {
  Object.assign(ort.env.wasm, { wasmBinary: wasm, numThreads: 1 });
  session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
}

async function run({ feeds }) {
  const inputs = {};
  for (const [name, { type, values, dims }] of Object.entries(feeds))
    inputs[name] = new ort.Tensor(type, values, dims);
  const { data, dims } = (await session.run(inputs)).images;
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
