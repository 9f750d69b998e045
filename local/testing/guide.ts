import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A guide that can be followed word for word: what a reader is told to write and to run, in its order. */
export type Chapter = { title: string; steps: Step[] };

export type Step =
  | { what: 'new'; file: string; text: string }
  /** Lines that stand one after the other in the file, and what they become. */
  | { what: 'change'; file: string; from: string[]; to: string[] }
  | { what: 'run'; command: string };

/** "New, `a.ts`:" or "…, changed, `a.ts`:" at the end of what is said before a block. */
const NAMED = /\b(new|changed), `([^`]+)`:$/i;

/** Reads a guide. Throws where it has a block of which nobody could say what to do with it. */
export function readGuide(text: string): Chapter[] {
  const chapters: Chapter[] = [];
  let named: { how: string; file: string } | null = null;
  for (const [, title, language, block = '', said = ''] of text.matchAll(
    /^## (.+)$|^```(\w+)\n([\s\S]*?)^```$|^(.+)$/gm,
  )) {
    if (title !== undefined) {
      chapters.push({ title, steps: [] });
      named = null;
    } else if (language !== undefined) {
      chapters.at(-1)?.steps.push(...stepsOf(language, block, named));
    } else {
      const [, how = '', file = ''] = NAMED.exec(said) ?? [];
      named = file === '' ? null : { how: how.toLowerCase(), file };
    }
  }
  return chapters;
}

function stepsOf(language: string, block: string, named: { how: string; file: string } | null): Step[] {
  const lines = block.split('\n').slice(0, -1);
  if (language === 'sh') return lines.map((command) => ({ what: 'run', command }));
  if (named?.how === 'new') return [{ what: 'new', file: named.file, text: block }];
  if (named?.how !== 'changed' || language !== 'diff') throw new Error(`of which file is this?\n${block}`);
  const side = (mark: string) =>
    lines.filter((line) => line === '' || ` ${mark}`.includes(line[0] as string)).map((line) => line.slice(1));
  return [{ what: 'change', file: named.file, from: side('-'), to: side('+') }];
}

/** Writes what a step says into a tree. Throws where the lines that say where are not there, or twice. */
export function write(root: string, step: Exclude<Step, { what: 'run' }>): void {
  const path = join(root, step.file);
  mkdirSync(dirname(path), { recursive: true });
  if (step.what === 'new') writeFileSync(path, step.text, { flag: 'wx' });
  else writeFileSync(path, changed(readFileSync(path, 'utf8'), step));
}

export function changed(text: string, { file, from, to }: { file: string; from: string[]; to: string[] }): string {
  const lines = text.split('\n');
  const places = lines.flatMap((_, at) => (from.every((line, n) => lines[at + n] === line) ? [at] : []));
  const [place] = places;
  if (from.length === 0 || place === undefined || places.length > 1) {
    throw new Error(`${file} has ${places.length} places for:\n${from.join('\n')}`);
  }
  return lines.toSpliced(place, from.length, ...to).join('\n');
}
