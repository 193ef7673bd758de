import { z } from "zod";
import { inspectPicture } from "../../../adapters/vision/pictures";
import { keptPicture } from "../../../adapters/vision/kept-picture";
import type { Resource } from "../../../core/config/types";
import { noteChange } from "../../config/audit";
import { finite, nameSchema } from "../../config/schemas";
import { ApiError } from "../../errors";
import { storedPicture } from "../../events/picture";
import { pictureOf, visionFailure } from "../../http/picture-upload";
import { json, operation, type Operation } from "../../operations";
import { text } from "../../schemas";

/** An empty sheet, in pixels. */
const SHEET = { width: 1600, height: 900, picture: null };
/** Plans of one installation. */
const MAX_PLANS = 100;
/** Cameras on one plan. */
const MAX_CAMERAS = 1000;

const spot = z.strictObject({
  x: finite(0, 1).describe("share of the width, from the left"),
  y: finite(0, 1).describe("share of the height, from the top"),
  bearing: finite(0, 360)
    .nullable()
    .default(null)
    .describe("degrees clockwise from the upper edge"),
});
const cameraId = text(128).min(1);

export const planSchema = z.object({
  id: z.string(),
  name: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  picture_url: z.string().nullable().describe("null: an empty sheet"),
  cameras: z.record(z.string(), spot).describe("by the camera's id"),
});

const PATH = "/api/v1/map/plans";
const onePlan = { params: z.object({ id: text(128) }) };
const answer = { description: "The plan", body: planSchema };

/** A plan as it travels; its picture's address changes with the picture. */
export function planView({ id, fields }: Resource<"plans">): z.output<typeof planSchema> {
  const { name, width, height, picture, cameras } = fields;
  const version = picture ? encodeURIComponent(picture) : "";
  return {
    id,
    name,
    width,
    height,
    picture_url: picture ? `${PATH}/${encodeURIComponent(id)}/picture.jpg?v=${version}` : null,
    cameras,
  };
}

const missing = () => ApiError.notFound("There is no such plan");

const createPlan = operation({
  id: "plategate.map_plan_create",
  permission: "settings.site",
  summary: "Add a plan; an empty sheet until it has a picture",
  method: "post",
  path: PATH,
  input: { body: z.strictObject({ name: nameSchema }) },
  replies: { 201: answer },
  async handle(context, { body: { name } }) {
    const { plans } = context.services.resources;
    const { total } = await plans.list({}, { skip: 0, limit: 0 });
    if (total >= MAX_PLANS) {
      throw new ApiError(409, "CONFLICT", `There are ${MAX_PLANS} plans: delete one first`);
    }
    const made = await plans.create(null, { name, ...SHEET, cameras: {} }, Date.now());
    await noteChange(context, "plans.create", `plans:${made.id}`, ["name"]);
    return json(planView(made), 201);
  },
});

const changePlan = operation({
  id: "plategate.map_plan_change",
  permission: "settings.site",
  summary: "Rename a plan, or place cameras on it (merge patch; null takes a camera off)",
  method: "patch",
  path: `${PATH}/:id`,
  input: {
    ...onePlan,
    body: z.strictObject({
      name: nameSchema.optional(),
      cameras: z.record(cameraId, spot.nullable()).optional(),
    }),
  },
  replies: { 200: answer },
  async handle(context, { params: { id }, body: { name, cameras = {} } }) {
    const changed = await context.services.resources.plans.update(
      id,
      ({ fields }) => {
        const placed = Object.entries({ ...fields.cameras, ...cameras });
        const kept = placed.filter((entry): entry is [string, z.output<typeof spot>] => !!entry[1]);
        if (kept.length > MAX_CAMERAS) {
          throw ApiError.invalid(`A plan holds at most ${MAX_CAMERAS} cameras`);
        }
        return { ...fields, name: name ?? fields.name, cameras: Object.fromEntries(kept) };
      },
      Date.now(),
    );
    if (!changed) throw missing();
    const what = [...(name === undefined ? [] : ["name"]), ...Object.keys(cameras)];
    await noteChange(context, "plans.update", `plans:${id}`, what);
    return json(planView(changed));
  },
});

const deletePlan = operation({
  id: "plategate.map_plan_delete",
  permission: "settings.site",
  summary: "Delete a plan and its picture",
  method: "delete",
  path: `${PATH}/:id`,
  input: onePlan,
  replies: { 204: { description: "It is gone" } },
  async handle(context, { params: { id } }) {
    const { resources, images } = context.services;
    const plan = await resources.plans.get(id);
    if (!plan || !(await resources.plans.delete(id))) throw missing();
    if (plan.fields.picture) await images.delete(plan.fields.picture);
    await noteChange(context, "plans.delete", `plans:${id}`, []);
    return { status: 204 };
  },
});

const setPicture = operation({
  id: "plategate.map_plan_picture",
  permission: "settings.site",
  summary: "The picture of a plan",
  method: "put",
  path: `${PATH}/:id/picture`,
  input: onePlan,
  form: { files: { file: { description: "a JPEG, PNG or WebP picture", required: true } } },
  replies: { 200: answer },
  async handle(context, { params: { id } }) {
    const { request, body, services } = context;
    const { resources, images } = services;
    if (!(await resources.plans.get(id))) throw missing();
    const given = await pictureOf(request, body);
    const picture = await keptPicture(given, "#ffffff").catch(visionFailure);
    const { width, height } = await inspectPicture(picture).catch(visionFailure);
    const now = Date.now();
    const { frame } = await images.put(`plan-${id}-${now}`, now, { frame: picture, crop: null });
    let before: string | null = null;
    const changed = await resources.plans.update(
      id,
      ({ fields }) => {
        before = fields.picture;
        return { ...fields, width, height, picture: frame };
      },
      now,
    );
    const old = changed ? before : frame;
    if (old) await images.delete(old);
    if (!changed) throw missing();
    await noteChange(context, "plans.update", `plans:${id}`, ["picture"]);
    return json(planView(changed));
  },
});

const getPicture = operation({
  id: "plategate.map_plan_picture_get",
  permission: "analytics",
  summary: "The picture of a plan",
  method: "get",
  path: `${PATH}/:id/picture.jpg`,
  input: onePlan,
  replies: { 200: { description: "The picture", contentType: "image/jpeg" } },
  async handle({ request, services }, { params: { id } }) {
    const plan = await services.resources.plans.get(id);
    const path = plan?.fields.picture ?? null;
    return storedPicture(request, services.images, path, "private, max-age=86400");
  },
});

/** Plans of the site, on which cameras stand. */
export const planOperations: Operation[] = [
  createPlan,
  changePlan,
  deletePlan,
  setPicture,
  getPicture,
];
