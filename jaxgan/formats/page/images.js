// Photographs to tensors, and tensors to canvases.

// A canvas for each image of a tensor uint8 [n, h, w, 1 | 3 | 4].
export function canvases(values, [count, height, width, channels]) {
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

// The pixels of a photograph, no larger than asked for, with sides that are multiples.
export function resized(bitmap, longest, multiple) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const side = (x) => Math.max(2, Math.round((x * scale) / multiple)) * multiple;
  const canvas = document.createElement("canvas");
  canvas.width = side(bitmap.width);
  canvas.height = side(bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

// A tensor of parts of an image, of one size, each from (top, left) of its corner.
export function cut(
  image, corners = [[0, 0]], height = image.height, width = image.width
) {
  const values = new Uint8Array(corners.length * height * width * 3);
  let at = 0;
  for (const [top, left] of corners)
    for (let y = top; y < top + height; y++)
      for (let x = left; x < left + width; x++)
        for (let c = 0; c < 3; c++)
          values[at++] = image.data[4 * (y * image.width + x) + c];
  return { type: "uint8", values, dims: [corners.length, height, width, 3] };
}
