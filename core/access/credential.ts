import type { Vehicle } from "./types";

/** What reference 1's access-control system is told of a vehicle. */
export interface Credential {
  credential_id: string;
  name: string;
  access_level: string;
  valid_from: string;
  valid_until: string;
}

/** For how long a vehicle without an end is told to be valid: a year, as the reference has it. */
const YEAR_MS = 365 * 24 * 3_600_000;
/** The level of a vehicle that is in no group, and of one that may not pass. */
const USUAL = "standard";
const NONE = "none";

/** A vehicle's credential; one that is suspended or blocked has no access. */
export function credentialOf(vehicle: Vehicle, now: number): Credential {
  const { plate, owner, status, groups, validFrom, validUntil, createdAt } = vehicle;
  return {
    credential_id: plate,
    name: owner ?? "",
    access_level: status === "active" ? groups.join(",") || USUAL : NONE,
    valid_from: iso(validFrom ?? createdAt),
    valid_until: iso(validUntil ?? now + YEAR_MS),
  };
}

/** The credential of a plate that is on no list any more. */
export function withdrawn(plate: string, now: number): Credential {
  const ended = iso(now);
  return {
    credential_id: plate,
    name: "",
    access_level: NONE,
    valid_from: ended,
    valid_until: ended,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
