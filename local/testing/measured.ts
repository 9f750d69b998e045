import type { Registry } from 'prom-client';
import type { Matcher, Query } from './deployCheck.ts';

/** What is measured, as queries may ask for it: by whole names of series their labels, by labels their values. */
type Measured = {
  /** What a process shows to a scrape. */
  note(text: string): void;
  /** What a process can show once something is counted: its metrics with their labels, and no values. */
  noteOwn(registry: Registry): void;
  /** Values of a label, whatever series has it, where the code has a list of them. */
  noteValues(label: string, values: readonly string[]): void;
  /** What of these queries nobody measures, a sentence each. */
  unknown(queries: readonly Query[]): string[];
};

type Labels = Map<string, Set<string>>;

/** `ofScrapes`: what Prometheus itself adds to every series. */
export function createMeasured(ofScrapes: readonly string[]): Measured {
  const all = new Map<string, Labels>();
  const listed: Labels = new Map();

  function labelsOf(series: string): Labels {
    const found = all.get(series) ?? new Map();
    all.set(series, found);
    return found;
  }

  const valuesOf = (labels: Labels, label: string): Set<string> => {
    const found = labels.get(label) ?? new Set();
    labels.set(label, found);
    return found;
  };

  function wrongOf(name: string, labels: readonly string[], matchers: readonly Matcher[]): string[] {
    const has = all.get(name);
    if (!has) return [name];
    const strange = [...new Set(labels)].filter((label) => !has.has(label) && !ofScrapes.includes(label));
    const wrong = matchers
      .filter(({ label }) => !strange.includes(label))
      .filter(
        (matcher) => !isKnown(matcher, [...(has.get(matcher.label) ?? []), ...(listed.get(matcher.label) ?? [])]),
      );
    return [
      ...strange.map((label) => `${name}{${label}}`),
      ...wrong.map(({ label, type, value }) => `${name}{${label}${type}"${value}"}`),
    ];
  }

  return {
    note(text) {
      for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
        for (const series of seriesOf(name, type)) labelsOf(series);
      }
      for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{(.*)\} /gm)) {
        for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
          valuesOf(labelsOf(name), label).add(value);
        }
      }
    },
    noteOwn(registry) {
      for (const metric of registry.getMetricsAsArray() as unknown as Own[]) {
        for (const series of seriesOf(metric.name, metric.type)) {
          const named = series.endsWith('_bucket') ? [...metric.labelNames, 'le'] : metric.labelNames;
          for (const label of named) valuesOf(labelsOf(series), label);
        }
      }
    },
    noteValues(label, values) {
      for (const value of values) valuesOf(listed, label).add(value);
    },
    unknown: (queries) =>
      queries.flatMap(({ query, selectors }) =>
        selectors.flatMap(({ name, labels, matchers }) =>
          wrongOf(name, labels, matchers).map((wrong) => `${wrong} in ${query}`),
        ),
      ),
  };
}

/** As the library keeps one of its metrics. */
type Own = { name: string; type: string; labelNames: readonly string[] };

const seriesOf = (name: string, type: string): string[] =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];

/** Of a choice each part has to be there: one that never is was meant otherwise. */
function isKnown({ type, value }: Matcher, values: readonly string[]): boolean {
  if (type === '=' || type === '!=') return values.includes(value);
  return value.split('|').every((part) => values.some((each) => new RegExp(`^(?:${part})$`).test(each)));
}
