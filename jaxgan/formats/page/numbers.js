// Random numbers that follow from a seed, and what is between two sets of them.

// Numbers from [0, 1) that follow from a seed (Mulberry32).
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function noise(input, count, draw) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++)
    values[i] =
      input.kind === "normal"
        ? Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
        : input.low + (input.high - input.low) * draw();
  return values;
}

// Spherical interpolation, which keeps the length that normal noise has.
export function between(a, b, t) {
  let dot = 0, aa = 0, bb = 0;
  a.forEach((x, i) => { dot += x * b[i]; aa += x * x; bb += b[i] * b[i]; });
  const angle = Math.acos(Math.min(1, Math.max(-1, dot / Math.sqrt(aa * bb))));
  const sine = Math.sin(angle);
  if (sine < 1e-6) return a.map((x, i) => (1 - t) * x + t * b[i]);
  const [left, right] = [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
  return a.map((x, i) => left * x + right * b[i]);
}

export const product = (sides) => sides.reduce((a, b) => a * b, 1);

// Inputs of single images as those of a batch.
export function joined(all) {
  const feeds = {};
  for (const [name, { type, values, dims }] of Object.entries(all[0])) {
    const joint = new values.constructor(values.length * all.length);
    all.forEach((one, i) => joint.set(one[name].values, i * values.length));
    feeds[name] = { type, values: joint, dims: [all.length, ...dims.slice(1)] };
  }
  return feeds;
}
