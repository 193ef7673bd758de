import { z } from "zod";
import { decisionCounts, errorCurve, ERROR_TARGET, type ErrorCurve } from "../../core/review/curve";
import { endsAfterStart, numberInput, placeAndTime, RANGE_ERROR } from "../events/query";
import { json, operation } from "../operations";

/** So many of the newest reviewed reads are looked at. */
const NEWEST = 50_000;

const count = z.number().int();
const curveSchema = z.object({
  reviewed: count,
  corrected: count,
  bins: z.array(z.object({ from: z.number(), to: z.number(), reviewed: count, corrected: count })),
  suggested_threshold: z
    .number()
    .nullable()
    .describe("the least confidence from which on no more than `target` were wrong"),
  reason: z
    .enum(["too_few", "none_reaches"])
    .nullable()
    .describe("why there is no suggestion: fewer than 30 reads looked at, or none good enough"),
});

const decided = z.object({ reviewed: count, corrected: count });

/** How often reads were wrong, by confidence, as far as people have looked. */
export const readingQuality = operation({
  id: "plategate.review.quality",
  permission: "review",
  summary: "Share of corrected reads by confidence, all cameras and each, with a threshold",
  method: "get",
  path: "/api/v1/review/quality",
  input: {
    query: z
      .object({
        camera_id: placeAndTime.camera_id,
        start_date: placeAndTime.start_date,
        end_date: placeAndTime.end_date,
        target: numberInput(0, 0.5).describe(
          `share of wrong reads that is lived with; ${ERROR_TARGET} where it is absent`,
        ),
      })
      .refine(endsAfterStart, RANGE_ERROR),
  },
  replies: {
    200: {
      description: "The curves",
      body: z.object({
        target: z.number(),
        all: curveSchema,
        decisions: z
          .object({ open: decided, deny: decided, review: decided })
          .describe("of those looked at, how many rest on a wrong read"),
        cameras: z.array(curveSchema.extend({ camera_id: z.string().nullable() })),
      }),
    },
  },
  async handle({ services }, { query }) {
    const { camera_id, start_date, end_date, target = ERROR_TARGET } = query;
    const { reviews } = await services.store.open();
    const filter = { cameraId: camera_id, from: start_date, to: end_date };
    const outcomes = await reviews.outcomes(filter, NEWEST);
    const cameras = [...new Set(outcomes.map(({ cameraId }) => cameraId))].map((cameraId) => ({
      camera_id: cameraId,
      ...wire(
        errorCurve(
          outcomes.filter((one) => one.cameraId === cameraId),
          target,
        ),
      ),
    }));
    cameras.sort((a, b) => b.reviewed - a.reviewed);
    const all = wire(errorCurve(outcomes, target));
    return json({ target, all, decisions: decisionCounts(outcomes), cameras });
  },
});

function wire({ threshold, ...curve }: ErrorCurve) {
  return { ...curve, suggested_threshold: threshold };
}
