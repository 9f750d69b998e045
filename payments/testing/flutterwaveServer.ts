import { type Answer, type Asked, deliver, type RunningServer, readAsked, startServer } from './server.ts';

/** JSON with numbers as they are to be written: 5000.50 is no number that JSON.stringify would write so. */
type Written = { raw: string };
type Transaction = {
  id: number | string;
  tx_ref: string;
  flw_ref: string;
  amount: unknown;
  currency: string;
  status: string;
  processor_response: string;
  created_at: string;
};
type Refund = {
  id: number;
  tx_id: number | string;
  amount_refunded: Written;
  status: string;
  comments: string;
  created_at: string;
};
type Chargeback = { id: number; amount: Written; status: string; transaction_id: number | string; created_at: string };

export type FlutterwaveServer = RunningServer & {
  /** By tx_ref. */
  pages: Map<string, { amount: string; currency: string }>;
  transactions: Map<string, Transaction>;
  refunds: Map<number, Refund>;
  /** Where webhooks go. */
  webhookUrl: string;
  pay(txRef: string, status?: string): Promise<string>;
  failRefundsOf(id: string): void;
  chargeBack(id: string, status: string): number;
};

export type FlutterwaveServerOptions = { secretKey: string; secretHash: string };

/**
 * A server that speaks Flutterwave's v3 API as far as Tandem uses it: payment pages by tx_ref, transactions with
 * amounts as decimal numbers, verification, refunds, charge-backs, pages of lists, and webhooks that carry the secret.
 */
