import assert from "node:assert/strict";
import { shownVariables } from "../../api/plategate/site/environment";

describe("the environment as it is shown", () => {
  const shown = (env: Record<string, string>) =>
    Object.fromEntries(shownVariables(env).map(({ name, value }) => [name, value]));

  it("names what is set, with the value only where that cannot be a secret", () => {
    const env = {
      PORT: "1880",
      PLATEGATE_CONFIG_KEY: "c2VhbHMgYWxsIHBhc3N3b3Jkcw",
      PLATEGATE_TO_COME: "who knows",
      PLATEGATE_API_KEY: "edge",
      JWT_SECRET: "0123456789",
      MQTT_PASSWORD: "pw",
      MQTT_TOPIC: "gate",
      FRAME_EXTRACTION_FPS: "4",
      DETECTION_CONFIDENCE_THRESHOLD: "0.4",
      PATH: "/bin",
      EMPTY: "",
    };
    assert.deepEqual(shown(env), {
      PORT: "1880",
      PLATEGATE_CONFIG_KEY: null,
      PLATEGATE_TO_COME: null,
      PLATEGATE_API_KEY: null,
      JWT_SECRET: null,
      MQTT_PASSWORD: null,
      MQTT_TOPIC: "gate",
      FRAME_EXTRACTION_FPS: "4",
      DETECTION_CONFIDENCE_THRESHOLD: "0.4",
    });
  });

  it("shows of addresses where they lead and nothing else", () => {
    const env = {
      DATABASE_URL: "postgresql://plategate:S3cr3t@db:5432/plates?sslmode=off",
      WEBHOOK_URL: "https://hooks.example/services/T0/B0/verysecret",
      ENTRY_CAMERA_URL: "rtsp://admin:pw@10.0.0.5/user=admin&pw=hunter2",
      MQTT_URL: "mqtts://broker:8883",
      PLATEGATE_PICTURES: "/var/pictures",
      ACCESS_CONTROL_API_URL: "no address but perhaps a secret",
    };
    assert.deepEqual(shown(env), {
      DATABASE_URL: "postgresql://db:5432/…",
      WEBHOOK_URL: "https://hooks.example/…",
      ENTRY_CAMERA_URL: "rtsp://10.0.0.5/…",
      MQTT_URL: "mqtts://broker:8883",
      PLATEGATE_PICTURES: "/var/pictures",
      ACCESS_CONTROL_API_URL: null,
    });
  });
});
