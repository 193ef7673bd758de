/* Draws the zones and the two lines of plate-track's form on a picture (docs/passages.md). */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  /** Width of the drawing in its own units; the height follows the picture. */
  const WIDTH = 1000;
  /** A click so near the first point, as a share of the width, closes a zone. */
  const NEAR = 0.025;
  const COLOURS = ["#2b8cbe", "#e6550d", "#31a354", "#756bb1", "#c51b8a"];

  function parsed(input) {
    try {
      const value = JSON.parse(input.val() || "[]");
      return Array.isArray(value) ? value : [];
    } catch {
      return [];
    }
  }

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, String(value)));
    parent.appendChild(made);
    return made;
  }

  /**
   * Puts a drawing into `root` that reads and writes two inputs of JSON text.
   * @param options zones, lines: jQuery inputs; text: gives the words for a key
   */
  function attach(root, options) {
    const { zones, lines, text } = options;
    let mode = null;
    let draft = [];
    let ratio = 9 / 16;
    let picture = null;

    const tools = $("<div>").css({ marginBottom: "6px" }).appendTo(root);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "plate-track-drawing");
    svg.style.cssText = "width:100%;background:#35414b;border-radius:4px;touch-action:none";
    root.append(svg);
    const hint = $("<div>").css({ fontSize: "0.9em", margin: "4px 0" }).appendTo(root);
    const names = $("<div>").appendTo(root);

    const button = (key, icon, work) =>
      $('<button type="button" class="red-ui-button red-ui-button-small">')
        .attr("data-tool", key)
        .css({ marginRight: "6px" })
        .append($("<i>").addClass(`fa fa-${icon}`), " ", document.createTextNode(text(key)))
        .on("click", work)
        .appendTo(tools);
    const file = $('<input type="file" accept="image/*" style="display: none">').appendTo(tools);
    button("picture", "picture-o", () => file.trigger("click"));
    button("zone", "object-group", () => begin("zone"));
    button("line", "exchange", () => begin("line"));
    button("clear", "trash-o", () => {
      write(zones, []);
      write(lines, []);
      begin(null);
    });
    file.on("change", () => {
      const [chosen] = file[0].files;
      if (!chosen) return;
      const image = new Image();
      image.onload = () => {
        ratio = image.naturalHeight / image.naturalWidth || ratio;
        picture = image.src;
        draw();
      };
      image.src = URL.createObjectURL(chosen);
    });

    function write(input, value) {
      input.val(value.length > 0 ? JSON.stringify(value) : "").trigger("change");
    }

    function begin(what) {
      mode = what;
      draft = [];
      draw();
    }

    function pointOf(event) {
      const area = svg.getBoundingClientRect();
      const share = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
      return [
        share((event.clientX - area.left) / area.width),
        share((event.clientY - area.top) / area.height),
      ];
    }

    svg.addEventListener("click", (event) => {
      if (!mode) return;
      const point = pointOf(event);
      const [first] = draft;
      const closes =
        draft.length > 2 && Math.hypot(point[0] - first[0], point[1] - first[1]) < NEAR;
      if (mode === "zone" && closes) return finishZone();
      draft.push(point);
      if (mode === "line" && draft.length === 2) return finishLine();
      draw();
    });
    svg.addEventListener("dblclick", (event) => {
      event.preventDefault();
      // The second click of the double one has added the last point again.
      draft.pop();
      if (mode === "zone" && draft.length > 2) finishZone();
    });

    function finishZone() {
      write(zones, [...parsed(zones), { lane: null, polygon: draft }]);
      begin(null);
    }

    function finishLine() {
      const drawn = parsed(lines);
      const all = drawn.length === 1 ? [drawn[0], draft] : [draft];
      lines.val(JSON.stringify(all));
      if (all.length === 2) lines.trigger("change");
      begin(all.length === 2 ? null : "line");
    }

    function draw() {
      const height = Math.round(WIDTH * ratio);
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
      svg.style.cursor = mode ? "crosshair" : "default";
      if (picture) element("image", { href: picture, width: WIDTH, height }, svg);
      const at = ([x, y]) => [x * WIDTH, y * height];
      const path = (points) => points.map((point) => at(point).join(",")).join(" ");
      const label = (point, words, fill) => {
        const [x, y] = at(point);
        const style = { x: x + 8, y: y + 34, fill, "font-size": 30, "font-weight": "bold" };
        element(
          "text",
          { ...style, "paint-order": "stroke", stroke: "#fff", "stroke-width": 5 },
          svg,
        ).textContent = words;
      };
      parsed(zones).forEach((zone, i) => {
        const colour = COLOURS[i % COLOURS.length];
        const shape = { points: path(zone.polygon), fill: colour, "fill-opacity": 0.25 };
        element("polygon", { ...shape, stroke: colour, "stroke-width": 4 }, svg);
        label(zone.polygon[0], zone.lane || String(i + 1), colour);
      });
      parsed(lines).forEach((line, i) => {
        const stroke = { points: path(line), stroke: "#ffd23f", "stroke-width": 6, fill: "none" };
        element("polyline", stroke, svg);
        label(line[0], `${text("line")} ${i + 1}`, "#8a6d00");
      });
      const sketch = { points: path(draft), stroke: "#fff", "stroke-width": 4, fill: "none" };
      element("polyline", { ...sketch, "stroke-dasharray": "10 8" }, svg);
      draft.forEach((point) => {
        const [cx, cy] = at(point);
        element("circle", { cx, cy, r: 7, fill: "#fff", stroke: "#246", "stroke-width": 2 }, svg);
      });
      hint.text(mode ? text(`${mode}Hint`) : "");
      drawNames();
    }

    function drawNames() {
      names.empty();
      const all = parsed(zones);
      all.forEach((zone, i) => {
        const row = $("<div>").css({ margin: "3px 0" }).appendTo(names);
        $("<span>")
          .css({ color: COLOURS[i % COLOURS.length], fontWeight: "bold", marginRight: "6px" })
          .text(`${text("zone")} ${i + 1}`)
          .appendTo(row);
        $('<input type="text" style="width:40%">')
          .attr("placeholder", text("lane"))
          .val(zone.lane || "")
          .on("change", function () {
            zone.lane = $(this).val().trim() || null;
            write(zones, all);
            draw();
          })
          .appendTo(row);
        $(
          '<button type="button" class="red-ui-button red-ui-button-small" style="margin-left:6px">',
        )
          .append($("<i>").addClass("fa fa-times"))
          .attr("aria-label", text("clear"))
          .on("click", () => {
            all.splice(i, 1);
            write(zones, all);
            draw();
          })
          .appendTo(row);
      });
    }

    zones.on("keyup", draw);
    lines.on("keyup", draw);
    draw();
  }

  window.plategateTrackDrawing = { attach };
})();
