import { engineOperations } from "./engine";
import { guideOperations } from "./guide";
import type { Operation } from "./operations";
import { plategateOperations } from "./plategate";
import type { ApiServices } from "./services";

/** Every operation of every dialect, by id. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...engineOperations, ...guideOperations, ...plategateOperations].map((operation) => [
    operation.id,
    operation,
  ]),
);

/** Whether an operation's dialect is open to callers without a credential. */
export function isOpen(services: ApiServices, operationId: string): boolean {
  return services.publicDialects.has(operationId.split(".")[0] ?? "");
}
