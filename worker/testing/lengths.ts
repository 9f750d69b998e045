/** How long functions are. */
import { parseSync, Visitor } from 'oxc-parser';

/** More than fits on a screen is more than one thing. */
export const LONGEST_FUNCTION = 60;

type Measured = { name: string; line: number; lines: number };
type Node = { start: number; end: number; body: unknown; id?: { name: string } | null };

/** Every function of a source with the lines that are its own: what functions inside it take is theirs. */
export function functionsOf(file: string, source: string): Measured[] {
  const found: Measured[] = [];
  const open: (Measured & { inner: number })[] = [];
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length;
  const enter = ({ start, end, body, id }: Node) => {
    if (!body) return;
    const line = lineAt(start);
    open.push({ name: id?.name ?? 'a function', line, lines: lineAt(end) - line + 1, inner: 0 });
  };
  const leave = ({ body }: Node) => {
    const own = body ? open.pop() : undefined;
    if (!own) return;
    const { name, line, lines, inner } = own;
    found.push({ name, line, lines: lines - inner });
    const around = open.at(-1);
    if (around) around.inner += lines - 1;
  };
  new Visitor({
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
  }).visit(parseSync(file, source).program);
  return found;
}
