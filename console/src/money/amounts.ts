/** Decimal places a sum is made with: as many as the finest asset has. */
const PLACES = 8;

/** Decimal texts added exactly: "4500.00" + "500.00" → "5000.00", with as many decimals as the longest has. */
export function sum(amounts: readonly string[]): string {
  const decimals = Math.max(0, ...amounts.map((amount) => amount.split('.')[1]?.length ?? 0));
  const total = amounts.reduce((all, amount) => all + units(amount), 0n);
  const text = (total < 0n ? -total : total).toString().padStart(PLACES + 1, '0');
  const fraction = text.slice(-PLACES).slice(0, decimals);
  return `${total < 0n ? '-' : ''}${text.slice(0, -PLACES)}${fraction ? `.${fraction}` : ''}`;
}

function units(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const value = BigInt(whole + fraction.padEnd(PLACES, '0').slice(0, PLACES));
  return amount.startsWith('-') ? -value : value;
}

const rupees = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' });
const plain = new Intl.NumberFormat('en-IN', { maximumFractionDigits: PLACES });

/** "5000.00", "INR" → "₹5,000.00"; "100", "TOKEN" → "100 TOKEN". The text is read exactly, not as a float. */
export function formatAmount(amount: string, asset: string): string {
  return asset === 'INR' ? rupees.format(amount as `${number}`) : `${plain.format(amount as `${number}`)} ${asset}`;
}

/** The same with its sign: "-5.00" → "−₹5.00", "5.00" → "+₹5.00"; `plus` is what stands before what is not below zero. */
export function formatSigned(amount: string, asset: string, plus = '+'): string {
  return `${amount.startsWith('-') ? '−' : plus}${formatAmount(amount.replace('-', ''), asset)}`;
}

/** Paise as a number → "5000.00". */
export function fromPaise(paise: number): string {
  const text = String(paise).padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}
