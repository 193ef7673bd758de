// Makes flows/api.json from the API's catalogue and flows/dashboard.json from flows/dashboard/*.vue,
// so that the shipped flows cannot drift from the code. `npm run flows`; a test checks that it was run.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

/** A stable 16-digit id: config nodes must not be named like properties, and diffs stay small. */
export const idOf = (name) =>
  createHash("sha256").update(`plategate:${name}`).digest("hex").slice(0, 16);

/** Ids of the config nodes in flows/config.json, which the other files refer to. */
export const CONFIG = {
  site: idOf("site"),
  store: idOf("store"),
  models: idOf("models"),
  api: idOf("api"),
};

export function apiFlow(operations) {
  const tab = idOf("tab api");
  const nodes = [
    {
      id: tab,
      type: "tab",
      label: "API",
      info: "One row per operation: request, right, work, answer. Made by `npm run flows`.",
    },
  ];
  let y = 40;
  let group = "";
  for (const operation of operations) {
    const [dialect] = operation.id.split(".");
    if (dialect !== group) {
      group = dialect;
      y += 40;
      nodes.push({
        id: idOf(`comment ${dialect}`),
        type: "comment",
        z: tab,
        name: `dialect ${dialect}`,
        info: "",
        x: 140,
        y,
        wires: [],
      });
      y += 50;
    }
    const id = (part) => idOf(`${operation.id} ${part}`);
    nodes.push(
      {
        id: id("in"),
        type: "http in",
        z: tab,
        name: "",
        url: operation.path,
        method: operation.method,
        upload: false,
        skipBodyParsing: false,
        swaggerDoc: "",
        x: 240,
        y,
        wires: [[id("guard")]],
      },
      {
        id: id("guard"),
        type: "api-guard",
        z: tab,
        name: "",
        api: CONFIG.api,
        permission: operation.permission,
        dialect,
        x: 560,
        y,
        wires: [[id("work")], [id("reply")]],
      },
      {
        id: id("work"),
        type: "api-operation",
        z: tab,
        name: "",
        api: CONFIG.api,
        operation: operation.id,
        x: 800,
        y: y - 20,
        wires: [[id("reply")]],
      },
      { id: id("reply"), type: "api-reply", z: tab, name: "", x: 1040, y, wires: [] },
    );
    y += 80;
  }
  return nodes;
}

