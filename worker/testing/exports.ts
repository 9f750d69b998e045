/** What files offer and what is taken of it. */
import { posix } from 'node:path';
import { type ImportDeclarationSpecifier, parseSync, Visitor } from 'oxc-parser';
import { targetOf } from './house.ts';

type Export = { name: string /** Nothing of it is left when the code runs. */; type: boolean };
type Taken = { from: string /** `*` for all there is. */; name: string };

/** The names that a source exports itself; those it passes on are its neighbour's. */
export function exportsOf(file: string, source: string): Export[] {
  const found: Export[] = [];
  new Visitor({
    ExportNamedDeclaration({ declaration, source, specifiers, exportKind }) {
      if (source) return;
      for (const { exported } of specifiers) {
        if (exported.type === 'Identifier') found.push({ name: exported.name, type: exportKind === 'type' });
      }
      if (!declaration) return;
      if (declaration.type === 'VariableDeclaration') {
        for (const { id } of declaration.declarations) {
          if (id.type === 'Identifier') found.push({ name: id.name, type: false });
        }
      } else if ('id' in declaration && declaration.id?.type === 'Identifier') {
        const type = ['TSTypeAliasDeclaration', 'TSInterfaceDeclaration'].includes(declaration.type);
        found.push({ name: declaration.id.name, type });
      }
    },
    ExportDefaultDeclaration() {
      found.push({ name: 'default', type: false });
    },
  }).visit(parseSync(file, source).program);
  return found;
}

/** What a source takes of other files of ours; a file whose path it says is run by somebody, and taken whole. */
function takenBy(file: string, source: string): Taken[] {
  const found: Taken[] = [];
  /** Where the paths of imports stand, which are no paths that somebody runs. */
  const imported = new Set<number>();
  const take = ({ value: to, start }: { value: unknown; start: number }, ...names: string[]) => {
    imported.add(start);
    const from = targetOf(file, String(to));
    if (from) for (const name of names) found.push({ from, name });
  };
  new Visitor({
    ImportDeclaration({ source, specifiers }) {
      take(source, ...specifiers.map(nameTaken));
    },
    ExportNamedDeclaration({ source, specifiers }) {
      if (!source) return;
      take(source, ...specifiers.map(({ local }) => ('name' in local ? local.name : '*')));
    },
    ExportAllDeclaration({ source }) {
      take(source, '*');
    },
    ImportExpression({ source }) {
      if (source.type === 'Literal') take(source, '*');
    },
    TSImportType({ source }) {
      take(source, '*');
    },
    Literal(literal) {
      const { value, start } = literal;
      if (imported.has(start) || typeof value !== 'string') return;
      if (/^\.{1,2}\/[\w./-]+\.(ts|mjs)$/.test(value)) take(literal, '*');
    },
  }).visit(parseSync(file, source).program);
  return found;
}

function nameTaken(specifier: ImportDeclarationSpecifier): string {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  if (specifier.type !== 'ImportSpecifier') return '*';
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
}

/** Exports that nobody imports, as `file: name`. A type may stand for what an exported function takes or gives. */
export function deadExports(sources: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string[] {
  const taken = new Set<string>();
  for (const [file, source] of [...sources, ...others]) {
    for (const { from, name } of takenBy(file, source)) taken.add(`${from} ${name}`);
  }
  return [...sources].flatMap(([file, source]) =>
    exportsOf(file, source)
      .filter(({ name, type }) => !(type && source.split(new RegExp(`\\b${name}\\b`)).length > 2))
      .filter(({ name }) => !taken.has(`${file} ${name}`) && !taken.has(`${file} *`))
      .map(({ name }) => `${posix.normalize(file)}: ${name}`),
  );
}
