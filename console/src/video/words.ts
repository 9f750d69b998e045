/** 1, "view" → "1 view"; 2 → "2 views". */
export function many(number: number, of: string): string {
  return `${number.toLocaleString('en-IN')} ${of}${number === 1 ? '' : 's'}`;
}
