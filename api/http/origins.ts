/** Where a front end of reference 1 is developed. */
const DEFAULT_ORIGINS = "http://localhost:5173,http://localhost:3000";

/** Origins of other sites' pages that may call (CORS_ORIGINS); "*" for all. */
export function originsFrom(env: NodeJS.ProcessEnv): string[] {
  return (env.CORS_ORIGINS ?? DEFAULT_ORIGINS)
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
}

export function allowsOrigin(origins: readonly string[], origin: string): boolean {
  return origins.includes("*") || origins.includes(origin);
}
