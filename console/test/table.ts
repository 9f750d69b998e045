import type { BrowserContext, Locator, Page } from 'playwright-core';
import { until } from './promises.ts';

/** The page as somebody uses it: its parts by their names, its buttons by what they say. */
export class Table {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly brand: Side;
  readonly influencer: Side;
  readonly deal: Locator;

  constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    this.brand = new Side(page, 'brand_owner');
    this.influencer = new Side(page, 'influencer');
    this.deal = page.locator('[data-part="deal"]');
  }

  /** The state that the picture shows as the current one. */
  here(): Promise<string | null> {
    return this.deal.locator('[data-standing="here"]').getAttribute('data-node');
  }

  async arrive(state: string): Promise<void> {
    await until(
      () => this.deal.locator('[data-standing="here"]').getAttribute('data-node'),
      (seen) => seen === state,
      `the picture stands at ${state}`,
    );
  }

  /** The picture shows these states as passed through, in any order, and no others. */
  async hasPassed(...states: string[]): Promise<void> {
    const wanted = states.toSorted().join();
    const nodes = this.deal.locator('[data-standing="been"]');
    const look = () => nodes.evaluateAll((all) => all.map((node) => node.getAttribute('data-node') ?? ''));
    await until(look, (seen) => seen.toSorted().join() === wanted, `the picture shows the way through ${wanted}`);
  }

  /** The ledger shows these legs on top, in any order: "Escrow +₹5,000.00". */
  async hasMoved(...legs: string[]): Promise<void> {
    const wanted = legs.toSorted().join();
    const rows = this.deal.getByRole('region', { name: 'Ledger' }).locator('tbody tr');
    const look = () =>
      rows.evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent).join(' ')),
      );
    const isSo = (seen: string[]) => seen.slice(0, legs.length).toSorted().join() === wanted;
    await until(look, isSo, `the ledger shows ${wanted}`);
  }

  /** Presses a button of the provider's page, which opened in its own tab. */
  async payBy(button: string, opened: Promise<Page>): Promise<void> {
    const checkout = await opened;
    await checkout.locator(`button[value="${button}"]`).click();
    await checkout.waitForLoadState();
    await checkout.close();
  }
}

export class Side {
  readonly root: Locator;

  constructor(page: Page, part: 'brand_owner' | 'influencer') {
    this.root = page.locator(`[data-part="${part}"]`).and(page.locator('section'));
  }

  /** A button that the API offers, by its id. */
  button(id: string): Locator {
    return this.root.locator(`button[data-button="${id}"]:visible`);
  }

  async press(id: string): Promise<void> {
    await this.button(id).click();
  }

  /** Presses a button that asks once more, and says that one means it. */
  async agree(id: string): Promise<void> {
    await this.press(id);
    await this.root.locator(`form [data-button="${id}"]`).click();
  }

  /** What money does, as this side is told before it agrees. */
  async isTold(consequence: string): Promise<void> {
    await this.root.locator('[data-consequence]:visible').getByText(consequence).first().waitFor();
  }

  /** Fills the one field there is and sends it. */
  async fill(id: string, text: string): Promise<void> {
    const form = this.root.locator(`form:has([data-button="${id}"])`);
    await form.locator('textarea:visible, input:visible').first().fill(text);
    await form.locator(`[data-button="${id}"]`).click();
  }

  /** Chooses what is not asked for, from beside it. */
  async more(id: string): Promise<void> {
    await this.press('more');
    await this.root
      .page()
      .getByRole('menuitem')
      .and(this.root.page().locator(`[data-button="${id}"]`))
      .click();
  }

  async tab(name: 'Cases' | 'Market'): Promise<void> {
    await this.root.getByRole('tab', { name }).click();
  }

  log(): Locator {
    return this.root.getByRole('log');
  }

  status(): Promise<string | null> {
    return this.root.locator('[role="status"][data-status]').textContent();
  }

  async balance(): Promise<string | null> {
    return this.root.locator('[data-balance]').getAttribute('data-balance');
  }

  async say(text: string): Promise<void> {
    const field = this.root.getByRole('textbox', { name: /^Message as/ });
    await field.fill(text);
    await field.press('Enter');
  }
}
