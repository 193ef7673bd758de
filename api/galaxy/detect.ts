import { randomUUID } from "node:crypto";
import { z } from "zod";
import { pictureFrame } from "../../adapters/frames/picture-frame";
import { keptPicture } from "../../adapters/vision/kept-picture";
import { lookAtVehicles } from "../../adapters/vision/vehicles";
import { blankEvent, type NewEvent } from "../../core/events/event";
import type { Read } from "../../core/messages";
import type { PixelFrame } from "../../core/vision/ports";
import { vehicleInfo, type VehicleLook } from "../../core/vision/vehicle";
import { ApiError } from "../errors";
import { pictureOf, visionFailure } from "../http/picture-upload";
import { json, operation } from "../operations";
import type { ApiServices } from "../services";
import {
  boxView,
  outputPath,
  vehicleSchema,
  vehicleView,
  type OutputKind,
  type UploadPlace,
} from "./view";

const plateSchema = z.object({
  id: z.string().describe("of the stored event"),
  plate: z.string(),
  confidence: z.number().describe("0 to 1"),
  region: z.string().nullable(),
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  corners: z.array(z.object({ x: z.number(), y: z.number() })).nullable(),
  crop_url: z.string(),
});

const resultSchema = z.object({
  detection_id: z.string().nullable().describe("null where nothing was found and nothing stored"),
  plates: z.array(plateSchema),
  vehicles: z.array(
    vehicleSchema.extend({
      plate: z.string(),
      crop_url: z.string().nullable().describe("null where the vehicle's box is not known"),
    }),
  ),
  image_url: z.string().nullable(),
  crops: z.array(z.string()).describe("of the plates, then of the vehicles"),
});

interface Found {
  event: NewEvent;
  read: Read;
  crop: Buffer;
}

/** `POST /detect_image` of reference 5: each plate found is an event that moves no gate. */
export const detectImage = operation({
  id: "galaxy.detect_image",
  permission: "recognize",
  summary: "Find and store the plates and vehicles of a picture",
  method: "post",
  path: "/detect_image",
  input: {},
  form: { files: { file: { description: "a JPEG, PNG or WebP picture", required: true } } },
  replies: {
    200: { description: "What was found; empty lists where nothing was", body: resultSchema },
  },
  async handle({ request, body, services, principal }) {
    // What it finds it stores: a key that is for reading alone may not.
    if (principal.kind !== "user" && !principal.permissions.has("ingest")) {
      throw ApiError.forbidden();
    }
    const given = await pictureOf(request, body);
    const { reads, width, height } = await services.vision.recognize(given).catch(visionFailure);
    const plates = reads.filter((read) => read.readable);
    if (plates.length === 0) {
      return json({ detection_id: null, plates: [], vehicles: [], image_url: null, crops: [] });
    }
    const picture = await keptPicture(given).catch(visionFailure);
    const boxes = plates.map(({ detection }) => detection.box);
    const looks = await lookAtVehicles(picture, width, boxes).catch(visionFailure);
    const found = await cutOut(
      services,
      picture,
      eventsOf(plates, looks, { width, height }),
      plates,
    );
    for (const { event, crop } of found) {
      const images = { frame: picture, crop };
      await services.store.writer.write({ kind: "event", event, images });
    }
    const url = (kind: OutputKind, id: string): string =>
      services.links.url(request, outputPath(kind, id), 1);
    const [first] = found;
    const vehicles = found.map(({ event }) => {
      const vehicle = vehicleView(event.vehicleInfo);
      const crop_url = vehicle.box ? url("vehicles", event.id) : null;
      return { plate: event.plateText, ...vehicle, crop_url };
    });
    const vehicleCrops = vehicles.flatMap(({ crop_url }) => crop_url ?? []);
    return json({
      detection_id: first?.event.id ?? null,
      plates: found.map(({ event, read }) => ({
        id: event.id,
        plate: read.text,
        confidence: read.confidence,
        region: read.region,
        box: boxView(read.detection.box),
        corners: read.detection.corners?.map(([x, y]) => ({ x, y })) ?? null,
        crop_url: url("plates", event.id),
      })),
      vehicles,
      image_url: first ? url("uploaded", first.event.id) : null,
      crops: [...found.map(({ event }) => url("plates", event.id)), ...vehicleCrops],
    });
  },
});

/** One event a plate; all name the first, whose id stands for the picture. */
function eventsOf(
  plates: readonly Read[],
  looks: readonly VehicleLook[],
  size: { width: number; height: number },
): NewEvent[] {
  const now = Date.now();
  const detectionId = randomUUID();
  return plates.map((read, index) => {
    const look = looks[index];
    const { box, corners } = read.detection;
    const upload: UploadPlace = {
      detectionId,
      plates: plates.length,
      ...size,
      box,
      corners,
      vehicleBox: look?.box ?? null,
    };
    return {
      ...blankEvent(eventIdOf(detectionId, index), now, read.text),
      source: "upload",
      confidence: read.confidence,
      region: read.region,
      candidates: [{ text: read.text, confidence: read.confidence, model: null }],
      vehicleInfo: look ? vehicleInfo(look) : null,
      metadata: { upload },
    };
  });
}

/** The event of a picture's n-th plate. */
export function eventIdOf(detectionId: string, index: number): string {
  return index === 0 ? detectionId : `${detectionId}-${index + 1}`;
}

async function cutOut(
  { vision }: ApiServices,
  picture: Buffer,
  events: readonly NewEvent[],
  reads: readonly Read[],
): Promise<Found[]> {
  const frame: PixelFrame = await pictureFrame(picture, "upload", 0, Date.now());
  return Promise.all(
    events.flatMap((event, index) => {
      const read = reads[index];
      if (!read) return [];
      const { box, corners } = read.detection;
      const cutting = vision.encode(frame, { crop: { box, corners } }).catch(visionFailure);
      return [cutting.then((crop) => ({ event, read, crop }))];
    }),
  );
}
