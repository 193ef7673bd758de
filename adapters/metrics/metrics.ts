import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * The process's metrics, served at `/metrics`. A part registers its own where it
 * lives: `const drops = counter("plategate_frames_dropped_total", "…", ["camera"])`.
 * A name that is registered twice gives the same metric, so that nodes may be made
 * again at each deploy. Labels take few values: ids of cameras, lanes and barriers,
 * never plates, names or addresses.
 */
const registry = new Registry();
collectDefaultMetrics({ register: registry });

/** Something that only grows. Names end in `_total`. */
export function counter<L extends string = never>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
): Counter<L> {
  return known<Counter<L>>(name) ?? new Counter({ name, help, labelNames, registers: [registry] });
}

/**
 * A value that goes up and down.
 * @param collect asked for the value whenever the metrics are read; the last one that
 *   was registered counts
 */
export function gauge<L extends string = never>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  collect?: (gauge: Gauge<L>) => void | Promise<void>,
): Gauge<L> {
  if (collect) collectors.set(name, collect);
  return (
    known<Gauge<L>>(name) ??
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        await collectors.get(name)?.(this);
      },
    })
  );
}

const collectors = new Map<string, (gauge: Gauge) => void | Promise<void>>();

/** Buckets in seconds, from a database look-up to a slow upload. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long things take, in seconds. Names end in `_seconds`. */
export function histogram<L extends string = never>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  buckets: readonly number[] = SECONDS,
): Histogram<L> {
  return (
    known<Histogram<L>>(name) ??
    new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] })
  );
}

/** All metrics in Prometheus' text format. */
export async function metricsText(): Promise<{ contentType: string; text: string }> {
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** The sum of a metric over all its labels, without asking others; 0 for one nobody has registered. */
export async function metricSum(name: string, part = name): Promise<number> {
  const metric = await known<Counter | Gauge | Histogram>(name)?.get();
  const values = (metric?.values ?? []) as { metricName?: string; value: number }[];
  return values.reduce(
    (sum, { metricName = name, value }) => (metricName === part ? sum + value : sum),
    0,
  );
}

function known<T>(name: string): T | undefined {
  return registry.getSingleMetric(name) as T | undefined;
}
