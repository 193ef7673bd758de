/**
 * Node-RED settings of the standalone application, driven by environment variables
 * (docs/running.md). `npm start` uses them; `node-red -s settings.js` works as well.
 */
module.exports = require("./dist/cli/app/settings.js").settingsFromEnvironment(process.env);
