import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LONG } from './testOrder.ts';

test.each(LONG)('%s, which is begun before others, is there', (name) => {
  expect(existsSync(fileURLToPath(new URL(`../${name}.int.test.ts`, import.meta.url)))).toBe(true);
});
