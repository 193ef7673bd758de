import type { ExporterAuth } from "../../core/config/types";
import type { OutboundAuth } from "../outbound/auth";

/** How an exporter shows who it is: by the `Authorization` header, or by one of its own. */
export function credentials(auth: ExporterAuth | null): {
  auth: OutboundAuth;
  headers: Record<string, string>;
} {
  const { type, username = "", password = "", token = "", api_key: key = "" } = auth ?? {};
  if (type === "basic" || type === "digest") {
    return { auth: { type, user: username, password }, headers: {} };
  }
  if (type === "bearer") return { auth: { type, token }, headers: {} };
  const name = (auth?.header ?? "x-api-key").toLowerCase();
  return { auth: { type: "none" }, headers: type === "api_key" ? { [name]: key } : {} };
}
