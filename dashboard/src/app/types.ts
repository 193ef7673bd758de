/** Answers of /api/v1 that several pages work with. */

export interface Passage {
  id: string;
  timestamp: string;
  camera_id: string | null;
  lane_id: string | null;
  plate: string;
  confidence: number | null;
  region: string | null;
  direction: string;
  state: "preliminary" | "final";
  decision: "open" | "deny" | "review" | null;
  reason: string | null;
  vehicle_plate: string | null;
  barrier: { id: string; result: string; state: string } | null;
  time_to_open_ms: number | null;
  frame_url: string | null;
  crop_url: string | null;
}

/** One passage with what its decision rests on. */
export interface PassageDetail extends Passage {
  raw_text: string | null;
  held: boolean;
  steps: { check: string; outcome: "pass" | "fail" | "skip"; detail: string }[];
  votes: { text: string; confidence: number; at: string }[];
}

export interface Overview {
  since: string;
  passages: { total: number; open: number; deny: number; review: number };
  cameras: { total: number; online: number };
  alerts: { open: number; watch_hits: number };
  occupancy: { inside: number; limit: number | null };
  mode: "normal" | "lock_down" | "emergency_open";
  barriers: { total: number; trouble: number };
}

export interface Barrier {
  id: string;
  name: string;
  lane_id: string | null;
  state: string;
  locked: boolean;
  held: boolean;
  emergency: boolean;
  trouble: string | null;
  can_close: boolean;
  inputs: Record<string, boolean | null>;
}

export type BarrierAction = "open" | "close" | "hold" | "release" | "lock" | "unlock";

export interface LiveRead {
  text: string;
  confidence: number;
  corners: [number, number][];
}

export interface LiveCamera {
  id: string;
  lane_id: string | null;
  width: number | null;
  height: number | null;
  last_frame_at: string | null;
  reads: LiveRead[];
}

export interface Alert {
  id: string;
  at: string;
  kind: string;
  priority: "low" | "normal" | "high";
  event_id: string | null;
  camera_id: string | null;
  lane_id: string | null;
  barrier_id: string | null;
  plate: string | null;
  text: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  note: string | null;
}
