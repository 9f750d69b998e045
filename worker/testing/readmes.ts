/** Whether READMEs name what their folders hold. */
import { posix } from 'node:path';

/** Names in the first column of a README's tables of files: files, and folders with a slash at their end. */
function namesIn(readme: string): string[] {
  const names: string[] = [];
  let inTable = false;
  for (const line of readme.split('\n')) {
    const [, first = ''] = line.split('|');
    if (!line.startsWith('|')) inTable = false;
    else if (/^\s*(file|folder)/.test(first)) inTable = true;
    else if (inTable) names.push(...[...first.matchAll(/`([\w@./*-]+)`/g)].map(([, name = '']) => name));
  }
  return names;
}

/** Every file and folder that a README speaks of, in its tables or beside them. */
function spokenOfIn(readme: string): string[] {
  return [...readme.matchAll(/`([\w@./-]+)`|\]\(([\w@./-]+)\)/g)].map(([, code, link]) => code ?? link ?? '');
}

/** What nobody has to be told of: a test lies beside what it tests, and a README is being read. */
const SPEAKS_FOR_ITSELF = /(^|\/)README\.md$|\.test\.tsx?$|\.d\.mts$|\.module\.css$/;

/**
 * What is wrong with the READMEs of a tree, given its files and each README's text by its folder. A README with a table
 * of files speaks of every file beside it and every folder in it that has no README of its own (as `folder/`, or its files
 * one by one); what its table names is there; and every folder has a README, or belongs to one.
 */
export function complaintsOfReadmes(files: readonly string[], readmes: ReadonlyMap<string, string>): string[] {
  return [...readmes].flatMap(([folder, text]) => {
    const names = namesIn(text);
    const held = files
      .filter((file) => readmeOf(file, readmes) === folder)
      .map((file) => file.slice(folder.length + 1));
    const gone = names
      .filter((name) => !isThere(name, folder, files))
      .map((name) => `names ${name}, which is not there`);
    if (names.length === 0) {
      const within = new Set(held.filter((file) => file.includes('/')).map((file) => `${file.split('/')[0]}/`));
      return [...within].map((room) => `${folder}/README.md has no table of files, and ${room} no README`);
    }
    const spokenOf = spokenOfIn(text);
    const unnamed = held.filter(
      (file) => !SPEAKS_FOR_ITSELF.test(file) && !spokenOf.some((name) => name === file || isWithin(file, name)),
    );
    return [...gone, ...unnamed.map((file) => `does not name ${file}`)].map((each) => `${folder}/README.md ${each}`);
  });
}

function readmeOf(file: string, readmes: ReadonlyMap<string, string>): string | null {
  for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder)) {
    if (readmes.has(folder)) return folder;
  }
  return null;
}

const isWithin = (file: string, folder: string) => folder.endsWith('/') && file.startsWith(folder);

function isThere(name: string, folder: string, files: readonly string[]): boolean {
  const path = posix.join(folder, name);
  return name.endsWith('/') ? files.some((file) => file.startsWith(path)) : files.includes(path);
}