export function dashboardFlow() {
  const tab = idOf("tab dashboard");
  const base = idOf("ui base");
  const theme = idOf("ui theme");
  const page = idOf("ui page gate");
  const vue = (name) => readFileSync(join(root, "flows", "dashboard", `${name}.vue`), "utf8");
  const group = (name, width, order) => ({
    id: idOf(`ui group ${name}`),
    type: "ui-group",
    name,
    page,
    width: String(width),
    height: "1",
    order,
    showTitle: false,
    className: "",
    visible: "true",
    disabled: "false",
    groupType: "default",
  });
  const template = (name, order, x, y, width) => ({
    id: idOf(`ui template ${name}`),
    type: "ui-template",
    z: tab,
    group: idOf(`ui group ${name}`),
    page: "",
    ui: "",
    name,
    order,
    width: String(width),
    height: "0",
    head: "",
    format: vue(name),
    storeOutMessages: false,
    passthru: false,
    resendOnRefresh: false,
    templateScope: "local",
    className: "",
    x,
    y,
    wires: [[]],
  });
  const sizes = {
    density: "default",
    pagePadding: "12px",
    groupGap: "12px",
    groupBorderRadius: "10px",
    widgetGap: "12px",
  };
  return [
    {
      id: tab,
      type: "tab",
      label: "Dashboard",
      info: "What facility staff see. Made by `npm run flows` from flows/dashboard.",
    },
    {
      id: base,
      type: "ui-base",
      name: "Plategate",
      path: "/dashboard",
      appIcon: "",
      includeClientData: true,
      acceptsClientConfig: ["ui-template"],
      showPathInSidebar: false,
      headerContent: "page",
      navigationStyle: "default",
      titleBarStyle: "default",
      showReconnectNotification: true,
      notificationDisplayTime: 5,
      showDisconnectNotification: true,
      allowInstall: false,
    },
    {
      id: theme,
      type: "ui-theme",
      name: "Plategate",
      colors: {
        surface: "#0b3c4f",
        primary: "#0b6b8a",
        bgPage: "#eef3f6",
        groupBg: "#ffffff",
        groupOutline: "#d5dfe5",
      },
      sizes,
    },
    {
      id: page,
      type: "ui-page",
      name: "Gate",
      ui: base,
      path: "/gate",
      icon: "boom-gate",
      layout: "grid",
      theme,
      breakpoints: [
        { name: "Default", px: "0", cols: "3" },
        { name: "Tablet", px: "576", cols: "6" },
        { name: "Small Desktop", px: "768", cols: "9" },
        { name: "Desktop", px: "1024", cols: "12" },
      ],
      order: 1,
      className: "",
      visible: "true",
      disabled: "false",
    },
    group("live", 7, 1),
    group("barriers", 5, 2),
    group("passages", 12, 3),
    {
      id: idOf("comment dashboard"),
      type: "comment",
      z: tab,
      name: "Pages of the dashboard",
      info: "The widgets fetch what they show from the API with the viewer's own login; the link carries only the news that something changed.",
      x: 150,
      y: 40,
      wires: [],
    },
    {
      id: idOf("link changes in"),
      type: "link in",
      z: tab,
      name: "changes",
      links: [idOf("demo changes")],
      x: 155,
      y: 120,
      wires: [[idOf("news")]],
    },
    // The socket goes to every logged-in viewer: only the fact that there is news travels on it.
    {
      id: idOf("news"),
      type: "change",
      z: tab,
      name: "only the news",
      rules: [
        { t: "set", p: "payload", pt: "msg", to: "{}", tot: "json" },
        { t: "delete", p: "passage", pt: "msg" },
        { t: "delete", p: "reads", pt: "msg" },
        { t: "delete", p: "detections", pt: "msg" },
        { t: "delete", p: "frame", pt: "msg" },
        { t: "delete", p: "decision", pt: "msg" },
        { t: "delete", p: "event", pt: "msg" },
        { t: "delete", p: "barrier", pt: "msg" },
      ],
      x: 320,
      y: 120,
      wires: [[idOf("ui template passages"), idOf("ui template barriers")]],
    },
    template("live", 1, 560, 80, 7),
    template("barriers", 1, 560, 120, 5),
    template("passages", 1, 560, 160, 12),
  ];
}

export function configFlow() {
  return [
    { id: CONFIG.site, type: "plategate-site", name: "Site", siteId: "site", timeZone: "" },
    { id: CONFIG.store, type: "plategate-store", name: "Store", url: "${DATABASE_URL}" },
    {
      id: CONFIG.models,
      type: "plategate-models",
      name: "Models",
      engine: "auto",
      script: "latin",
      preset: "gate",
      workers: "",
    },
    {
      id: CONFIG.api,
      type: "plategate-api",
      name: "API",
      store: CONFIG.store,
      models: CONFIG.models,
    },
  ];
}

