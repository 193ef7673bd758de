/** Topics below one prefix: `plategate/<site>/<lane>/…`. Ids are made fit for a topic. */
export class Topics {
  /** @param prefix may have several levels, e.g. "house/plategate" */
  constructor(
    private readonly prefix: string,
    readonly site: string,
  ) {}

  /** Of the whole site, e.g. "availability". */
  ofSite(name: string): string {
    return `${this.prefix}/${level(this.site)}/${name}`;
  }

  /** Of a lane, e.g. "read"; `site` where it is another's. */
  ofLane(lane: string, name: string, site = this.site): string {
    return `${this.prefix}/${level(site)}/${level(lane)}/${name}`;
  }

  /** What to subscribe to for the commands of all lanes. */
  get commands(): string {
    return `${this.prefix}/${level(this.site)}/+/barrier/set`;
  }

  /** The lane's level of a command's topic; null where the topic is none. */
  commandedLane(topic: string): string | null {
    const start = `${this.prefix}/${level(this.site)}/`;
    if (!topic.startsWith(start) || !topic.endsWith("/barrier/set")) return null;
    const lane = topic.slice(start.length, -"/barrier/set".length);
    return lane !== "" && !lane.includes("/") ? lane : null;
  }
}

/** An id as one level of a topic: signs that mean something there are replaced. */
export function level(id: string): string {
  return id.replace(/[+#/\0]/g, "-").replace(/^\$/, "-") || "none";
}

/**
 * Whether a text can begin our topics.
 * @returns why not, null where it can
 */
export function prefixProblem(prefix: string): string | null {
  if (prefix === "" || prefix.length > 200) return "a topic's beginning is 1 to 200 characters";
  if (/[+#\0]/.test(prefix)) return "a topic's beginning has no + and no #";
  if (/^\$|^\/|\/$|\/\//.test(prefix)) return "a topic's beginning has no $, no empty level";
  return null;
}
