import { html } from '../sandbox/markup.ts';
import type { StatementView } from './statementRoutes.ts';

/** A payout's statement to be printed: no script, no style, everything escaped. */
export function statementPage(statement: StatementView): string {
  const { kind, payee, destination, asset, gross, fee, net, issued_at, lines, payout_id } = statement;
  const title = kind === 'paid' ? 'Statement of a payout' : 'Statement of a payout that came back';
  const { markup } = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>
<h1>${title}</h1>
<p>To ${payee.handle}, ${destination}, on ${issued_at.slice(0, 10)}. Payout ${payout_id}.</p>
<table>
<thead><tr><th>What</th><th>When</th><th>Amount (${asset})</th></tr></thead>
<tbody>${lines.map(
    ({ text, from, until, amount }) => html`<tr><td>${text}</td><td>${span(from, until)}</td><td>${amount}</td></tr>`,
  )}</tbody>
<tfoot><tr><th colspan="2">${kind === 'paid' ? 'Left the wallet' : 'Back in the wallet'}</th><td>${gross}</td></tr>
<tr><th colspan="2">Fee</th><td>${fee}</td></tr>
<tr><th colspan="2">${kind === 'paid' ? 'Arrives: the sum of the lines' : 'Taken back: the sum of the lines'}</th><td>${net}</td></tr></tfoot>
</table>
</body>
</html>`;
  return markup;
}

function span(from: string, until: string): string {
  const [first, last] = [from.slice(0, 10), until.slice(0, 10)];
  return first === last ? first : `${first} to ${last}`;
}
