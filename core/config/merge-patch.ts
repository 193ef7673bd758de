type Json = Record<string, unknown>;

/**
 * Applies a merge patch (RFC 7396): objects merge, null removes, anything else
 * replaces. Changes neither of its arguments.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // no prototype: a field called "__proto__" is a field like any other
  const result = Object.assign(Object.create(null) as Json, isObject(target) ? target : {});
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return { ...result };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
