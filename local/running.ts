import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackFile } from './home.ts';
import { homeHere } from './settings.ts';

/** DATABASE_URL, or the database of what `npm start` runs here; ends this program with a sentence where there is neither. */
export function runningDatabase(): string {
  return process.env.DATABASE_URL || running('DATABASE_URL').databaseUrl;
}

/** The same of TEMPORAL_ADDRESS. */
export function runningTemporal(): string {
  return process.env.TEMPORAL_ADDRESS || running('TEMPORAL_ADDRESS').temporalAddress;
}

function running(setting: string): StackFile {
  return findRunning() ?? nothingRuns(`start Tandem, or set ${setting}`);
}

/** All of what `npm start` runs here; ends this program with a sentence where it runs nothing. */
export function runningHere(): StackFile {
  return findRunning() ?? nothingRuns('start Tandem');
}

/** The same; null where nothing runs. */
export function findRunning(): StackFile | null {
  try {
    return JSON.parse(readFileSync(stackFile(), 'utf8'));
  } catch {
    return null;
  }
}

const stackFile = () => join(homeHere(), 'stack.json');

function nothingRuns(todo: string): never {
  console.error(`Nothing runs here (${stackFile()} is not there): ${todo}.`);
  process.exit(1);
}
