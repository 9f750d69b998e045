/**
 * Files that a script writes from something else in this repository. `npm test` runs each script with `--check`,
 * which compares and writes nothing; without it the script writes them anew.
 */
export const GENERATED: readonly { readonly files: string; readonly script: string }[] = [
  { files: 'db/schema.sql', script: 'local/schema.ts' },
  { files: 'api/openapi.json', script: 'api/docs/write.ts' },
  { files: 'realtime/asyncapi.json and realtime/README.md', script: 'realtime/write.ts' },
  { files: 'console/src/openapi.d.ts and asyncapi.d.ts', script: 'console/write.ts' },
  { files: 'README.md', script: 'local/readme.ts' },
];
