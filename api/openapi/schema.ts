import { z } from "zod";

/** A JSON Schema (draft 2020-12, as OpenAPI 3.1 takes it). */
export type JsonSchema = Record<string, unknown>;

/** Turns zod schemas into JSON Schema; what has an id goes to `components.schemas`. */
export class SchemaWriter {
  readonly components: Record<string, JsonSchema> = {};

  /** @param io "input" for what is sent to the server, "output" for what it answers */
  write(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    const made = z.toJSONSchema(schema, {
      io,
      unrepresentable: "any",
      // Answers may have more fields one day: clients must not refuse them.
      override: ({ jsonSchema }) => {
        if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      },
    }) as JsonSchema;
    delete made.$schema;
    const definitions = (made.$defs ?? {}) as Record<string, JsonSchema>;
    delete made.$defs;
    for (const [name, definition] of Object.entries(definitions)) {
      delete definition.id;
      this.components[name] = relinked(definition) as JsonSchema;
    }
    const { id } = made;
    if (typeof id !== "string") return relinked(made) as JsonSchema;
    delete made.id;
    this.components[id] = relinked(made) as JsonSchema;
    return { $ref: `#/components/schemas/${id}` };
  }
}

/** References into the document's components instead of the schema's own definitions. */
function relinked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relinked);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string"
        ? inner.replace("#/$defs/", "#/components/schemas/")
        : relinked(inner),
    ]),
  );
}
