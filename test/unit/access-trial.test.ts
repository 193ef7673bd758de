import assert from "node:assert/strict";
import { Trial } from "../../api/plategate/trials/trial";
import { decide } from "../../core/access/decide";
import type { RuleChange } from "../../core/access/replay";
import { EMPTY_STATE } from "../../core/access/types";
import { eventOfPassage, storedOf, type StoredEvent } from "../../core/events/event";
import type { EventFilter, EventPage } from "../../core/events/filters";
import type { Decision } from "../../core/messages";
import { context, lists, NOON, passage, vehicle } from "../fixtures/access-sample";

/** A record of decisions in memory: `count` of a listed vehicle, and one without its facts. */
function record(count: number) {
  const listed = lists({ vehicles: [vehicle("AA11")] });
  const events = Array.from({ length: count }, (_, index) => {
    const seen = passage("AA11", { id: `p${index}`, state: index % 2 ? "final" : "preliminary" });
    const { decision } = decide(seen, listed, EMPTY_STATE, context({ clock: NOON }));
    return eventOf(seen, decision);
  });
  const plain = eventOf(
    passage("AA11"),
    decide(passage("AA11"), listed, EMPTY_STATE, context({})).decision,
  );
  if (plain.trace) delete plain.trace.facts;
  const all = [...events, plain];
  let pages = 0;
  return {
    asked: () => pages,
    list: (_filter: EventFilter, { skip, limit }: EventPage) => {
      pages += 1;
      return Promise.resolve({ items: all.slice(skip, skip + limit), total: all.length });
    },
  };
}

function eventOf(
  seen: ReturnType<typeof passage>,
  decision: Omit<Decision, "id" | "grant">,
): StoredEvent {
  const place = { siteId: "site-1", zoneId: null };
  return storedOf(eventOfPassage(seen, { ...decision, id: "d" }, null, place), {
    createdAt: NOON,
    updatedAt: NOON,
  });
}

async function tried(change: RuleChange, count = 250): Promise<Trial> {
  const trial = new Trial({ change, laneId: null, from: 0, to: NOON }, record(count));
  await trial.finished;
  return trial;
}

describe("a trial of changed rules", () => {
  it("counts what would have come out differently, and keeps the newest to be shown", async () => {
    const { state, counts, differences, total } = await tried({ remove: ["AA11"] });
    assert.equal(state, "done");
    assert.deepEqual([counts.looked, total], [251, 251]);
    assert.equal(counts.notStored, 1);
    assert.deepEqual([...counts.changes], [["open deny", 250]]);
    assert.equal(differences.length, 200);
    assert.equal(differences[0]?.event.trace, null);
  });

  it("says where the gate would have gone on reading", async () => {
    const { counts } = await tried({ rules: { minConfidence: 1 } }, 10);
    assert.equal(
      [...counts.changes.values()].reduce((sum, one) => sum + one, 0),
      10,
    );
    assert.equal(counts.waits, 5);
  });

  it("finds no difference where nothing changes", async () => {
    const { counts, differences } = await tried({ rules: {} }, 10);
    assert.deepEqual([counts.same, counts.changes.size, differences.length], [10, 0, 0]);
  });

  it("stops where it is cancelled", async () => {
    const events = record(5000);
    const trial = new Trial({ change: {}, laneId: null, from: 0, to: NOON }, events);
    trial.cancel();
    await trial.finished;
    assert.equal(trial.state, "cancelled");
    assert.ok(events.asked() <= 2);
  });
});
