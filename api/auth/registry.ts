import type { AuthService } from "./service";

let current: AuthService | null = null;

/** The process's one guard: set by the application, or by the first API config node. */
export function provideAuth(service: AuthService): void {
  current = service;
}

/** @throws when nothing has provided it yet */
export function currentAuth(): AuthService {
  if (!current) throw new Error("users and keys are not loaded yet");
  return current;
}

export function hasAuth(): boolean {
  return current !== null;
}
