import { formatRupees } from '../../money.ts';

/** Paise → "₹5,000", for sentences. */
export function rupees(paise: string | null | undefined): string {
  return formatRupees(BigInt(paise ?? '0'));
}
