/* What the forms of all barrier nodes share: rows, validators, the check (docs/barriers.md). */
(function () {
  "use strict";
  const TEXTS = "@plategate/node-red/barrier-simulated:barrier-simulated.common.";
  const INPUTS = ["opened", "closed", "loop", "photocell", "fault"];
  /** Relays of the Modbus presets: first and last address. */
  const RELAYS = { waveshare: [0, 31], "register-relay": [1, 32] };
  const REGISTERS = /^register-/;
  const HIGHEST_GPIO_LINE = 511;
  /** Presets of barrier-http that ask for the device's status. */
  const ASKS = ["shelly-gen2", "shelly-gen1", "controlbyweb-xml"];
  const REQUESTS = ["open", "off", "hold", "close", "closeOff", "status"];
  const PLACEHOLDERS = ["pulse_ms", "pulse_s", "channel", "plate"];
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

  /** A variable of the environment, whose value the server knows. */
  function isVariable(value) {
    return /^\$\{\w+\}$/.test(value);
  }

  function isOpen(value) {
    return isEmpty(value) || isVariable(value);
  }

  /* Validators: true, or why not. Node-RED takes a text only of functions with two arguments. */

  /**
   * A whole number within limits, or nothing.
   * @param field, is where given, only while the node's `field` is `is`
   */
  function whole(low, high, field, is) {
    return function (value, _options) {
      if (isOpen(value) || (field && this[field] !== is)) return true;
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
    return isOpen(value) || good || say("address");
  }

  function relayAddress(value, options) {
    const number = word.call(this, value, options);
    if (number !== true || isOpen(value)) return number;
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
      if (number !== true || isOpen(value)) return number;
      return String(value) !== String(this[other]) || say("same");
    };
  }

  /** The object that a field holds as JSON; null where it holds none. */
  function parsed(value) {
    try {
      const found = typeof value === "string" ? JSON.parse(value) : value;
      return found && typeof found === "object" && !Array.isArray(found) ? found : null;
    } catch {
      return null;
    }
  }

  function parsedInputs(value) {
    const found = parsed(value);
    return found && Object.keys(found).every((name) => INPUTS.includes(name)) ? found : null;
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

  /** Rules into a status answer, as JSON; of a preset that asks for one. */
  function inputRules(value, _options) {
    const found = isEmpty(value) ? {} : parsedInputs(value);
    const good = found && Object.values(found).every((rule) => typeof rule === "string");
    if (!good) return say("inputs");
    const asks = ASKS.includes(this.preset) || (parsed(customOf(this)) || {}).status;
    return Object.keys(found).length === 0 || Boolean(asks) || say("noStatus");
  }

  function customOf(node) {
    return node.preset === "custom" ? node.actions : "{}";
  }

  /** The requests of a device of one's own, as JSON. */
  function actions(value, _options) {
    if (this.preset !== "custom") return true;
    const found = parsed(value);
    if (!found || !found.open) return say("actions");
    for (const [name, action] of Object.entries(found)) {
      if (name === "deviceTimed") continue;
      if (!REQUESTS.includes(name)) return say("unknownRequest", { name: name });
      const good = action && /^[A-Z]+$/.test(action.method) && typeof action.path === "string";
      if (!good) return say("request", { name: name });
      const used = JSON.stringify(action).matchAll(/\{\{\s*(\w+)\s*\}\}/g);
      const odd = [...used].find((match) => !PLACEHOLDERS.includes(match[1]));
      if (odd) return say("placeholder", { name: odd[0] });
    }
    if (found.deviceTimed === true) return true;
    if (!found.off) return say("noOff");
    return !found.close || Boolean(found.closeOff) || say("noCloseOff");
  }

  /** Who logs in; what is kept of a login is known once the form was open. */
  function login(value, _options) {
    const kept = this.credentials;
    if (!kept) return true;
    if (value === "bearer") return Boolean(kept.token || kept.has_token) || say("noToken");
    return !["basic", "digest"].includes(value) || Boolean(kept.user) || say("noUser");
  }

  function canClose(node) {
    if (node.type === "barrier-simulated") return true;
    if (node.type === "barrier-gpio") return !isEmpty(node.closePin);
    if (node.type === "barrier-modbus") return !isEmpty(node.closeAddress);
    return node.preset === "hikvision" || Boolean((parsed(customOf(node)) || {}).close);
  }

  /** A barrier that is to close by itself needs a way to, and eyes or leave to do without. */
  function autoClose(value, _options) {
    if (!value) return true;
    if (!canClose(this)) return say("noClose");
    const inputs = parsed(this.inputRules || this.inputLines) || {};
    const sees = Boolean(inputs.loop || inputs.photocell || inputs.loop === 0);
    const simulated = this.type === "barrier-simulated";
    return sees || simulated || Boolean(this.closeWithoutSensors) || say("noSensors");
  }

  /** Flash-on is of coils. */
  function flashAddress(value, options) {
    const number = word.call(this, value, options);
    if (number !== true || isEmpty(value) || !this.flash) return number;
    const register =
      this.preset === "custom" ? this.kind === "register" : REGISTERS.test(this.preset);
    return !register || say("flashCoil");
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
    actions: actions,
    login: login,
    autoClose: autoClose,
    flashAddress: flashAddress,
    barrierId: barrierId,
  };
})();
