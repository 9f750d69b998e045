const BARS = ['#d6d6d6', '#d3c82a', '#29bdbb', '#2aa84a', '#b43ab0', '#c4382f', '#3049c4'];

export type Confetti = { pieces: number; colour: string };

/**
 * Draws a moment of a test picture: what a stream shows where no pictures come to this page. `at` in seconds; a sweep
 * goes over it where it may move.
 */
export function drawTest(canvas: HTMLCanvasElement, at: number, moves: boolean): void {
  const draw = canvas.getContext('2d');
  if (!draw) return;
  const { width, height } = canvas;
  const bar = width / BARS.length;
  for (const [n, colour] of BARS.entries()) {
    draw.fillStyle = colour;
    draw.fillRect(Math.floor(n * bar), 0, Math.ceil(bar), height);
  }
  const steps = 11;
  for (let n = 0; n < steps; n += 1) {
    draw.fillStyle = `hsl(0 0% ${Math.round((100 * n) / (steps - 1))}%)`;
    draw.fillRect(Math.floor((n * width) / steps), height * 0.78, Math.ceil(width / steps), height * 0.22);
  }
  circle(draw, width, height, at);
  if (!moves) return;
  const x = ((at / 6) % 1) * width;
  draw.fillStyle = 'rgb(255 255 255 / 35%)';
  draw.fillRect(x - 3, 0, 6, height * 0.78);
}

/** The clock in the middle: that it goes on says that the page lives. */
function circle(draw: CanvasRenderingContext2D, width: number, height: number, at: number): void {
  const radius = height * 0.24;
  const [x, y] = [width / 2, height * 0.39];
  draw.fillStyle = '#15171c';
  draw.beginPath();
  draw.arc(x, y, radius, 0, 2 * Math.PI);
  draw.fill();
  draw.strokeStyle = '#fff';
  draw.lineWidth = 4;
  draw.beginPath();
  draw.arc(x, y, radius - 8, -Math.PI / 2, -Math.PI / 2 + ((Math.floor(at) % 60) / 60) * 2 * Math.PI);
  draw.stroke();
  draw.fillStyle = '#fff';
  draw.font = `600 ${Math.round(radius * 0.42)}px ui-monospace, monospace`;
  draw.textAlign = 'center';
  draw.textBaseline = 'middle';
  draw.fillText(clockOf(at), x, y);
}

/** 3725 → "1:02:05". */
function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

/** Pieces that fall for as long as they last: each has a way of its own, the same at every moment. */
export function drawConfetti(canvas: HTMLCanvasElement, { pieces, colour }: Confetti, share: number): void {
  const draw = canvas.getContext('2d');
  if (!draw) return;
  const { width, height } = canvas;
  for (let n = 0; n < pieces; n += 1) {
    const chance = (n * 0.618_034) % 1;
    const other = (n * 0.414_214) % 1;
    const x = width * chance + 30 * Math.sin(10 * share + n);
    const y = height * (1.6 * share - 0.5 * other);
    draw.fillStyle = n % 3 === 0 ? '#ffffff' : n % 3 === 1 ? colour : '#ffd43b';
    draw.fillRect(x, y, 8, 5 + 5 * Math.abs(Math.sin(8 * share + n)));
  }
}
