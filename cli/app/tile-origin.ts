import { tileOrigin, tileServerOf } from "../../core/map/types";

/** The host that the map's tiles come from, as the dashboard's headers need it. */
export class TileOrigin {
  /** E.g. "https://tiles.example.org"; null where no tile server is set. */
  known: string | null = null;
  private reading: Promise<void> | null = null;

  /** @param load the setting's value; may reject while the database is away */
  constructor(private readonly load: () => Promise<unknown>) {}

  /** Brings `known` up to date. Never rejects: what was known stays. */
  async refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = null));
    await this.reading;
  }

  private async read(): Promise<void> {
    try {
      const server = tileServerOf(await this.load());
      this.known = server && tileOrigin(server.url);
    } catch {
      // the database is away: pages come without the map's host, or with the one that was known
    }
  }
}
