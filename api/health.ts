/** One part's state, as reference 2 writes it. */
export interface ComponentHealth {
  status: "healthy" | "degraded" | "unhealthy" | "not_configured";
  response_time_ms?: number;
  error?: string;
  [detail: string]: unknown;
}

export interface HealthReport {
  status: "healthy" | "degraded" | "unhealthy";
  timestamp: string;
  version: string;
  components: Record<string, ComponentHealth>;
  uptime_seconds: number;
}

type Check = () => Promise<ComponentHealth> | ComponentHealth;

/** How long a component may take to answer before it counts as unhealthy. */
const CHECK_TIMEOUT_MS = 3_000;

/** Collects the checks of the program's parts; who opens something adds its check. */
export class Health {
  private readonly checks = new Map<string, Check>();
  private readonly inside = new Map<string, Check>();

  constructor(
    private readonly version: string,
    private readonly startedAt: number,
  ) {}

  /**
   * A part that must work: its state counts for whether we are ready.
   * @returns a function that takes the check away again
   */
  add(component: string, check: Check): () => void {
    return added(this.checks, component, check);
  }

  /** A part that is shown in the detailed report alone, to those who may see it. */
  addInside(component: string, check: Check): () => void {
    return added(this.inside, component, check);
  }

  /** Runs the checks of what must work; one that throws or hangs is unhealthy. */
  report(now: Date): Promise<HealthReport> {
    return this.run([...this.checks], now);
  }

  /** Runs all checks; what they measured stands under `details`. */
  async detailed(now: Date): Promise<HealthReport> {
    const report = await this.run([...this.checks, ...this.inside], now);
    const components = Object.entries(report.components).map(([name, component]) => {
      const { status, response_time_ms, error, ...details } = component;
      const kept = { status, ...defined({ response_time_ms, error }) };
      const measured = { ...details, last_check: now.toISOString() };
      return [name, status === "not_configured" ? kept : { ...kept, details: measured }] as const;
    });
    return { ...report, components: Object.fromEntries(components) };
  }

  private async run(checks: [string, Check][], now: Date): Promise<HealthReport> {
    const entries = await Promise.all(
      checks.map(async ([name, check]) => [name, await runCheck(check)] as const),
    );
    const states = entries.map(([, health]) => health.status);
    const status = states.includes("unhealthy")
      ? "unhealthy"
      : states.includes("degraded")
        ? "degraded"
        : "healthy";
    return {
      status,
      timestamp: now.toISOString(),
      version: this.version,
      components: Object.fromEntries(entries),
      uptime_seconds: Math.floor((now.getTime() - this.startedAt) / 1000),
    };
  }
}

function added(checks: Map<string, Check>, component: string, check: Check): () => void {
  checks.set(component, check);
  return () => {
    if (checks.get(component) === check) checks.delete(component);
  };
}

function defined<T extends object>(values: T): Partial<T> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}

async function runCheck(check: Check): Promise<ComponentHealth> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("no answer in time")), CHECK_TIMEOUT_MS);
    });
    const health = await Promise.race([Promise.resolve(check()), late]);
    if (health.status === "not_configured") return health;
    return { response_time_ms: Math.round(performance.now() - started), ...health };
  } catch (error) {
    return { status: "unhealthy", error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
