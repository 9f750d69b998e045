/** Puts an example into a form's fields, by their names. Only what one types into: a choice keeps what it stands at. */
export function fillIn(form: HTMLFormElement | null, example: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(example)) {
    const field = form?.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
  }
}
