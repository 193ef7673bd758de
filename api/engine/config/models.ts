import { z } from "zod";
import { shippedModels, type ShippedModel } from "../../../adapters/onnx/shipped";
import type { ConfigKind, Foreign } from "../../config/kind";
import { freeSchema, nameSchema } from "../../config/schemas";
import { instant, text } from "../../schemas";

const type = z.enum(["detector", "ocr"]);

const body = z.object({
  name: nameSchema,
  type,
  version: text(64).min(1),
  weights_path: text(1000).nullable().default(null),
  parameters: freeSchema.default({}),
  metadata: freeSchema.default({}),
});

/** `/config/models` of reference 2; those that come with the package are shown as well. */
export const modelKind: ConfigKind<"models"> = {
  kind: "models",
  dialect: "engine",
  path: "/config/models",
  one: "model",
  method: "put",
  rights: { read: "events.read", create: "system", update: "system", remove: "system" },
  body,
  reply: z.object({
    id: z.string(),
    name: z.string(),
    type,
    version: z.string(),
    weights_path: z.string().nullable(),
    parameters: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()),
    managed: z.enum(["api", "package"]).describe("package: comes with Plategate"),
    created_at: instant.nullable(),
    updated_at: instant.nullable(),
  }),
  query: z.object({ type: type.optional() }),
  filter: (query) => ({ type: query.type as string | undefined }),
  view: ({ fields }) => ({
    name: fields.name,
    type: fields.type,
    version: fields.version,
    weights_path: fields.weights_path,
    parameters: fields.parameters,
    metadata: fields.metadata,
    managed: "api",
  }),
  foreign: () => shippedModels().map(foreignModel),
};

function foreignModel(model: ShippedModel): Foreign {
  const own = model.role === "detector" ? "detector" : "ocr";
  return {
    id: model.id,
    wire: {
      id: model.id,
      name: model.id,
      type: own,
      version: model.version,
      weights_path: `models/${model.file}`,
      parameters: { ...model.parameters, framework: "ONNX" },
      metadata: { licence: model.licence, card: model.card, sha256: model.sha256 },
      managed: "package",
      created_at: null,
      updated_at: null,
    },
    matches: (filter) => filter.type === undefined || filter.type === own,
  };
}
