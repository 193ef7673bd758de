import assert from "node:assert/strict";
import { cameraZones, zoneOf } from "../../core/config/camera-zones";
import type { Resource } from "../../core/config/types";

const zone = (id: string, points: [number, number][], lane: string | null = null) =>
  ({
    id,
    fields: {
      name: id,
      camera_id: "cam",
      lane_id: lane,
      type: "enter",
      geometry: { type: "polygon", points: points.map(([x, y]) => ({ x, y })) },
      metadata: {},
    },
    createdAt: 0,
    updatedAt: 0,
  }) satisfies Resource<"zones">;

describe("zones of the configuration API", () => {
  const frame = { width: 640, height: 360 };

  it("are pixels of the camera's resolution, whatever size its frames have", () => {
    const left = zone(
      "left",
      [
        [0, 0],
        [960, 0],
        [960, 1080],
        [0, 1080],
      ],
      "west",
    );
    const camera = { resolution: { width: 1920, height: 1080 } };
    const [made] = cameraZones([left], camera, frame);
    assert.deepEqual(made, {
      id: "left",
      laneId: "west",
      polygon: [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
    });
  });

  it("are pixels of the frame where no resolution is stated, and end at its edge", () => {
    const [made] = cameraZones(
      [
        zone("z", [
          [320, 0],
          [9000, 0],
          [320, 360],
        ]),
      ],
      undefined,
      frame,
    );
    assert.deepEqual(made?.polygon, [
      [0.5, 0],
      [1, 0],
      [0.5, 1],
    ]);
  });

  it("are fractions where no point is beyond 1", () => {
    const camera = { resolution: { width: 1920, height: 1080 } };
    const [made] = cameraZones(
      [
        zone("z", [
          [0, 0],
          [1, 0],
          [0.5, 1],
        ]),
      ],
      camera,
      frame,
    );
    assert.deepEqual(made?.polygon, [
      [0, 0],
      [1, 0],
      [0.5, 1],
    ]);
  });

  it("say where a plate is: by its centre, the first zone that holds it", () => {
    const zones = cameraZones(
      [
        zone("a", [
          [0, 0],
          [0.5, 0],
          [0.5, 1],
          [0, 1],
        ]),
        zone("b", [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ]),
      ],
      undefined,
      frame,
    );
    assert.equal(zoneOf(zones, [100, 100, 40, 10], frame), "a");
    assert.equal(zoneOf(zones, [310, 100, 40, 10], frame), "b");
    assert.equal(zoneOf(zones, [310, 400, 40, 10], frame), null);
  });
});
