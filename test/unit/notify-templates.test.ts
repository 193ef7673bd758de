import assert from "node:assert/strict";
import { placeNames } from "../../adapters/notify/place-names";
import { render, templateProblem } from "../../adapters/notify/templates";
import { blankNotice } from "../../core/notify/notice";
import type { Channel } from "../../core/notify/types";
import { aRule, NotifyKit, refused } from "../fixtures/notify-kit";
import { HttpReceiver } from "../fixtures/receivers";

describe("templates of notifications", function () {
  this.timeout(60_000);
  let kit: NotifyKit;

  before(async () => {
    kit = await NotifyKit.open();
  });
  afterEach(() => kit.reset());
  after(() => kit.close());

  it("calls lanes and cameras by their names", async () => {
    const { resources } = await kit.store.open();
    const lane = { name: "Main gate", site_id: null, enabled: true, direction: "both" as const };
    await resources.lanes.create("north", { ...lane, barrier_id: null, metadata: {} }, 1);
    const ask = placeNames(() => Promise.resolve(resources));
    assert.deepEqual(await ask({ laneId: "north", cameraId: "x" }), {
      lane: "Main gate",
      camera: null,
    });
    const names = { lane: "Main gate", camera: null };
    const notice = { ...blankNotice("unknown", 0), laneId: "north", cameraId: "cam-9" };
    const options = { language: "en", address: "", timeZone: "UTC", suppressed: 0 } as const;
    const told = render(notice, undefined, { ...options, pictureCid: null, names }, assert.fail);
    assert.match(told.text, /Lane: Main gate\nCamera: cam-9/);
    assert.match(told.html, /Main gate/);
    const away = placeNames(() => Promise.reject(new Error("away")));
    assert.deepEqual(await away({ laneId: "north", cameraId: null }), { lane: null, camera: null });
    await resources.lanes.delete("north");
  });

  it("tries a template that never ends when it is saved, and once where it got in", () => {
    const endless = "{% for i in (1..99999) %}{% for j in (1..99999) %}{% endfor %}{% endfor %}";
    assert.match(templateProblem(endless) ?? "", /limit/);
    assert.match(templateProblem("{% include '/etc/passwd' %}") ?? "", /ENOENT/);
    assert.equal(templateProblem("{{ plate | upcase }} {{ process.env.HOME }}"), null);
    const options = { language: "en", address: "", timeZone: "UTC", suppressed: 0 } as const;
    const problems: string[] = [];
    for (let i = 0; i < 3; i++) {
      const told = render(
        blankNotice("test", 0),
        { subject: `${endless} ` },
        { ...options, pictureCid: null },
        (problem) => problems.push(problem),
      );
      assert.equal(told.subject, "Plategate test");
    }
    assert.equal(problems.length, 1);
  });

  it("lets a template say it in the recipient's language, and to whom", async () => {
    const api = kit.serve(await HttpReceiver.start());
    const text =
      "{% if language == 'th' %}รถ{% else %}Car{% endif %} {{ plate }} for {{ recipient }}";
    const recipients = [
      { address: "100", language: "en" as const },
      { address: "-200", language: "th" as const },
    ];
    const channel: Channel = { type: "telegram", token: "1:a", api_url: api.url };
    kit.use(aRule(channel, { recipients, templates: { unknown: { text } } }));
    await kit.save(refused("lang-1"));
    await kit.until(() => api.requests[1], "both messages");
    const told = api.requests.map(
      ({ body }) => (JSON.parse(body.toString()) as { text: string }).text,
    );
    assert.deepEqual(told.sort(), ["Car ABC123 for 100", "รถ ABC123 for -200"]);
  });
});
