import { CONFIG, idOf } from "./ids.mjs";

/** One row per operation: request, right, work, answer. */
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
