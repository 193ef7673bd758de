import type { ResourceRepositories } from "../../core/config/ports";
import type { CameraFields } from "../../core/config/types";

/** Reference 1's cameras: variable, id, lane. */
const CAMERAS = [
  { variable: "ENTRY_CAMERA_URL", id: "entry_camera", lane: "entry" },
  { variable: "EXIT_CAMERA_URL", id: "exit_camera", lane: "exit" },
] as const;

/** Frames a second that are looked at: reference 1 takes every fifth of 25. */
const FPS = 5;

/**
 * Makes the cameras `entry_camera` and `exit_camera` of `ENTRY_CAMERA_URL` and
 * `EXIT_CAMERA_URL`, and follows a changed address at the next start. What somebody
 * has set about them since, lane and rate included, stays.
 */
export async function camerasFromEnvironment(
  resources: Pick<ResourceRepositories, "cameras">,
  env: NodeJS.ProcessEnv,
  now: number,
): Promise<void> {
  for (const { variable, id, lane } of CAMERAS) {
    const url = env[variable]?.trim();
    if (!url) continue;
    if (!URL.canParse(url)) throw new Error(`${variable} is no address`);
    const known = await resources.cameras.get(id);
    if (!known) await resources.cameras.create(id, newCamera(id, url, lane), now);
    else if (known.fields.rtsp_url !== url) {
      await resources.cameras.update(id, ({ fields }) => ({ ...fields, rtsp_url: url }), now);
    }
  }
}

function newCamera(name: string, url: string, lane: string): CameraFields {
  return {
    name,
    rtsp_url: url,
    high_res_url: null,
    transport: "tcp",
    enabled: true,
    zone_id: null,
    lane_id: lane,
    fps: FPS,
    resolution: null,
    detection_model: null,
    ocr_models: [],
    latitude: null,
    longitude: null,
    bearing: null,
    location: null,
    metadata: {},
  };
}
