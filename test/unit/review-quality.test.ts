import assert from "node:assert/strict";
import { decisionCounts, errorCurve } from "../../core/review/curve";
import { cocoJson, labelsCsv, placeInScene } from "../../core/review/training-set";
import type { StoredEvent } from "../../core/events/event";

/** `count` reads of a confidence, the first `wrong` of them wrong. */
const reads = (confidence: number, count: number, wrong: number) =>
  Array.from({ length: count }, (_, index) => ({
    cameraId: "a",
    confidence,
    right: index >= wrong,
    decision: index % 2 === 0 ? ("open" as const) : null,
  }));

describe("how often reads were wrong", () => {
  it("counts by confidence, and finds from where on few are wrong", () => {
    const curve = errorCurve(
      [...reads(0.99, 100, 0), ...reads(0.9, 100, 2), ...reads(0.7, 50, 20)],
      0.01,
    );
    assert.deepEqual([curve.reviewed, curve.corrected], [250, 22]);
    assert.equal(curve.threshold, 0.9, "2 of 200 are the target of 1 %");
    const bin = curve.bins.find(({ from }) => from === 0.7);
    assert.deepEqual(bin, { from: 0.7, to: 0.8, reviewed: 50, corrected: 20 });
    assert.equal(
      curve.bins.reduce((sum, { reviewed }) => sum + reviewed, 0),
      250,
    );
    assert.equal(errorCurve([...reads(0.99, 100, 0), ...reads(0.9, 100, 3)], 0.01).threshold, 0.99);
    assert.equal(errorCurve([...reads(1, 40, 0)], 0.01).bins.at(-1)?.reviewed, 40);
  });

  it("suggests nothing where too few were looked at, or none are good enough", () => {
    assert.equal(errorCurve(reads(0.9, 29, 0), 0.01).reason, "too_few");
    assert.equal(errorCurve(reads(0.9, 100, 10), 0.01).reason, "none_reaches");
    const unrated = Array.from({ length: 50 }, () => ({
      cameraId: null,
      confidence: null,
      right: true,
      decision: null,
    }));
    assert.deepEqual(
      [errorCurve(unrated, 0.01).reviewed, errorCurve(unrated, 0.01).reason],
      [50, "too_few"],
    );
  });
});

describe("decisions on wrong reads", () => {
  it("are counted by what was decided", () => {
    assert.deepEqual(decisionCounts(reads(0.9, 10, 3)), {
      open: { reviewed: 5, corrected: 2 },
      deny: { reviewed: 0, corrected: 0 },
      review: { reviewed: 0, corrected: 0 },
    });
  });
});

describe("labels for training", () => {
  const event = (metadata: object) => ({ metadata }) as StoredEvent;

  it("knows the plate's place in the scene of cameras and of uploads, cut at the border", () => {
    const place = { box: [0.25, 0.5, 0.1, 0.05], corners: null };
    assert.deepEqual(placeInScene(event({ plate_place: place })), place.box);
    const upload = { box: [100, 50, 40, 20], width: 400, height: 200 };
    assert.deepEqual(placeInScene(event({ upload })), [0.25, 0.25, 0.1, 0.1]);
    const over = placeInScene(event({ plate_place: { box: [0.9, -0.1, 0.2, 0.2] } }));
    assert.deepEqual(
      over?.map((side) => side.toFixed(2)),
      ["0.90", "0.00", "0.10", "0.10"],
    );
    for (const none of [{}, { plate_place: { box: "x" } }, { upload: { box: [1, 2, 3, 4] } }]) {
      assert.equal(placeInScene(event(none)), null);
    }
  });

  it("writes the columns that training reads, and COCO that points to the same pictures", () => {
    const picture = {
      file: "000001.jpg",
      width: 640,
      height: 360,
      box: [10, 20.25, 100, 30] as [number, number, number, number],
      text: "KX48PLG",
      source: "corrected" as const,
    };
    assert.equal(
      labelsCsv([picture]),
      "file,x,y,w,h,text,split,text_source\n000001.jpg,10.0,20.3,100.0,30.0,KX48PLG,train,corrected\n",
    );
    const coco = JSON.parse(cocoJson([picture], 0)) as {
      images: { id: number; file_name: string }[];
      annotations: { image_id: number; bbox: number[]; attributes: { text: string } }[];
    };
    assert.equal(coco.images[0]?.file_name, "images/000001.jpg");
    assert.equal(coco.annotations[0]?.image_id, coco.images[0]?.id);
    assert.equal(coco.annotations[0]?.attributes.text, "KX48PLG");
  });
});
