import type { Request } from "express";
import { cityOperations } from "./city";
import { engineOperations } from "./engine";
import { guideOperations } from "./guide";
import type { Operation } from "./operations";
import { plategateOperations } from "./plategate";
import type { ApiServices } from "./services";

/** Every operation of every dialect, by id. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...engineOperations, ...cityOperations, ...guideOperations, ...plategateOperations].map(
    (operation) => [operation.id, operation],
  ),
);

/**
 * Whether a request may go without a credential: its dialect is open, or it carries
 * the signature of exactly this path.
 */
export function isOpen(services: ApiServices, dialect: string, request: Request): boolean {
  return services.publicDialects.has(dialect) || services.links.opens(request);
}
