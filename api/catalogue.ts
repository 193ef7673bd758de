import type { Request } from "express";
import type { Access } from "./auth/permissions";
import { cityOperations } from "./city";
import { engineOperations } from "./engine";
import { galaxyOperations } from "./galaxy";
import { guideOperations } from "./guide";
import { documentOperations } from "./openapi/operations";
import type { Operation } from "./operations";
import { plategateOperations } from "./plategate";
import type { ApiServices } from "./services";

const all: Operation[] = [
  ...engineOperations,
  ...cityOperations,
  ...guideOperations,
  ...galaxyOperations,
  ...plategateOperations,
  ...documentOperations(() => all),
];

/** Every operation of every dialect, by id. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  all.map((operation) => [operation.id, operation]),
);

/** The dialect that an operation belongs to. */
export function dialectOf({ id }: Pick<Operation, "id">): string {
  return id.split(".")[0] ?? "";
}

/**
 * What an open dialect lets everybody do: read. The guide has pictures read too, of which
 * it stores nothing; galaxy's `/detect_image` stores events.
 */
const OPEN_RIGHTS: Readonly<Record<string, readonly Access[]>> = {
  guide: ["events.read", "recognize"],
  galaxy: ["events.read"],
};

/**
 * Whether a request may go without a credential: its dialect is open and it only reads,
 * or it carries the signature of exactly this path.
 */
export function isOpen(
  services: ApiServices,
  { dialect, permission }: { dialect: string; permission: Access },
  request: Request,
): boolean {
  const rights = services.publicDialects.has(dialect) ? OPEN_RIGHTS[dialect] : undefined;
  const reads = rights?.includes(permission) ?? false;
  return reads || services.links.opens(request);
}
