import { createHash } from 'node:crypto';
import type { SandboxDelivery } from '#db/sandbox/provider.ts';
import { formatDecimal, formatRupees, isAsset } from '#workflows/money.ts';
import { onlyThese } from '../headers.ts';
import type { Button, Standing } from './checkout.ts';
import { html, type Markup } from './markup.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #16202c; --soft: #5b6876; --line: #dfe4ea; --ground: #f4f6f8; --card: #fff;
  --accent: #3357d6; --good: #16794a; --bad: #b3362b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --soft: #9aa7b4; --line: #303a45; --ground: #12171d;
  --card: #1b222a; --accent: #8ea8ff; --good: #5fd39b; --bad: #ff8d80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
.notice { color: var(--soft); text-align: center; margin: 0 0 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; margin-bottom: 1rem; }
h1 { font-size: 1rem; font-weight: 600; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: .95rem; margin: 0 0 .75rem; }
.amount { font-size: 2.25rem; font-weight: 700; letter-spacing: -.02em; margin: 0; }
.soft { color: var(--soft); font-size: .875rem; margin: .25rem 0 0; overflow-wrap: anywhere; }
.open { color: var(--accent); } .paid { color: var(--good); } .expired { color: var(--bad); }
form { display: grid; gap: .6rem; }
button { font: inherit; text-align: left; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: 10px;
  background: transparent; color: inherit; cursor: pointer; }
button small { display: block; color: var(--soft); }
button:hover { border-color: var(--accent); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button.first { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; }
button.first small { color: inherit; font-weight: 400; }
ul { list-style: none; margin: 0; padding: 0; }
li { padding: .5rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
li:first-child { border-top: 0; }
code { font-size: .8rem; color: var(--soft); }
a { color: var(--accent); }
`;

/** Nothing may load, run or frame; the one style is known by its hash. */
export const CHECKOUT_PAGE = onlyThese({
  'style-src': [`'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`],
  'form-action': ["'self'"],
});

const LABELS: Record<Button, { text: string; explained: string }> = {
  pay: { text: 'Pay', explained: 'The payment is captured.' },
  fail: { text: 'Fail', explained: 'The card is declined; the order stays open.' },
  pay_twice: { text: 'Pay twice', explained: 'One payment more than is owed.' },
  pay_late: { text: 'Pay late', explained: 'The payment is captured one second after the deadline.' },
  charge_back: { text: 'Charge back', explained: 'The payer disputes the last payment at their bank.' },
  charge_back_won: { text: 'Close the charge-back: the seller wins', explained: 'The money stays.' },
  charge_back_lost: { text: 'Close the charge-back: the payer wins', explained: 'The money goes back.' },
};

const STATUSES = { open: 'Waiting for payment', paid: 'Paid', expired: 'The deadline has passed' } as const;

/** The page a payer is sent to: what is owed, what can happen, what has happened, and which webhooks told of it. */
export function checkoutPage(now: Standing, deliveries: readonly SandboxDelivery[]): string {
  const { order, payments, status, announcedFor, offered } = now;
  const back = status === 'paid' ? order.successUrl : order.cancelUrl;
  return page(
    'Sandbox checkout',
    html`
<p class="notice">Sandbox checkout: no real money moves here.</p>
<section class="card">
  <h1>${order.description}</h1>
  <p class="amount">${priceText(order.amount, order.currency)}</p>
  <p class="${status}" role="status">${STATUSES[status]}</p>
  ${order.customerName && html`<p class="soft">Payer: ${order.customerName}</p>`}
  ${order.expiresAt && html`<p class="soft">To be paid before ${instantText(order.expiresAt)}</p>`}
  <p class="soft">Order ${order.id}</p>
  ${back && html`<p><a href="${back}">${status === 'paid' ? 'Back to the deal' : 'Back without paying'}</a></p>`}
</section>
<section class="card">
  <h2>What should happen?</h2>
  ${announcedFor && html`<p class="soft">A late payment will be captured at ${instantText(announcedFor)}.</p>`}
  ${offered.length === 0 && html`<p class="soft">Nothing more can happen to this order now.</p>`}
  <form method="post">${offered.map(
    (button) => html`
    <button class="${button === 'pay' ? 'first' : ''}" name="button" value="${button}">${labelOf(button, status)}</button>`,
  )}
  </form>
</section>
${
  payments.length > 0 &&
  html`<section class="card">
  <h2>Payments</h2>
  <ul>${payments.map(
    (payment) => html`
    <li>${priceText(payment.amount, payment.currency)} ${payment.status}${payment.reason && html`: ${payment.reason}`}
      ${payment.dispute && html` · charge-back ${payment.dispute}`}
      <br><code>${payment.id} · ${instantText(payment.happensAt)}</code></li>`,
  )}
  </ul>
</section>`
}
${
  deliveries.length > 0 &&
  html`<section class="card">
  <h2>Webhooks</h2>
  <ul>${deliveries.map(
    (delivery) => html`
    <li>${delivery.type} · ${deliveryText(delivery)}<br><code>${delivery.id}</code></li>`,
  )}
  </ul>
  <p class="soft"><a href="">Look again</a></p>
</section>`
}`,
  );
}

/** For an order that is not there. */
export function noSuchOrderPage(): string {
  return page('No such order', html`<section class="card"><h1>There is no such order in the sandbox.</h1></section>`);
}

function page(title: string, body: Markup): string {
  const style: Markup = { markup: STYLE };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>${body}</main>
</body>
</html>
`.markup;
}

function labelOf(button: Button, status: Standing['status']): Markup {
  const { text, explained } = LABELS[button];
  if (button === 'pay_late' && status === 'expired') {
    return html`${text}<small>The deadline has passed: the payment is captured now.</small>`;
  }
  if (button === 'pay_twice' && status === 'paid') {
    return html`Pay again<small>The order is paid; this is a second payment.</small>`;
  }
  return html`${text}<small>${explained}</small>`;
}

function deliveryText(delivery: SandboxDelivery): string {
  const attempts = `${delivery.attempts} ${delivery.attempts === 1 ? 'attempt' : 'attempts'}`;
  if (delivery.endedAt) return `${delivery.lastAnswer ?? ''} after ${attempts}`;
  if (delivery.attempts === 0) return `to be sent at ${instantText(delivery.deliverAt)}`;
  return `${delivery.lastAnswer ?? 'on its way'} after ${attempts}, next at ${instantText(delivery.deliverAt)}`;
}

function priceText(units: bigint, currency: string): string {
  if (currency === 'INR') return formatRupees(units);
  return isAsset(currency) ? `${formatDecimal(units, currency)} ${currency}` : `${units} ${currency}`;
}

/** "2030-01-31T09:30:00.000Z" → "2030-01-31 09:30:00 UTC". */
function instantText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
