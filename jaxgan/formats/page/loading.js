// Fetches what runs a model, shows how far that is, and starts it in a worker.

export async function download(name, advance) {
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

export async function unzipped(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes; // The host did it.
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A function that sends a message to the worker and gives a promise of its answer.
export function connect() {
  const worker = new Worker("worker.js", { type: "module" });
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
