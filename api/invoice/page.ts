import { html } from '../sandbox/markup.ts';

export type Shown = {
  name: string;
  issued_at: string;
  issuer: { handle: string | null };
  billed: { handle: string };
  asset: string;
  total: string;
  corrects: string | null;
  lines: readonly { text: string; amount: string }[];
};

/** An invoice to be printed. */
export function invoicePage(invoice: Shown): string {
  const { name, issued_at, issuer, billed, asset, total, corrects, lines } = invoice;
  const { markup } = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Invoice ${name}</title></head>
<body>
<h1>Invoice ${name}</h1>
<p>Issued on ${issued_at.slice(0, 10)} by ${issuer.handle ?? 'the platform'} to ${billed.handle}.</p>
${corrects && html`<p>It takes back invoice ${corrects}.</p>`}
<table>
<thead><tr><th>What</th><th>Amount (${asset})</th></tr></thead>
<tbody>${lines.map(({ text, amount }) => html`<tr><td>${text}</td><td>${amount}</td></tr>`)}</tbody>
<tfoot><tr><th>Total</th><td>${total}</td></tr></tfoot>
</table>
</body>
</html>`;
  return markup;
}
