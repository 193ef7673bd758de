/* What the forms of all barrier nodes share: rows, validators, the check (docs/barriers.md). */
(function () {
  "use strict";
  const TEXTS = "@plategate/node-red/barrier-simulated:barrier-simulated.common.";
  const INPUTS = ["opened", "closed", "loop", "photocell", "fault"];
  /** Relays of the Modbus presets: first and last address. */
  const RELAYS = { waveshare: [0, 31], "register-relay": [1, 32] };
  const HIGHEST_GPIO_LINE = 511;
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

  function say(key, values) {
    return RED._(TEXTS + key, values);
  }

  function isEmpty(value) {
    return value === undefined || value === null || value === "";
  }

  /* Validators: true, or why not. Node-RED takes a text only of functions with two arguments. */

  /**
   * A whole number within limits, or nothing.
   * @param field, is where given, only while the node's `field` is `is`
   */
  function whole(low, high, field, is) {
    return function (value, _options) {
      if (isEmpty(value) || (field && this[field] !== is)) return true;
      const good = /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high;
      return good || say("whole", { low: low, high: high });
    };
  }

  /** The validator of a common field. */
  function field(name) {
    const { min, max } = FIELDS.find((one) => one.name === name);
    return whole(min, max);
  }

  /** A 16-bit number, decimal or with 0x, or nothing. */
  function word(value, _options) {
    const good = /^(\d{1,5}|0x[0-9a-fA-F]{1,4})$/.test(value) && Number(value) <= 0xffff;
    return isEmpty(value) || good || say("address");
  }

  function relayAddress(value, options) {
    const number = word.call(this, value, options);
    if (number !== true || isEmpty(value)) return number;
    const [low, high] = RELAYS[this.preset] || [0, 0xffff];
    if (Number(value) < low || Number(value) > high) return say("relay", { low: low, high: high });
    const both = !isEmpty(this.address) && !isEmpty(this.closeAddress);
    return !both || Number(this.address) !== Number(this.closeAddress) || say("same");
  }

  /** A GPIO line that is not that of the other field. */
  function gpioLine(other) {
    const inRange = whole(0, HIGHEST_GPIO_LINE);
    return function (value, options) {
      const number = inRange.call(this, value, options);
      if (number !== true || isEmpty(value)) return number;
      return String(value) !== String(this[other]) || say("same");
    };
  }

  function parsedInputs(value) {
    try {
      const found = JSON.parse(value);
      const named = found && typeof found === "object" && !Array.isArray(found);
      return named && Object.keys(found).every((name) => INPUTS.includes(name)) ? found : null;
    } catch {
      return null;
    }
  }

  /**
   * Which line carries which input, as JSON.
   * @param taken names of fields whose lines are in use
   */
  function inputLines(highest, taken) {
    return function (value, _options) {
      if (isEmpty(value)) return true;
      const found = parsedInputs(value);
      const lines = Object.values(found || {}).map((line) => String(line).replace(/^!/, ""));
      const good = lines.every((line) => /^\d+$/.test(line) && Number(line) <= highest);
      if (!found || !good) return say("inputs");
      const used = (taken || []).map((name) => String(this[name])).concat(lines);
      const twice = lines.find((line) => used.indexOf(line) !== used.lastIndexOf(line));
      return !taken || twice === undefined || say("twice", { line: twice });
    };
  }

  /** Rules into a status answer, as JSON. */
  function inputRules(value, _options) {
    const found = isEmpty(value) ? {} : parsedInputs(value);
    const good = found && Object.values(found).every((rule) => typeof rule === "string");
    return Boolean(good) || say("inputs");
  }

  /** Two nodes with one id would move one gate without knowing of each other. */
  function barrierId(value, _options) {
    let taken = false;
    if (!isEmpty(value)) {
      RED.nodes.eachNode((other) => {
        const same = /^barrier-/.test(other.type) && other.barrierId === value;
        if (same && other.id !== this.id && !other.d) taken = true;
      });
    }
    return !taken || say("idTaken");
  }

  /* The form. */

  function labelled(line, input, text, icon) {
    const id = input.attr("id");
    const label = $("<label>").attr("for", id);
    if (input.attr("type") === "checkbox") {
      input.css({ width: "auto", "margin-right": "8px", "vertical-align": "top" });
      return line.append(input, label.css("width", "calc(100% - 30px)").text(text));
    }
    label.append($("<i>").addClass("fa fa-" + icon), document.createTextNode(" " + text));
    return line.prepend(label);
  }

  function commonRow(field) {
    if (field.heading) return $("<h4>").css("margin", "14px 0 8px").text(say(field.heading));
    const input = $("<input>").attr({ id: "node-input-" + field.name, type: field.kind });
    if (field.kind === "number") input.attr({ min: field.min, max: field.max, step: 1 });
    const line = $("<div>").addClass("form-row").append(input);
    labelled(line, input, say(field.name), field.icon);
    if (field.kind !== "checkbox") {
      line.find("label").css("width", "140px");
      input.css("width", "calc(100% - 150px)");
    }
    return line;
  }

  /** The rows below the node's own, and the node's values in them. */
  function addCommon(node) {
    const place = $(".plategate-barrier-common").empty();
    FIELDS.filter((field) => field.heading || field.name in node._def.defaults).forEach((field) => {
      place.append(commonRow(field));
      if (field.heading) return;
      const input = place.find("#node-input-" + field.name);
      if (field.kind === "checkbox") input.prop("checked", node[field.name] === true);
      else input.val(node[field.name]);
    });
    return place;
  }

  function typed(names) {
    const values = {};
    Object.keys(names || {}).forEach((name) => {
      const input = $("#node-input-" + name);
      if (input.length === 0) return;
      values[name] = input.is(":checkbox") ? input.prop("checked") : input.val();
    });
    return values;
  }

  /** A button that has the server try what stands in the form, before it is deployed. */
  function addCheck(node, place) {
    const shown = $('<span class="plategate-check-result">').css("margin-left", "10px");
    const show = (text, colour) => shown.text(text).css("color", colour);
    const look = function () {
      show(say("checking"), "");
      const fields = typed(node._def.defaults);
      const secrets = typed(node._def.credentials);
      $.ajax({
        url: "plategate/check/" + node.type,
        method: "POST",
        contentType: "application/json",
        data: JSON.stringify({ id: node.id, fields: fields, secrets: secrets }),
      })
        .done(({ ok, message }) =>
          ok
            ? show(say("reachable"), "var(--red-ui-text-color-success, #2e7d32)")
            : show(say("unreachable", { reason: message }), "var(--red-ui-text-color-error)"),
        )
        .fail((_request, _status, error) =>
          show(say("unreachable", { reason: error }), "var(--red-ui-text-color-error)"),
        );
    };
    $('<button type="button" class="red-ui-button plategate-check">')
      .text(say("check"))
      .attr("title", say("checkHint"))
      .on("click", look)
      .appendTo($('<div class="form-row">').prependTo(place))
      .after(shown);
  }

  /** Completes an open form: labels of the node's own rows, the common rows, the check. */
  function prepare(node) {
    $("#dialog-form [data-row]").each(function () {
      const { row, icon } = this.dataset;
      const text = node._(node.type + ".label." + row);
      labelled($(this), $(this).find("#node-input-" + row), text, icon);
    });
    const place = addCommon(node);
    if (node.type !== "barrier-simulated") addCheck(node, place);
  }

  window.PlategateBarrier = {
    prepare: prepare,
    field: field,
    whole: whole,
    word: word,
    relayAddress: relayAddress,
    gpioLine: gpioLine,
    inputLines: inputLines,
    inputRules: inputRules,
    barrierId: barrierId,
  };
})();
