/* The rows that all barrier nodes' forms share (docs/barriers.md). */
(function () {
  "use strict";
  const TEXTS = "@plategate/node-red/barrier-simulated:barrier-simulated.common.";
  const FIELDS = [
    { name: "barrierId", icon: "tag", kind: "text" },
    { name: "laneId", icon: "road", kind: "text" },
    { heading: "times" },
    { name: "pulseMs", icon: "clock-o", kind: "number", min: 50, max: 60000 },
    { name: "openingMs", icon: "arrow-up", kind: "number", min: 0, max: 120000 },
    { name: "openMs", icon: "hourglass-half", kind: "number", min: 0, max: 3600000 },
    { name: "closingMs", icon: "arrow-down", kind: "number", min: 0, max: 120000 },
    { name: "retries", icon: "repeat", kind: "number", min: 0, max: 10 },
    { name: "pollMs", icon: "eye", kind: "number", min: 0, max: 60000 },
    { heading: "safety" },
    { name: "autoClose", kind: "checkbox" },
    { name: "closeWithoutSensors", kind: "checkbox" },
    { name: "trustMessages", kind: "checkbox" },
  ];

  function row(field) {
    if (field.heading) {
      return $("<h4>")
        .css("margin", "14px 0 8px")
        .text(RED._(TEXTS + field.heading));
    }
    const id = "node-input-" + field.name;
    const line = $("<div>").addClass("form-row");
    const input = $("<input>").attr({ id: id, type: field.kind });
    const title = RED._(TEXTS + field.name);
    if (field.kind === "checkbox") {
      input.css({ width: "auto", "margin-right": "8px", "vertical-align": "top" });
      const label = $("<label>").attr("for", id).css("width", "calc(100% - 30px)").text(title);
      return line.append(input, label);
    }
    if (field.kind === "number") input.attr({ min: field.min, max: field.max, step: 1 });
    const icon = $("<i>").addClass("fa fa-" + field.icon);
    const label = $("<label>").attr("for", id).css("width", "140px");
    label.append(icon, document.createTextNode(" " + title));
    input.css("width", "calc(100% - 150px)");
    return line.append(label, input);
  }

  /** Fills `.plategate-barrier-common` of the open form with the rows and the node's values. */
  function addCommon(node) {
    const place = $(".plategate-barrier-common").empty();
    FIELDS.filter((field) => field.heading || field.name in node._def.defaults).forEach((field) => {
      place.append(row(field));
      if (field.heading) return;
      const input = place.find("#node-input-" + field.name);
      if (field.kind === "checkbox") input.prop("checked", node[field.name] === true);
      else input.val(node[field.name]);
    });
  }

  window.PlategateBarrier = { addCommon: addCommon };
})();
