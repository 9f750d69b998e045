import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';

interface Manifest {
  name: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
const lock: { packages: Record<string, Manifest> } = read('package-lock.json');
// As `package-lock.json` calls what lies in a folder: the root is the empty name.
const folders = ['', ...(read('package.json').workspaces as string[])];
const manifests = folders.map((folder): [string, Manifest] => [folder, read(posix.join(folder, 'package.json'))]);

test('package-lock.json tells of each workspace what its own package.json says', () => {
  expect(manifests.length).toBeGreaterThan(2);
  for (const [folder, manifest] of manifests) {
    const { version, dependencies, devDependencies } = lock.packages[folder] as Manifest;
    expect({ version, dependencies, devDependencies }, folder || 'the root').toEqual({
      version: manifest.version,
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    });
  }
});

test('a workspace that needs another asks for the version that lies beside it, or an empty checkout asks a registry', () => {
  const versions = new Map(manifests.map(([, { name, version }]) => [name, version]));
  const asked = manifests.flatMap(([, { dependencies, devDependencies }]) =>
    Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => versions.has(name)),
  );
  expect(asked).not.toEqual([]);
  for (const [name, version] of asked) expect(version, name).toBe(versions.get(name));
});
