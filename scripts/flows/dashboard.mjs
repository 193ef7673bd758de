import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { idOf } from "./ids.mjs";

const WIDGETS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "flows", "dashboard");

/** The pages that facility staff see. */
export function dashboardFlow() {
  const tab = idOf("tab dashboard");
  const base = idOf("ui base");
  const theme = idOf("ui theme");
  const page = idOf("ui page gate");
  const vue = (name) => readFileSync(join(WIDGETS, `${name}.vue`), "utf8");
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
      links: [idOf("demo changes"), idOf("cameras changes")],
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
