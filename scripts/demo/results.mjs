const MAX_ICON_BYTES = 200_000;
const ICON_TYPES = /^image\/(svg\+xml|png|jpeg|webp)\b/;

/** How long each step took, by the times that the service tells. */
export class StepClock {
  /** @type {{ step: string, startMs: number, endMs: number }[]} in the order of their start */
  steps = [];
  #firstMs;

  /** @param {string} type @param {any} data of a Server-Sent Event */
  update(type, data) {
    const atMs = Date.parse(data.at);
    this.#firstMs ??= atMs;
    if (type !== 'step') return;
    const sinceMs = atMs - this.#firstMs;
    if (data.state === 'started') {
      this.steps.push({ step: data.step, startMs: sinceMs, endMs: sinceMs });
      return;
    }
    const running = this.steps.findLast(({ step }) => step === data.step);
    if (running) running.endMs = sinceMs;
  }
}

/**
 * Pictures of products, so that the page shows them after the service has ended. Only the service's
 * own are fetched: the demo stays on this machine.
 *
 * @param {import('./api.mjs').DeskApi} api
 * @param {any[]} tasks
 * @returns {Promise<Map<string, string>>} data: addresses by the product's `image`
 */
export const collectIcons = async (api, tasks) => {
  const products = tasks.flatMap((task) => task.products.flatMap(({ details }) => details));
  const urls = [...new Set(products.map(({ image }) => image))].filter((url) =>
    url?.startsWith(`${api.address}/`),
  );
  const icons = await Promise.all(
    urls.map(async (url) => {
      // A missing icon costs its picture, not the page.
      const icon = await api.download(url).catch(() => undefined);
      if (!icon || icon.bytes.length > MAX_ICON_BYTES) return undefined;
      const [type] = ICON_TYPES.exec(icon.type) ?? [];
      return type && [url, `data:${type};base64,${icon.bytes.toString('base64')}`];
    }),
  );
  return new Map(icons.filter((icon) => icon !== undefined));
};

/**
 * Items with their products, over all tasks, no keyword twice.
 *
 * @param {any[]} tasks
 * @returns {{ keyword: string, label: string, reason: string, details: any[] }[]}
 */
export const mergeItems = (tasks) => {
  const merged = new Map();
  for (const { items = [], products = [] } of tasks) {
    for (const { keyword, label, reason } of items) {
      if (!merged.has(keyword)) merged.set(keyword, { keyword, label, reason, details: [] });
    }
    for (const { keyword, details } of products) {
      const item = merged.get(keyword) ?? { keyword, label: '', reason: '', details: [] };
      if (item.details.length === 0) merged.set(keyword, { ...item, details });
    }
  }
  return [...merged.values()];
};

/** @param {any[]} tasks @returns {number | null} null when one price is not known */
export const totalUsd = (tasks) =>
  tasks.some(({ cost }) => cost?.usd === null)
    ? null
    : tasks.reduce((sum, { cost }) => sum + (cost?.usd ?? 0), 0);
