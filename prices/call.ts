import { FeedFailed } from './feed.ts';

/** The longest answer that is read, in bytes. */
const MAX_ANSWER = 1024 * 1024;

/** One question to a feed: JSON within a deadline, or FeedFailed. No redirect is followed. */
export async function askJson(
  feed: string,
  url: string,
  { headers, timeoutMs }: { headers: Record<string, string>; timeoutMs: number },
): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    throw new FeedFailed(feed, 'does not answer', { cause: error });
  }
  if (response.status === 429 || response.status === 418 || response.status === 503) {
    const retryAfterMs = retryAfter(response.headers.get('retry-after'));
    throw new FeedFailed(feed, `asks for patience (${response.status})`, { retryAfterMs });
  }
  if (response.status !== 200) throw new FeedFailed(feed, `answers ${response.status}`);
  if (text.length > MAX_ANSWER) throw new FeedFailed(feed, 'answers too much');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FeedFailed(feed, 'answers what is no JSON', { cause: error });
  }
}

/** Seconds, or a date, as ms from now; null for neither. At most an hour: what asks for more is asked all the same. */
function retryAfter(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : null;
}
