/** A camera that pushes its reads and has registered itself. Times: ms since the epoch. */
export interface LprCamera {
  id: string;
  /** Where it says it stands. */
  location: string | null;
  registeredAt: number;
  lastSeenAt: number;
}

/** Every method rejects with a StoreError on failure. */
export interface LprCameraRepository {
  all(): Promise<LprCamera[]>;
  /** Adds those that are new, brings the others up to date. */
  save(cameras: readonly LprCamera[]): Promise<void>;
}
