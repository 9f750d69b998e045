/** A number from 0 to 1, always the same for an id and a place in it. */
function chance(id: string, at: number): number {
  const part = id.replaceAll('-', '').slice(-8 - at, -at || undefined);
  return (Number.parseInt(part.slice(0, 6), 16) || 1) / 0xffffff;
}

/**
 * Draws a moment of a clip that is made of its id: media lies elsewhere, and the page loads nothing from there. `at` in
 * seconds.
 */
export function drawClip(canvas: HTMLCanvasElement, id: string, at: number): void {
  const draw = canvas.getContext('2d');
  if (!draw) return;
  const { width, height } = canvas;
  const hue = Math.round(360 * chance(id, 0));
  const sky = draw.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 45% 22%)`);
  sky.addColorStop(1, `hsl(${(hue + 40) % 360} 55% 45%)`);
  draw.fillStyle = sky;
  draw.fillRect(0, 0, width, height);
  const sun = { x: width * (0.2 + 0.6 * ((at / 40 + chance(id, 2)) % 1)), y: height * 0.35 };
  draw.fillStyle = `hsl(${(hue + 60) % 360} 90% 78%)`;
  draw.beginPath();
  draw.arc(sun.x, sun.y + Math.sin(at) * 6, height * 0.12, 0, 2 * Math.PI);
  draw.fill();
  for (const [layer, depth] of [0.55, 0.68, 0.8].entries()) {
    draw.fillStyle = `hsl(${(hue + 20 * layer) % 360} 40% ${26 - 7 * layer}%)`;
    draw.beginPath();
    draw.moveTo(0, height);
    for (let x = 0; x <= width; x += 8) {
      const wave = Math.sin(x / (60 - 12 * layer) + at * (0.4 + 0.3 * layer) + 6 * chance(id, layer + 1));
      draw.lineTo(x, height * depth + wave * height * 0.05);
    }
    draw.lineTo(width, height);
    draw.fill();
  }
}
