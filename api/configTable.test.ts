import { expect, test } from 'vitest';
import { configSchema } from './config.ts';
import { configTable } from './configTable.ts';

test('the table has a row for every variable, with its default and what it is', () => {
  const rows = configTable().split('\n').slice(2);
  expect(rows).toHaveLength(Object.keys(configSchema.shape).length);
  expect(rows).toContainEqual(expect.stringMatching(/^\| `PORT` \| `3000` \| \S.+ \|$/));
  expect(rows).toContainEqual(expect.stringMatching(/^\| `DATABASE_URL` \| \*has to be set\* \| \S.+ \|$/));
  expect(rows).toContainEqual(expect.stringMatching(/^\| `REDIS_URL` \| {2}\| \S.+ \|$/));
  for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(5);
});
