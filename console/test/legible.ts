import axe from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * Texts on the page that are too faint against what they stand on: below 4.5 to 1, or 3 to 1 where they are large.
 * Disabled controls and what is not shown are left out.
 */
export async function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Colour = { r: number; g: number; b: number; a: number };
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const parse = (text: string): Colour => {
      if (!canvas) throw new Error('no canvas');
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return { r, g, b, a: a / 255 };
    };
    const over = (top: Colour, below: Colour): Colour => ({
      r: top.r * top.a + below.r * (1 - top.a),
      g: top.g * top.a + below.g * (1 - top.a),
      b: top.b * top.a + below.b * (1 - top.a),
      a: 1,
    });
    const groundOf = (element: Element): Colour => {
      const own = parse(getComputedStyle(element).backgroundColor);
      if (own.a === 1) return own;
      return over(own, element.parentElement ? groundOf(element.parentElement) : parse('white'));
    };
    const luminance = ({ r, g, b }: Colour) => {
      const [R = 0, G = 0, B = 0] = [r, g, b].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * R + 0.7152 * G + 0.0722 * B;
    };

    const found = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim();
      if (!element || !text || element.closest('svg, script, style, noscript, :disabled, [data-disabled]')) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const box = element.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1) continue;
      const style = getComputedStyle(element);
      const ground = groundOf(element);
      const [a, b] = [luminance(over(parse(style.color), ground)), luminance(ground)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5)) found.add(`"${text.slice(0, 40)}" ${ratio.toFixed(1)} to 1`);
    }
    return [...found];
  });
}

/** Controls that a screen reader would have no name for. */
export async function namelessControls(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('input, textarea, select, button, a[href], [role="tab"], [role="img"]')]
      .filter((element) => element.checkVisibility() && (element as HTMLInputElement).type !== 'hidden')
      .filter((element) => {
        const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent);
        const ids = (element.getAttribute('aria-labelledby') ?? '').split(' ');
        const named = ids.map((id) => document.getElementById(id)?.textContent);
        const names = [...labels, ...named, element.getAttribute('aria-label'), element.textContent];
        return names.every((name) => !name?.trim());
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}

/** What axe has to say against a page as it is now. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    type Axe = { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    const found = await (window as unknown as { axe: Axe }).axe.run();
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}
