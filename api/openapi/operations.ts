import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { json, operation, type Operation, type Reply } from "../operations";
import { openApiDocument } from "./document";

/** No script, style or picture but our own; nothing is loaded from elsewhere. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ASSETS: Readonly<Record<string, string>> = {
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "swagger-ui.css": "text/css; charset=utf-8",
  "start.js": "text/javascript; charset=utf-8",
};
const NAMES = Object.keys(ASSETS) as [string, ...string[]];

/**
 * The document of all operations and the page that shows it.
 * @param all every operation, these included; asked at the first request
 */
export function documentOperations(all: () => Iterable<Operation>): Operation[] {
  let made: Record<string, unknown> | null = null;
  return [
    operation({
      id: "plategate.openapi",
      permission: "public",
      summary: "This API as an OpenAPI 3.1 document",
      method: "get",
      path: "/openapi.json",
      input: {},
      replies: { 200: { description: "The document", body: z.record(z.string(), z.unknown()) } },
      handle: () => json((made ??= openApiDocument(all()))),
    }),
    operation({
      id: "plategate.docs",
      permission: "public",
      summary: "This API for people to read and try",
      method: "get",
      path: "/docs",
      input: {},
      replies: { 200: { description: "The page", contentType: "text/html" } },
      handle: () => page("docs.html", "text/html; charset=utf-8", "no-cache"),
    }),
    operation({
      id: "plategate.docs_asset",
      permission: "public",
      summary: "A part of the documentation page",
      method: "get",
      path: "/docs/:file",
      input: { params: z.object({ file: z.enum(NAMES) }) },
      replies: { 200: { description: "The file", contentType: "text/javascript" } },
      handle: (_context, { params: { file } }) =>
        page(file, ASSETS[file] ?? "", "public, max-age=86400"),
    }),
  ];
}

async function page(name: string, contentType: string, caching: string): Promise<Reply> {
  return {
    status: 200,
    headers: {
      "Content-Type": contentType,
      "Cache-Control": caching,
      "Content-Security-Policy": PAGE_POLICY,
    },
    body: await readFile(join(__dirname, "pages", name)),
  };
}
