import { z } from "zod";
import type { Read } from "../../core/messages";
import { ApiError } from "../errors";
import { pictureOf, visionFailure } from "../http/picture-upload";
import { json, operation } from "../operations";

const resultSchema = z.object({
  success: z.literal(true),
  results: z.array(
    z.object({
      plate: z.string(),
      confidence: z.number().describe("per cent"),
      region: z.string(),
      coordinates: z
        .array(z.object({ x: z.number().int(), y: z.number().int() }))
        .describe("the plate's corners in pixels of the picture"),
      processing_time_ms: z.number(),
    }),
  ),
  count: z.number().int(),
});

/** `POST /recognize` of reference 1: a picture in, its plates out. */
export const recognize = operation({
  id: "guide.recognize",
  permission: "recognize",
  summary: "Read the plates of one picture",
  method: "post",
  path: "/recognize",
  input: {},
  form: { files: { file: { description: "a JPEG, PNG or WebP picture", required: true } } },
  replies: { 200: { description: "The plates of the picture, best first", body: resultSchema } },
  async handle({ request, body, services }) {
    const picture = await pictureOf(request, body);
    const result = await services.vision.recognize(picture).catch(visionFailure);
    const plates = result.reads.filter((one) => one.readable);
    if (plates.length === 0) throw ApiError.notFound("No license plate detected");
    const results = plates.map((one) => guidePlate(one, result.ms));
    return json({ success: true, results, count: results.length });
  },
});

function guidePlate(read: Read, ms: number): Record<string, unknown> {
  const { corners, box } = read.detection;
  const [x, y, w, h] = box;
  const points = corners ?? [
    [x, y],
    [x + w, y],
    [x + w, y + h],
    [x, y + h],
  ];
  return {
    plate: read.text,
    confidence: Math.round(read.confidence * 10_000) / 100,
    region: read.region ?? "",
    coordinates: points.map(([px, py]) => ({ x: Math.round(px), y: Math.round(py) })),
    processing_time_ms: Math.round(ms * 10) / 10,
  };
}
