import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GENERATED } from './generated.ts';

/** `npm run write`: writes every file anew that is made from something else here, in the order in which they build on each other. */
const root = fileURLToPath(new URL('..', import.meta.url));
for (const { files, script } of GENERATED) {
  execFileSync(process.execPath, [script], { cwd: root, stdio: 'inherit' });
  console.log(`${files}: written by ${script}`);
}
