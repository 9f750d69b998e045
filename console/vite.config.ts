import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';

/** Below this a compressed answer is hardly smaller than a plain one. */
const WORTH_COMPRESSING = 1024;

export default defineConfig({
  plugins: [react(), compressed()],
  // Tandem's client as it is written, not as it is packed.
  resolve: { conditions: ['tandem-source', ...defaultClientConditions] },
  build: { target: 'es2023', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 900 },
  // For work on the page itself: `vite` beside an API that runs.
  server: {
    proxy: { '/api': 'http://127.0.0.1:3000', '/ws': { target: 'ws://127.0.0.1:3000', ws: true } },
  },
});

/** Puts each script and style beside itself as .br and .gz, which the API sends to whoever takes them. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    enforce: 'post',
    // Written, and not made: before that the names of what is loaded later still stand in for themselves.
    async writeBundle({ dir = '.' }, bundle) {
      for (const file of Object.values(bundle)) {
        if (!/\.(?:js|css|svg)$/.test(file.fileName)) continue;
        const source = await readFile(join(dir, file.fileName));
        if (source.length < WORTH_COMPRESSING) continue;
        const [br, gz] = await Promise.all([
          promisify(brotliCompress)(source, {
            params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
          }),
          promisify(gzip)(source, { level: 9 }),
        ]);
        await writeFile(join(dir, `${file.fileName}.br`), br);
        await writeFile(join(dir, `${file.fileName}.gz`), gz);
      }
    },
  };
}
