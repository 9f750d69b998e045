/** HTML that is safe to send: text put into it is escaped, markup put into it is kept. */
export type Markup = { readonly markup: string };

type Piece = Markup | string | number | null | false | readonly Piece[];

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Template tag: `html`<p>${anything}</p>``. Put attributes in double quotes. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Markup {
  let markup = strings[0] ?? '';
  pieces.forEach((piece, index) => {
    markup += written(piece) + (strings[index + 1] ?? '');
  });
  return { markup };
}

function written(piece: Piece): string {
  if (piece === null || piece === false) return '';
  if (typeof piece === 'string') return piece.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
  if (typeof piece === 'number') return String(piece);
  if ('markup' in piece) return piece.markup;
  return piece.map(written).join('');
}
