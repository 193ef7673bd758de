import { health } from "./engine/health";
import { token } from "./engine/token";
import { recognize } from "./guide/recognize";
import type { Operation } from "./operations";
import { commandBarrier, listBarriers } from "./plategate/barriers";
import { acceptedReads, previewDecision } from "./plategate/lists/decisions";
import { listOperations } from "./plategate/lists/operations";
import { live, liveCameras, snapshot } from "./plategate/live";
import { eventImage, listPassages } from "./plategate/passages";
import { login, loginPage, logout, whoAmI } from "./plategate/session";
import type { ApiServices } from "./services";

/** Every operation of every dialect, by id. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    health,
    token,
    recognize,
    loginPage,
    login,
    logout,
    whoAmI,
    listPassages,
    eventImage,
    listBarriers,
    commandBarrier,
    liveCameras,
    snapshot,
    live,
    ...listOperations,
    acceptedReads,
    previewDecision,
  ].map((operation) => [operation.id, operation]),
);

/** Whether an operation's dialect is open to callers without a credential. */
export function isOpen(services: ApiServices, operationId: string): boolean {
  return services.publicDialects.has(operationId.split(".")[0] ?? "");
}
