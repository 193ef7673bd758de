import type { LprCamera, LprCameraRepository } from "../../../core/lpr/ports";
import type { Database } from "../types";
import { orIgnore } from "./rows";

/** Cameras that registered themselves at the LPR server, in the database. */
export class DatabaseLprCameras implements LprCameraRepository {
  constructor(private readonly database: Database) {}

  async all(): Promise<LprCamera[]> {
    const rows = await this.database.db
      .selectFrom("lpr_cameras")
      .selectAll()
      .orderBy("id")
      .execute();
    return rows.map((row) => ({
      id: row.id,
      location: row.location,
      registeredAt: row.registered_at,
      lastSeenAt: row.last_seen_at,
    }));
  }

  async save(cameras: readonly LprCamera[]): Promise<void> {
    const { db, dialect } = this.database;
    await this.database.batch(
      cameras.flatMap(({ id, location, registeredAt, lastSeenAt }) => [
        orIgnore(
          dialect,
          db
            .insertInto("lpr_cameras")
            .values({ id, location, registered_at: registeredAt, last_seen_at: lastSeenAt }),
        ),
        db
          .updateTable("lpr_cameras")
          .set({ location, last_seen_at: lastSeenAt })
          .where("id", "=", id),
      ]),
    );
  }
}
