/** A smaller difference between the clocks is the answer's way here, and that its date counts whole seconds: in ms. */
const NEGLIGIBLE = 2_000;

/** How far the server's clock is ahead of the device's, in ms. */
let ahead = 0;

/** What the server's clock shows now, in ms: deadlines and tokens end by it, however the device's is set. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** `fetch` that reads the server's clock off each answer. */
export async function fetchTimed(request: Request): Promise<Response> {
  const answer = await fetch(request);
  // One that may be kept by the browser has the date of when it was new.
  if (answer.headers.get('cache-control')?.includes('no-store')) readClock(answer.headers.get('date'));
  return answer;
}

function readClock(date: string | null): void {
  const found = Date.parse(date ?? '') - Date.now();
  // Without a date it is NaN, which is more than nothing.
  if (Math.abs(found - ahead) > NEGLIGIBLE) ahead = found;
}
