import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Below this a compressed answer is hardly smaller than a plain one. */
const WORTH_COMPRESSING = 1024;

export default defineConfig({
  plugins: [react(), compressed()],
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
    async generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        const source = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        if (!/\.(?:js|css|svg)$/.test(file.fileName) || source.length < WORTH_COMPRESSING) continue;
        const [br, gz] = await Promise.all([
          promisify(brotliCompress)(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
          promisify(gzip)(source, { level: 9 }),
        ]);
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.br`, source: br });
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gz });
      }
    },
  };
}