export async function startFlutterwaveServer(options: FlutterwaveServerOptions): Promise<FlutterwaveServer> {
  const pages: FlutterwaveServer['pages'] = new Map();
  const transactions = new Map<string, Transaction>();
  const refunds = new Map<number, Refund>();
  const chargebacks = new Map<number, Chargeback>();
  const failing = new Set<string>();
  let lastId = 288_200_000;

  const emit = (event: string, data: object) =>
    deliver(server.webhookUrl, write({ event, data }), { 'verif-hash': options.secretHash });

  const createRefund = (transaction: Transaction, body: { amount?: string; comments?: string }): Answer => {
    const own = [...refunds.values()].filter((refund) => refund.tx_id === transaction.id && refund.status !== 'failed');
    const paid = cents((transaction.amount as Written).raw);
    const left = paid - own.reduce((sum, refund) => sum + cents(refund.amount_refunded.raw), 0);
    const amount = body.amount === undefined ? left : cents(body.amount);
    if (transaction.status !== 'successful') return refusal('Transaction was not successful');
    if (left === 0) return refusal('Transaction has been fully refunded');
    if (amount > left) return refusal('Refund amount cannot be greater than the amount left');
    const fails = failing.has(String(transaction.id));
    const refund: Refund = {
      id: ++lastId,
      tx_id: transaction.id,
      amount_refunded: { raw: (amount / 100).toFixed(2) },
      status: fails ? 'pending' : 'completed-mpgs',
      comments: body.comments ?? '',
      created_at: new Date().toISOString(),
    };
    refunds.set(refund.id, refund);
    const made = { ...refund };
    if (fails) refund.status = 'failed';
    void emit('refund.completed', refund);
    return success(made);
  };

  const list = (asked: Asked, rows: { created_at: string }[]): Answer => {
    const from = asked.query.get('from') ?? '';
    const found = rows.filter((row) => row.created_at.slice(0, 10) >= from).toReversed();
    const page = Number(asked.query.get('page') ?? 1);
    const size = 10;
    const info = { total: found.length, current_page: page, total_pages: Math.ceil(found.length / size) };
    return {
      status: 200,
      body: { ...(success(found.slice((page - 1) * size, page * size)).body as object), meta: { page_info: info } },
    };
  };

  const route = (asked: Asked): Answer => {
    const [, version, kind, id = '', part] = asked.path.split('/');
    const get = asked.method === 'GET';
    const json = () => JSON.parse(asked.body.toString('utf8')) as Record<string, unknown>;
    if (version !== 'v3') return noSuch;
    if (kind === 'payments' && !get) {
      const { tx_ref: reference, amount, currency, customer, redirect_url: back } = json();
      if (!reference || !back || !(customer as { email?: string })?.email) return refusal('Missing required parameter');
      if (!/^\d+(\.\d\d?)?$/.test(String(amount))) return refusal('amount is invalid');
      pages.set(String(reference), { amount: String(amount), currency: String(currency) });
      return success({ link: `https://checkout.flutterwave.com/v3/hosted/pay/${pages.size}` });
    }
    if (kind === 'transactions' && get && !id) {
      const of = asked.query.get('tx_ref');
      return list(
        asked,
        [...transactions.values()].filter((one) => of === null || one.tx_ref === of),
      );
    }
    if (kind === 'transactions') {
      const transaction = transactions.get(id);
      if (!transaction) return refusal('No transaction was found for this id');
      if (get && part === 'verify') return success(transaction);
      if (!get && part === 'refund') return createRefund(transaction, json());
    }
    if (kind === 'refunds' && get && !id) return list(asked, [...refunds.values()]);
    if (kind === 'refunds' && get) {
      const refund = refunds.get(Number(id));
      return refund ? success(refund) : refusal('Refund not found');
    }
    if (kind === 'chargebacks' && get) {
      const of = asked.query.get('id');
      return list(
        asked,
        [...chargebacks.values()].filter((one) => of === null || String(one.id) === of),
      );
    }
    return noSuch;
  };

  const running = await startServer(async (request, response) => {
    const asked = await readAsked(request);
    const known = asked.headers.authorization === `Bearer ${options.secretKey}`;
    const { status, body } = known ? route(asked) : refusal('Invalid authorization key', 401);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(write(body));
  });

  const server: FlutterwaveServer = {
    ...running,
    pages,
    transactions,
    refunds,
    webhookUrl: '',
    async pay(txRef, status = 'successful') {
      const page = pages.get(txRef);
      if (!page) throw new Error(`no page ${txRef}`);
      const transaction: Transaction = {
        id: ++lastId,
        tx_ref: txRef,
        flw_ref: `FLW-MOCK-${lastId}`,
        // A trailing zero is not written.
        amount: { raw: page.amount.replace(/\.?0+$/, (zeros) => (page.amount.includes('.') ? '' : zeros)) },
        currency: page.currency,
        status,
        processor_response: status === 'failed' ? 'The card was declined by its bank' : 'Approved',
        created_at: new Date().toISOString(),
      };
      transactions.set(String(transaction.id), transaction);
      if (status !== 'pending') await emit('charge.completed', transaction);
      return String(transaction.id);
    },
    failRefundsOf(id) {
      failing.add(id);
    },
    chargeBack(id, status) {
      const transaction = transactions.get(id);
      if (!transaction) throw new Error(`no transaction ${id}`);
      const chargeback = {
        id: ++lastId,
        amount: transaction.amount as Written,
        flw_ref: transaction.flw_ref,
        status,
        stage: 'new',
        comment: 'The payer lost the parcel.',
        due_date: new Date(Date.now() + 7 * 86_400_000).toISOString(),
        created_at: new Date().toISOString(),
        transaction_id: transaction.id,
        tx_ref: transaction.tx_ref,
      };
      chargebacks.set(chargeback.id, chargeback);
      return chargeback.id;
    },
  };
  return server;
}

/** JSON in which `{ raw }` stands for a number that is written just so. */
function write(body: unknown): string {
  return JSON.stringify(body).replace(/\{"raw":"([^"]*)"\}/g, '$1');
}

function cents(text: string): number {
  const [whole = '0', fraction = ''] = text.split('.');
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

const success = (data: unknown): Answer => ({ status: 200, body: { status: 'success', message: 'Done', data } });

const refusal = (message: string, status = 400): Answer => ({ status, body: { status: 'error', message, data: null } });

const noSuch = refusal('The requested URL was not found', 404);
