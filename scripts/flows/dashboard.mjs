import { idOf } from "./ids.mjs";

/** Pages in the order of the menu: view, name in the editor and in Dashboard 2's own menu, icon. */
const PAGES = [
  ["home", "Home", "view-dashboard"],
  ["gate", "Gate", "boom-gate"],
  ["records", "Records", "clipboard-text-clock"],
  ["alerts", "Alerts", "bell"],
  ["vehicles", "Vehicles", "car-multiple"],
  ["visitors", "Visitors", "card-account-details"],
  ["watchlist", "Watch list", "eye"],
  ["schedules", "Schedules", "calendar-clock"],
  ["review", "Review", "clipboard-check"],
  ["videos", "Videos", "filmstrip"],
  ["rules", "Recorded rules", "scale-balance"],
  ["statistics", "Statistics", "chart-bar"],
  ["map", "Map", "map-marker-path"],
  ["reports", "Reports", "file-chart-outline"],
  ["cameras", "Cameras", "cctv"],
  ["settings", "Settings", "cog"],
  ["users", "Users & Roles", "account-group"],
  ["system", "System", "heart-pulse"],
  ["profile", "Profile", "account"],
];

const COLORS = {
  surface: "#0d3242",
  primary: "#0b5f7c",
  bgPage: "#eef2f5",
  groupBg: "#ffffff",
  groupOutline: "#ccd6dd",
};
const SIZES = {
  density: "default",
  pagePadding: "12px",
  groupGap: "12px",
  groupBorderRadius: "10px",
  widgetGap: "12px",
};

/** The pages that facility staff see: each is one `ui-plategate` widget that fills the window. */
export function dashboardFlow() {
  const tab = idOf("tab dashboard");
  return [
    {
      id: tab,
      type: "tab",
      label: "Dashboard",
      info: "What facility staff see. Made by `npm run flows`; the pages themselves are in the folder dashboard/.",
    },
    ...frame(),
    {
      id: idOf("comment dashboard"),
      type: "comment",
      z: tab,
      name: "Pages of the dashboard",
      info: "Each page asks the API with the viewer's own login. Delete the ones nobody needs; pages of your own appear in the menu too.",
      x: 150,
      y: 40,
      wires: [],
    },
    ...PAGES.flatMap((page, index) => pageNodes(tab, page, index)),
  ];
}

function frame() {
  return [
    {
      id: idOf("ui base"),
      type: "ui-base",
      name: "Plategate",
      path: "/dashboard",
      appIcon: "",
      includeClientData: true,
      acceptsClientConfig: [],
      showPathInSidebar: false,
      headerContent: "page",
      navigationStyle: "default",
      titleBarStyle: "default",
      showReconnectNotification: true,
      notificationDisplayTime: 5,
      showDisconnectNotification: true,
      allowInstall: false,
    },
    { id: idOf("ui theme"), type: "ui-theme", name: "Plategate", colors: COLORS, sizes: SIZES },
  ];
}

function pageNodes(tab, [view, name, icon], index) {
  return [
    {
      id: idOf(`ui page ${view}`),
      type: "ui-page",
      name,
      ui: idOf("ui base"),
      path: `/${view}`,
      icon,
      layout: "grid",
      theme: idOf("ui theme"),
      breakpoints: [
        { name: "Default", px: "0", cols: "3" },
        { name: "Tablet", px: "576", cols: "6" },
        { name: "Small Desktop", px: "768", cols: "9" },
        { name: "Desktop", px: "1024", cols: "12" },
      ],
      order: index + 1,
      className: "",
      visible: "true",
      disabled: "false",
    },
    {
      id: idOf(`ui group ${view}`),
      type: "ui-group",
      name,
      page: idOf(`ui page ${view}`),
      width: "12",
      height: "1",
      order: 1,
      showTitle: false,
      className: "",
      visible: "true",
      disabled: "false",
      groupType: "default",
    },
    {
      id: idOf(`ui plategate ${view}`),
      type: "ui-plategate",
      z: tab,
      name: "",
      group: idOf(`ui group ${view}`),
      view,
      order: 1,
      width: "12",
      height: "0",
      x: 150 + 220 * (index % 3),
      y: 120 + 60 * Math.floor(index / 3),
      wires: [],
    },
  ];
}
