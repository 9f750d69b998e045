import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { OUR_PAGE } from '../headers.ts';

/** What `vite build` makes of console/. */
const BUILT = fileURLToPath(new URL('../../console/dist', import.meta.url));

/** Where the page is: it finds its way from here on by itself. */
const DOORS = ['play', 'app', 'ops'];

/** Files under /assets are named by their content: once fetched, they are never asked for again. */
const ASSETS_KEPT = '365d';

/**
 * Serves the console: the page at `/` and behind each of its doors, and what it needs under `/assets`. Every other path stays the API's own, which
 * answers 404 for what it does not know. A page that was not built is looked for again at each request.
 */
export async function serveConsole(app: App, folder: string = BUILT): Promise<void> {
  await app.register(async (scope: App) => {
    await scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      index: false,
      preCompressed: true,
      maxAge: ASSETS_KEPT,
      immutable: true,
      // There may be nothing yet: the page says so.
      suppressWarning: true,
    });
    const page = async (_request: FastifyRequest, reply: FastifyReply) => {
      if (!existsSync(join(folder, 'index.html'))) {
        reply
          .status(503)
          .headers({ 'retry-after': '30', 'cache-control': 'no-store' })
          .type('text/html; charset=utf-8');
        return NOT_BUILT as never;
      }
      // It names the assets of today, so it is asked for each time; unchanged, it is answered 304.
      reply.header('cache-control', 'no-cache');
      return reply.sendFile('index.html', folder, { cacheControl: false }) as never;
    };
    for (const path of ['/', ...DOORS.flatMap((door) => [`/${door}`, `/${door}/*`])]) {
      scope.get(path, { schema: { hide: true } as never, helmet: OUR_PAGE }, page);
    }
  });
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tandem</title>
</head>
<body>
<h1>The console is not built</h1>
<p>The API works; only this page is missing. <code>npm start</code> builds it, and so does
<code>cd console &amp;&amp; ../node_modules/.bin/vite build</code>. Then load this page again.</p>
<p><a href="/docs">The API’s documents</a></p>
</body>
</html>
`;
