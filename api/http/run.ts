import type { z } from "zod";
import { ApiError } from "../errors";
import { lookUpOf } from "../events/look-up";
import type { InputSchemas, Operation, OperationContext, Reply } from "../operations";
import { bodyErrorOf } from "./request";
import { parseInput } from "./validate";

/**
 * Checks a request against an operation's schemas and does what it asks.
 * @throws ApiError 400, 413 or 415 for a body that could not be taken, 404 for a path that breaks a rule, 400 for input that does, or 422
 *   in the dialects that answer so (API-DECISIONS, Answers)
 */
export async function runOperation(
  operation: Operation,
  context: OperationContext,
): Promise<Reply> {
  const bodyError = bodyErrorOf(context.request);
  if (bodyError) throw bodyError;
  const input = inputOf(operation, context);
  const note = (result: "ok" | "failed") => {
    const lookUp = lookUpOf(operation, context, result);
    if (lookUp) context.services.store.lookUps.note(lookUp);
  };
  try {
    const reply = await operation.handle(context, input as never);
    note("ok");
    return reply;
  } catch (error) {
    note("failed");
    throw error;
  }
}

function inputOf(operation: Operation, { request, body }: OperationContext): object {
  const schemas: InputSchemas = operation.input ?? {};
  const status = operation.id.startsWith("engine.") ? 400 : 422;
  const given: Record<keyof InputSchemas, unknown> = {
    params: request.params,
    query: request.query,
    body,
  };
  // an operation that takes both reads the form itself
  const isForm = operation.form !== undefined && request.is("multipart/form-data") !== false;
  if (schemas.body && !isForm && (body === undefined || body === null || Buffer.isBuffer(body))) {
    throw ApiError.invalid("The body must be JSON");
  }
  // A path that breaks a rule names nothing that could be there.
  if (schemas.params && !schemas.params.safeParse(request.params).success) {
    throw ApiError.notFound();
  }
  const parts = (Object.entries(schemas) as [keyof InputSchemas, z.ZodType][]).filter(
    ([name]) => name !== "body" || !isForm,
  );
  return Object.fromEntries(
    parts.map(([name, schema]) => [
      name,
      parseInput(schema, given[name], status, operation.invalid),
    ]),
  );
}
