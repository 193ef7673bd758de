import assert from "node:assert/strict";
import { z } from "zod";
import { operations } from "../../api/catalogue";
import type { Operation } from "../../api/operations";

/** Fields that hold the plates of people who passed. */
const PLATE = /^(corrected_|vehicle_)?plate(s|_text|_number)?$/;
/** Rights that let somebody see what passed; the lists' own plates are not look-ups. */
const RIGHTS = ["events.read", "review"];

describe("operations that show plates", () => {
  const showing = [...operations.values()].filter(
    ({ permission, method, replies }) =>
      RIGHTS.includes(permission) &&
      method === "get" &&
      Object.values(replies ?? {}).some(({ body }) => body && holdsPlate(schemaOf(body))),
  );

  it("are found by their schemas", () => {
    const ids = showing.map(({ id }) => id);
    for (const id of ["engine.events", "city.event", "plategate.occupancy"]) {
      assert.ok(ids.includes(id), ids.join(" "));
    }
  });

  it("note each look-up in the audit log", () => {
    const silent = showing.filter(({ lookUp }: Operation) => !lookUp).map(({ id }) => id);
    assert.deepEqual(silent, []);
  });
});

function schemaOf(body: z.ZodType): unknown {
  return z.toJSONSchema(body, { unrepresentable: "any", io: "output" });
}

function holdsPlate(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  const { properties } = schema as { properties?: object };
  const named =
    properties !== undefined && Object.keys(properties).some((name) => PLATE.test(name));
  return named || Object.values(schema).some(holdsPlate);
}
