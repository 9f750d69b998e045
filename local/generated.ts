/**
 * Files that a script writes from something else in this repository. `npm test` runs each script with `--check`,
 * which compares and writes nothing; without it the script writes them anew.
 */
export const GENERATED: readonly { readonly files: string; readonly script: string }[] = [
  { files: 'db/schema.sql', script: 'local/schema.ts' },
  { files: 'api/openapi.json', script: 'api/docs/write.ts' },
  { files: 'realtime/asyncapi.json and realtime/README.md', script: 'realtime/write.ts' },
  { files: 'client/src/openapi.d.ts, asyncapi.d.ts, methods.ts and operations.ts', script: 'client/write.ts' },
  { files: 'docs/deal.md, errors.md, limits.md, retention.md and settings.md', script: 'local/documents.ts' },
  { files: 'llms.txt', script: 'local/llms.ts' },
];
