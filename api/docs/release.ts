import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { migrationsToday } from '#db/released.ts';

/**
 * Keeps today's documents as those of the last release: what clients were made from, and what `released.test.ts` holds
 * every later one to; and which migrations databases were brought forward by, none of which changes from then on. To be
 * run when a version is released, and only then.
 */

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

mkdirSync(path('released'), { recursive: true });
copyFileSync(path('../openapi.json'), path('released/openapi.json'));
copyFileSync(path('../../realtime/asyncapi.json'), path('released/asyncapi.json'));
writeFileSync(path('../../db/migrations/released.json'), `${JSON.stringify(migrationsToday(), null, 2)}\n`);
