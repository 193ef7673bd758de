// The spec reporter, which also writes its totals where scripts/test.mjs adds them up.
const { writeFileSync } = require("node:fs");
const Mocha = require("mocha");

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skips = [];
    runner.on("pending", (test) => skips.push(test.fullTitle()));
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const file = process.env.PLATEGATE_TEST_TOTALS;
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending, skips }));
    });
  }
};
