import { z } from "zod";
import { TILES_SETTING, tileOrigin, tileServerOf } from "../../../core/map/types";
import { noteChange } from "../../config/audit";
import { whole } from "../../config/schemas";
import { json, operation } from "../../operations";
import { text } from "../../schemas";
import { cameraSchema, mapCameras } from "./cameras";
import { planSchema, planView } from "./plans";

const tiles = z.object({
  url: z.string().describe("with {z}, {x} and {y}"),
  attribution: z.string(),
  max_zoom: z.number().int(),
});

const mapSchema = z.object({
  tiles: tiles.nullable().describe("null: no tile server is set, and none is asked"),
  plans: z.array(planSchema),
  cameras: z.array(cameraSchema),
  locations: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      latitude: z.number().nullable(),
      longitude: z.number().nullable(),
      camera_ids: z.array(z.string()),
    }),
  ),
});

/** What the map is drawn from. */
export const readMap = operation({
  id: "plategate.map",
  permission: "analytics",
  summary: "Plans, cameras, locations and the tile server of the map",
  method: "get",
  path: "/api/v1/map",
  input: {},
  replies: { 200: { description: "The map", body: mapSchema } },
  async handle({ services }) {
    const { resources, settings } = services;
    const [plans, locations, server] = await Promise.all([
      resources.plans.all(),
      resources.locations.all(),
      settings.get(TILES_SETTING).then(tileServerOf),
    ]);
    return json({
      tiles: server && {
        url: server.url,
        attribution: server.attribution,
        max_zoom: server.maxZoom,
      },
      plans: plans.map(planView),
      cameras: await mapCameras(services, locations),
      locations: locations.map(({ id, fields }) => ({
        id,
        name: fields.name,
        latitude: fields.latitude,
        longitude: fields.longitude,
        camera_ids: fields.camera_ids,
      })),
    });
  },
});

const tileBody = z.strictObject({
  tiles: z
    .strictObject({
      url: text(500).refine(
        (url) => tileOrigin(url) !== null,
        "must be http(s)://one-host/…{z}…{x}…{y}…",
      ),
      attribution: text(300).default(""),
      max_zoom: whole(1, 22).default(19),
    })
    .nullable(),
});

/** Which tile server browsers may load the map from; the dashboard's pages are opened for its host alone. */
export const setTiles = operation({
  id: "plategate.map_tiles",
  permission: "system",
  summary: "The map's tile server; null for none",
  method: "put",
  path: "/api/v1/map/tiles",
  input: { body: tileBody },
  replies: { 200: { description: "What is set now", body: tileBody } },
  async handle(context, { body }) {
    const { tiles: given } = body;
    const value = given && {
      url: given.url,
      attribution: given.attribution,
      maxZoom: given.max_zoom,
    };
    await context.services.settings.set(TILES_SETTING, value, Date.now());
    await noteChange(context, "settings.map", "settings:map", given ? Object.keys(given) : []);
    return json(body);
  },
});