/** The sample gate of a first start: footage as a camera, a software relay, one allowed vehicle. */
export function demoGateFlow() {
  const tab = idOf("tab demo gate");
  const id = (name) => idOf(`demo ${name}`);
  const camera = id("camera");
  const at = (x, y) => ({ z: tab, x, y });
  return [
    {
      id: tab,
      type: "tab",
      label: "Demo gate",
      info: "Sample footage is played as a camera; the relay is a small program on this machine. Put your camera's address into the camera, your relay's into the barrier, your plates into the list, and this is your gate.",
    },
    {
      id: camera,
      type: "plategate-camera",
      name: "Gate camera",
      cameraId: "gate-camera",
      laneId: "entry",
      address: "${PLATEGATE_DEMO_FOOTAGE}",
      transport: "tcp",
      insecureTls: false,
    },
    {
      id: id("comment"),
      type: "comment",
      ...at(270, 60),
      name: "The demo gate: opens for KX48 PLG, stays closed for B GT 7305",
      info: "Change the list in “Who may pass”, deploy, and watch the dashboard.",
      wires: [],
    },
    {
      id: id("source"),
      type: "rtsp-source",
      ...at(150, 160),
      name: "Gate camera",
      camera,
      models: CONFIG.models,
      picture: "none",
      autostart: true,
      fps: "10",
      maxWidth: "",
      keyFramesOnly: false,
      hwaccel: "",
      interval: "1",
      loop: true,
      watch: false,
      stall: "10",
      regionX: "0",
      regionY: "0",
      regionW: "100",
      regionH: "100",
      wires: [[id("detect")]],
    },
    {
      id: id("detect"),
      type: "plate-detect",
      ...at(340, 160),
      name: "",
      models: CONFIG.models,
      minConfidence: "",
      minWidth: "",
      zones: "",
      tiles: false,
      passEmpty: true,
      wires: [[id("ocr")]],
    },
    {
      id: id("ocr"),
      type: "plate-ocr",
      ...at(510, 160),
      name: "",
      models: CONFIG.models,
      script: "",
      minConfidence: "",
      wires: [[id("track")]],
    },
    {
      id: id("track"),
      type: "plate-track",
      ...at(680, 160),
      name: "",
      models: CONFIG.models,
      agree: "2",
      gap: "3",
      minConfidence: "",
      settle: "30",
      finalReads: "",
      only: "",
      regions: "",
      zones: "",
      lines: "",
      wires: [[id("check"), id("events")]],
    },
    {
      id: id("check"),
      type: "allowlist-check",
      ...at(400, 280),
      name: "Who may pass",
      store: CONFIG.store,
      site: CONFIG.site,
      laneId: "entry",
      plates: "KX48 PLG  # the blue car",
      way: "",
      minConfidence: 0.75,
      minReads: 2,
      maxAgeSeconds: 60,
      motion: "",
      motionStrict: false,
      factorLoop: false,
      factorTag: false,
      factorPin: false,
      factorSeconds: 20,
      graceSeconds: 300,
      trustMessages: false,
      wires: [[id("barrier"), id("events")], [id("events")], [id("events")]],
    },
    {
      id: id("barrier"),
      type: "barrier-http",
      ...at(620, 260),
      name: "Entry barrier",
      preset: "shelly-gen2",
      url: "${PLATEGATE_DEMO_RELAY_URL}",
      channel: "0",
      timeoutMs: 3000,
      auth: "none",
      ca: "",
      acceptAnyCertificate: false,
      followRedirects: false,
      actions: "",
      inputRules: "",
      barrierId: "entry",
      laneId: "entry",
      pulseMs: 500,
      openingMs: 2000,
      openMs: 4000,
      closingMs: 2000,
      retries: 2,
      pollMs: 1000,
      autoClose: false,
      closeWithoutSensors: false,
      trustMessages: false,
      wires: [[id("events")], [id("changes")]],
    },
    {
      id: id("events"),
      type: "event-store",
      ...at(840, 280),
      name: "",
      store: CONFIG.store,
      site: CONFIG.site,
      zoneId: "",
      operation: "store",
      wires: [[id("changes")]],
    },
    {
      id: id("changes"),
      type: "link out",
      ...at(1005, 280),
      name: "changes",
      mode: "link",
      links: [idOf("link changes in")],
      wires: [],
    },
    {
      id: id("problems"),
      type: "catch",
      ...at(150, 380),
      name: "problems",
      scope: null,
      uncaught: false,
      wires: [[id("log")]],
    },
    {
      id: id("log"),
      type: "debug",
      ...at(340, 380),
      name: "problems",
      active: true,
      tosidebar: true,
      console: true,
      tostatus: false,
      complete: "error",
      targetType: "msg",
      statusVal: "",
      statusType: "auto",
      wires: [],
    },
  ];
}

/** File name → its content, as it must stand in flows/. */
export function allFlows() {
  const { operations } = require(join(root, "dist", "api", "catalogue.js"));
  const text = (nodes) => `${JSON.stringify(nodes, null, 2)}\n`;
  return {
    "config.json": text(configFlow()),
    "api.json": text(apiFlow([...operations.values()])),
    "dashboard.json": text(dashboardFlow()),
    "demo-gate.json": text(demoGateFlow()),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, content] of Object.entries(allFlows()))
    writeFileSync(join(root, "flows", name), content);
}
