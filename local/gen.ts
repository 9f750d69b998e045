import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm run gen -- client <folder>`: what an app of one's own takes with it, made of this checkout: the typed client as a
 * package for npm, and both documents, of which any generator makes one for another language.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const [what, folder] = process.argv.slice(2);
if (what !== 'client' || !folder) {
  console.error('Say what and where: npm run gen -- client <folder>');
  process.exit(1);
}

const to = resolve(folder);
mkdirSync(to, { recursive: true });
const packed = pack();
for (const document of ['api/openapi.json', 'realtime/asyncapi.json']) {
  copyFileSync(join(root, document), join(to, basename(document)));
}
console.log(`${to} has ${packed}, openapi.json and asyncapi.json. In your app:

  npm install ${join(folder, packed)}

and for other languages, of the documents, such as

  go tool oapi-codegen -package tandem ${join(folder, 'openapi.json')}
  npx quicktype --lang swift --src-lang schema <an event of ${join(folder, 'asyncapi.json')}>`);

/** The package's name in the folder. It is built from a copy: another may be building the client at the same time. */
function pack(): string {
  const packages = join(root, 'node_modules');
  if (!existsSync(packages)) {
    console.error('There is no node_modules here yet: npm start or npm test makes it.');
    process.exit(1);
  }
  const draft = mkdtempSync(join(tmpdir(), 'tandem-gen-'));
  try {
    const client = join(draft, 'client');
    const [ours, theirs] = [join(root, 'client'), join(root, 'client', 'node_modules')];
    const isLeft = (path: string) => ['node_modules', 'dist'].includes(relative(ours, path));
    cpSync(ours, client, { recursive: true, filter: (path) => !isLeft(path) });
    symlinkSync(packages, join(draft, 'node_modules'));
    if (existsSync(theirs)) symlinkSync(theirs, join(client, 'node_modules'));
    const said = execFileSync('npm', ['pack', '--json', '--pack-destination', draft], {
      cwd: client,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [{ filename }] = JSON.parse(said.slice(said.indexOf('['))) as [{ filename: string }];
    copyFileSync(join(draft, filename), join(to, `${filename}.new`));
    renameSync(join(to, `${filename}.new`), join(to, filename));
    return filename;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
