import type { z } from "zod";
import { packageVersion } from "../../adapters/package/package";
import { ROLE_PERMISSIONS, ROLES, SCOPE_PERMISSIONS, SCOPES } from "../auth/permissions";
import { SESSION_COOKIE } from "../auth/guard";
import type { Access } from "../auth/permissions";
import type { FormParts, Operation, ReplySchema } from "../operations";
import { errorSchema } from "../schemas";
import { errorResponses, errorsOf } from "./errors";
import { SchemaWriter, type JsonSchema } from "./schema";
import { aboutTag, tagOf } from "./tags";

/** A path in Express form as OpenAPI writes it. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)(\([^)]*\))?/g, "{$1}");
}

/** The OpenAPI 3.1 document, made from the schemas that check the requests. */
export function openApiDocument(operations: Iterable<Operation>): Record<string, unknown> {
  const writer = new SchemaWriter();
  const paths: Record<string, Record<string, unknown>> = {};
  const tags = new Set<string>();
  for (const operation of operations) {
    tags.add(tagOf(operation));
    const path = (paths[openApiPath(operation.path)] ??= {});
    path[operation.method] = operationObject(operation, writer);
  }
  writer.components.Error = writer.write(errorSchema, "output");
  return {
    openapi: "3.1.0",
    info: {
      title: "Plategate",
      version: packageVersion(),
      summary: "Reads number plates and opens gates for those who may pass",
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...tags].map((name) => ({ name, description: aboutTag(name) })),
    paths,
    components: {
      schemas: writer.components,
      responses: errorResponses(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The access token of `POST /auth/token`, good for an hour",
  },
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
  session: {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
    description: "The dashboard's login, `POST /auth/session`",
  },
};

function operationObject(operation: Operation, writer: SchemaWriter): JsonSchema {
  const { id, summary, permission, input = {}, form } = operation;
  const named = (place: "path" | "query", schema: z.ZodObject | undefined): JsonSchema[] => {
    if (!schema) return [];
    const made = writer.write(schema, "input");
    const required = (made.required ?? []) as string[];
    return Object.entries((made.properties ?? {}) as Record<string, JsonSchema>).map(
      ([name, property]) => ({
        name,
        in: place,
        required: place === "path" || required.includes(name),
        ...(typeof property.description === "string" ? { description: property.description } : {}),
        schema: property,
      }),
    );
  };
  const parameters = [...named("path", input.params), ...named("query", input.query)];
  const content = bodyContent(operation, writer);
  return {
    operationId: id,
    tags: [tagOf(operation)],
    summary,
    ...(permission === "public" ? {} : { description: rightText(permission) }),
    "x-plategate-right": permission,
    security: securityOf(permission),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(content ? { requestBody: { required: form === undefined || !input.body, content } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.replies ?? { 200: { description: "Done" } }).map(
          ([status, reply]) => [status, responseObject(reply, writer)],
        ),
      ),
      ...errorsOf(operation),
    },
  };
}

function bodyContent({ input, form }: Operation, writer: SchemaWriter): JsonSchema | null {
  const content: JsonSchema = {};
  if (input?.body) content["application/json"] = { schema: writer.write(input.body, "input") };
  if (form) content["multipart/form-data"] = { schema: formSchema(form, writer) };
  return Object.keys(content).length > 0 ? content : null;
}

function formSchema({ fields, files }: FormParts, writer: SchemaWriter): JsonSchema {
  const made = fields ? writer.write(fields, "input") : { type: "object" };
  const parts = Object.entries(files);
  const required = [
    ...((made.required ?? []) as string[]),
    ...parts.filter(([, part]) => part.required).map(([name]) => name),
  ];
  return {
    ...made,
    properties: {
      ...(made.properties as object | undefined),
      ...Object.fromEntries(
        parts.map(([name, { description }]) => [
          name,
          { type: "string", contentMediaType: "application/octet-stream", description },
        ]),
      ),
    },
    ...(required.length > 0 ? { required } : {}),
  };
}

function responseObject(reply: ReplySchema, writer: SchemaWriter): JsonSchema {
  const { description, body, contentType } = reply;
  if (!body && !contentType) return { description };
  const media = body ? { schema: writer.write(body, "output") } : {};
  return { description, content: { [contentType ?? "application/json"]: media } };
}

/** Every way to show a credential; an empty requirement where none is needed. */
function securityOf(permission: Access): JsonSchema[] {
  if (permission === "public") return [];
  return [{ bearer: [] }, { apiKey: [] }, { session: [] }];
}

function rightText(permission: Exclude<Access, "public">): string {
  if (permission === "signed_in") return "For everybody who is logged in, and for every key.";
  const roles = ROLES.filter((role) => ROLE_PERMISSIONS[role].includes(permission));
  const scopes = SCOPES.filter((scope) => SCOPE_PERMISSIONS[scope].includes(permission));
  return `Needs the right \`${permission}\`: roles ${roles.join(", ")}; keys with the scope ${scopes.join(" or ")}.`;
}

const DESCRIPTION = [
  "Five dialects on one record; each answers as its reference says.",
  "A right is checked before anything else: 401 and 403 come before 400 and 404.",
  "Live: `WS /events/stream` with `?token=` or `?api_key=`; see docs/api.md.",
].join(" ");
