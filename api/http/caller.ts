import type { Request } from "express";
import type { Caller } from "../auth/service";
import { callerAddress, requestId } from "./request";

/** Who sends a request, for throttling and the audit log. */
export function callerOf(request: Request): Caller {
  return {
    address: callerAddress(request),
    userAgent: request.headers["user-agent"],
    requestId: requestId(request),
  };
}
