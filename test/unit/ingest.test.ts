import assert from "node:assert/strict";
import { eventOfIngest, ingestSchema } from "../../api/events/ingest";
import { exportedEvent } from "../../core/events/export";
import { storedOf } from "../../core/events/event";
import { anEvent } from "../fixtures/events";

const times = { createdAt: 1, updatedAt: 1 };

describe("an ingested event", () => {
  it("is where another Plategate says it was, and decided by nobody here", () => {
    const place = { siteId: "north", laneId: "in", region: "AT", direction: "away" } as const;
    const sent = exportedEvent(storedOf(anEvent("e1", { ...place, decision: "open" }), times));
    const event = eventOfIngest(ingestSchema.parse(sent), 5);
    const { siteId, laneId, region, direction, decision } = event;
    assert.deepEqual({ siteId, laneId, region, direction }, place);
    assert.equal(decision, null);
  });

  it("of a client of reference 2 may have any fields of its own", () => {
    const given = { plate_text: "AB1", site_id: 7, lane_id: "", region: {}, direction: "in" };
    const event = eventOfIngest(ingestSchema.parse(given), 5);
    const { siteId, laneId, region, direction } = event;
    assert.deepEqual([siteId, laneId, region, direction], [null, null, null, "unknown"]);
  });
});
