/** Whether Postgres keeps a text as it is: any character but NUL, and no half of one. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
