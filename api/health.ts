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

  constructor(
    private readonly version: string,
    private readonly startedAt: number,
  ) {}

  /** @returns a function that takes the check away again */
  add(component: string, check: Check): () => void {
    this.checks.set(component, check);
    return () => {
      if (this.checks.get(component) === check) this.checks.delete(component);
    };
  }

  /** Runs all checks; one that throws or hangs is unhealthy. */
  async report(now: Date): Promise<HealthReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await runCheck(check)] as const),
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

async function runCheck(check: Check): Promise<ComponentHealth> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("no answer in time")), CHECK_TIMEOUT_MS);
    });
    const health = await Promise.race([Promise.resolve(check()), late]);
    return { response_time_ms: Math.round(performance.now() - started), ...health };
  } catch (error) {
    return { status: "unhealthy", error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
