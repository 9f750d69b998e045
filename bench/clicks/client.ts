import { Agent, request } from 'undici';

/** A client of the API over kept-alive connections, a fifth leaner than Node's own: what is measured is the server. */

const dispatcher = new Agent({ connections: 256 });

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is checked by whoever asked
export type Body = any;

/** Sends JSON, or a text as it is, and gives `data` of the answer. Throws the answer's words unless it was a success. */
export async function ask(
  url: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Body> {
  const response = await request(url + path, {
    dispatcher,
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.body.text();
  const answer: Body = JSON.parse(text);
  if (answer.success) return answer.data;
  throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
}
