import type { HttpActions } from "./http-types";

export const HTTP_PRESETS = [
  "shelly-gen2",
  "shelly-gen1",
  "controlbyweb",
  "controlbyweb-xml",
  "generic",
  "hikvision",
  "dahua",
] as const;
export type HttpPreset = (typeof HTTP_PRESETS)[number];

const JSON_BODY = { "content-type": "application/json" };
const XML_BODY = { "content-type": "application/xml" };

const barrierGate = (mode: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?>' +
  `<BarrierGate><ctrlMode>${mode}</ctrlMode></BarrierGate>`;

const controlByWeb = (on: 0 | 1): string =>
  `{"slot":0,"io":{"relay":{"{{channel}}":{"relayStatus":${on}}}}}`;

/** The requests of each make, from its public manual; see docs/barriers.md. */
const PRESETS: Record<HttpPreset, HttpActions> = {
  "shelly-gen2": {
    deviceTimed: true,
    open: {
      method: "GET",
      path: "/rpc/Switch.Set?id={{channel}}&on=true&toggle_after={{pulse_s}}",
      expectBody: "was_on",
    },
    hold: { method: "GET", path: "/rpc/Switch.Set?id={{channel}}&on=true", expectBody: "was_on" },
    off: { method: "GET", path: "/rpc/Switch.Set?id={{channel}}&on=false", expectBody: "was_on" },
    status: {
      method: "GET",
      path: "/rpc/Shelly.GetStatus",
      energised: "switch:{{channel}}.output",
    },
  },
  "shelly-gen1": {
    deviceTimed: true,
    open: {
      method: "GET",
      path: "/relay/{{channel}}?turn=on&timer={{pulse_s}}",
      expectBody: '/"ison":\\s*true/',
    },
    hold: { method: "GET", path: "/relay/{{channel}}?turn=on", expectBody: '/"ison":\\s*true/' },
    off: { method: "GET", path: "/relay/{{channel}}?turn=off", expectBody: '/"ison":\\s*false/' },
    status: { method: "GET", path: "/status", energised: "relays.{{channel}}.ison" },
  },
  // No pulse in this dialect: we end it, with the guard behind us.
  controlbyweb: {
    deviceTimed: false,
    open: { method: "PUT", path: "", headers: JSON_BODY, body: controlByWeb(1) },
    hold: { method: "PUT", path: "", headers: JSON_BODY, body: controlByWeb(1) },
    off: { method: "PUT", path: "", headers: JSON_BODY, body: controlByWeb(0) },
  },
  "controlbyweb-xml": {
    deviceTimed: true,
    open: { method: "GET", path: "/state.xml?relayState=2&pulseTime={{pulse_s}}" },
    hold: { method: "GET", path: "/state.xml?relayState=1" },
    off: { method: "GET", path: "/state.xml?relayState=0" },
    status: {
      method: "GET",
      path: "/state.xml",
      energised: "/<relay(?:1)?state>1</",
    },
  },
  generic: {
    deviceTimed: true,
    open: { method: "POST", path: "/open", headers: JSON_BODY, body: '{"action":"open"}' },
  },
  hikvision: {
    deviceTimed: true,
    open: {
      method: "PUT",
      path: "/ISAPI/Parking/channels/{{channel}}/barrierGate",
      headers: XML_BODY,
      body: barrierGate("open"),
    },
    close: {
      method: "PUT",
      path: "/ISAPI/Parking/channels/{{channel}}/barrierGate",
      headers: XML_BODY,
      body: barrierGate("close"),
    },
  },
  dahua: {
    deviceTimed: true,
    open: {
      method: "GET",
      path:
        "/cgi-bin/trafficSnap.cgi?action=openStrobe&channel={{channel}}" +
        "&info.openType=Normal&info.plateNumber={{plate}}",
      expectBody: "OK",
    },
  },
};

/** The requests of a preset; a copy of the caller's own. */
export function httpPreset(name: HttpPreset): HttpActions {
  return structuredClone(PRESETS[name]);
}
