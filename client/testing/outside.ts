import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const client = fileURLToPath(new URL('..', import.meta.url));

/** A project of somebody else's, outside of this repository, with the client as it is packed. */
export type Outside = {
  folder: string;
  /** Names of what the package holds. */
  packed: string[];
  write(file: string, text: string): void;
  /** Runs a module there; gives what it prints. */
  node(file: string, ...args: string[]): Promise<string>;
  remove(): void;
};

/** Packs the client and installs it: `npm` gets its one dependency from the registry, or from what it has kept. */
export async function installOutside(): Promise<Outside> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-outside-'));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  try {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: client });
    const [made] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
    write('package.json', JSON.stringify({ name: 'outside', private: true, type: 'module' }));
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${made.filename}`], { cwd: folder });
    return {
      ...{ folder, write, packed: made.files.map(({ path }) => path) },
      async node(file, ...args) {
        const { stdout: said } = await run(process.execPath, [file, ...args], { cwd: folder });
        return said;
      },
      remove: () => rmSync(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
