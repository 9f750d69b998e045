import { Agent, request } from 'node:http';

/** A client of the API over kept-alive connections, as lean as one can be: what is measured is the server. */

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is checked by whoever asked
export type Body = any;

/** Sends JSON and gives `data` of the answer. Throws the answer's words unless it was a success. */
export function ask(
  url: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Body> {
  const text = body === undefined ? null : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      {
        agent,
        method,
        headers: {
          ...(text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer: Body = JSON.parse(Buffer.concat(chunks).toString());
          if (answer.success) resolve(answer.data);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${JSON.stringify(answer)}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(text ?? undefined);
  });
}
