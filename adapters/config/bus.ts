import { EventEmitter } from "node:events";
import type { ResourceChange } from "../../core/config/ports";

/** Tells of changes of what is configured, after they are committed, in this process. */
export const configChanges = new EventEmitter<{ change: [ResourceChange] }>();
configChanges.setMaxListeners(0);
