import type { Request, Response } from "express";
import type { NodeAPI } from "node-red";
import { createDriver, type DriverSpec } from "../../adapters/barriers/drivers";
import { BarrierError } from "../../core/barrier/ports";
import { asError } from "./kit";

/** What the form sends: its fields as typed, the passwords of which it has only the mask. */
interface CheckRequest {
  id?: unknown;
  fields?: Record<string, unknown>;
  secrets?: Record<string, unknown>;
}

/** What the form shows. */
interface CheckResult {
  ok: boolean;
  message: string;
}

/** How the editor writes a password that is kept and not shown. */
const MASK = "__PWRD__";

/**
 * Lets a barrier's form try its settings before they are deployed: reaches the device
 * and looks whether its lines exist, moves nothing. For those who may deploy alone, as
 * a deployed node could do the same.
 * @param specOf builds the driver's options of the form's fields
 */
export function offerCheck(
  RED: NodeAPI,
  type: string,
  specOf: (fields: object, secrets: Record<string, string>) => DriverSpec,
): void {
  RED.httpAdmin.post(
    `/plategate/check/${type}`,
    RED.auth.needsPermission("flows.write"),
    (request: Request, response: Response) => {
      const { id, fields, secrets } = (request.body ?? {}) as CheckRequest;
      const kept = typeof id === "string" ? RED.nodes.getCredentials(id) : null;
      const typed = typedSecrets(secrets ?? {}, (kept ?? {}) as Record<string, unknown>);
      void tryOut(() => specOf(filled(fields ?? {}), typed)).then((result) => {
        response.json(result);
      });
    },
  );
}

async function tryOut(spec: () => DriverSpec): Promise<CheckResult> {
  try {
    // No guard: nothing is energised here.
    const driver = createDriver(spec(), false);
    try {
      await (driver.check ? driver.check() : driver.status());
    } finally {
      await driver.dispose();
    }
    return { ok: true, message: "" };
  } catch (error) {
    const code = error instanceof BarrierError ? `${error.code}: ` : "";
    return { ok: false, message: `${code}${asError(error).message}` };
  }
}

function typedSecrets(
  typed: Record<string, unknown>,
  kept: Record<string, unknown>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(typed).flatMap(([name, value]) => {
      const secret = value === MASK ? kept[name] : value;
      return typeof secret === "string" && secret !== "" ? [[name, secret]] : [];
    }),
  );
}

/** Fields that name an environment variable, with its value. */
function filled(fields: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const variable = typeof value === "string" ? /^\$\{(\w+)\}$/.exec(value)?.[1] : undefined;
      return [name, variable === undefined ? value : (process.env[variable] ?? "")];
    }),
  );
}
