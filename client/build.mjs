/** Makes `dist/`, which is what is packed: the sources without their types, and the types. Nobody in this repository needs it. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
rmSync(`${here}dist`, { recursive: true, force: true });
const compiler = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
execFileSync(process.execPath, [compiler, '--project', 'tsconfig.build.json'], { cwd: here, stdio: 'inherit' });
// What is types already the compiler takes for granted and leaves where it is.
for (const file of globSync('*.d.ts', { cwd: `${here}src` })) copyFileSync(`${here}src/${file}`, `${here}dist/${file}`);
