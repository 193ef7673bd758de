import { computed, shallowRef } from "vue";
import { api, type Page } from "./api";

interface Named {
  id: string;
  name: string;
}

const lanes = shallowRef(new Map<string, string>());
const cameras = shallowRef(new Map<string, string>());

/** Asks for the names of lanes and cameras; what is not known keeps being shown by its id. */
export async function loadPlaces(): Promise<void> {
  const [ways, seen] = await Promise.all([named("/api/v1/lanes"), named("/config/cameras")]);
  if (ways) lanes.value = ways;
  if (seen) cameras.value = seen;
}

async function named(path: string): Promise<Map<string, string> | null> {
  try {
    const { items } = await api<Page<Named>>(`${path}?limit=200`);
    return new Map(items.map(({ id, name }) => [id, name || id]));
  } catch {
    return null; // ids do as well
  }
}

export const laneName = (id: string): string => lanes.value.get(id) ?? id;
export const cameraName = (id: string): string => cameras.value.get(id) ?? id;

/** Cameras that have a name or were seen, as people know them. */
export const cameraNames = computed(() => [...cameras.value].map(([id, name]) => ({ id, name })));

/** Where something was: the lane's name, else the camera's; "" where neither is known. */
export function placeName(at: { lane_id?: string | null; camera_id?: string | null }): string {
  if (at.lane_id) return laneName(at.lane_id);
  return at.camera_id ? cameraName(at.camera_id) : "";
}
