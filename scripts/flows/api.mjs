import { CONFIG, idOf } from "./ids.mjs";

/** A dialect's tab: one row per operation, request, right, work, answer. */
export function apiFlow(dialect, operations) {
  const tab = idOf(`tab api ${dialect}`);
  const nodes = [
    {
      id: tab,
      type: "tab",
      label: `API ${dialect}`,
      info: "One row per operation: request, right, work, answer. Made by `npm run flows`.",
    },
  ];
  let y = 60;
  if (dialect === "engine") {
    const stream = { type: "event-stream", z: tab, name: "/events/stream", api: CONFIG.api };
    nodes.push({ id: idOf("engine event stream"), ...stream, x: 240, y, wires: [] });
    y += 80;
  }
  for (const operation of operations) {
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
