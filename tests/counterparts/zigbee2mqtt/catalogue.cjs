// Prints what every device that Zigbee2MQTT knows exposes: [{"model": …, "exposes": [...]}, …].
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const root = process.env.Z2M_CONVERTERS;
const {prepareDefinition} = require(root);

const folder = path.join(root, "dist", "devices");
const found = [];
for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".js") && name !== "index.js")) {
    for (const raw of require(path.join(folder, file)).definitions ?? []) {
        const definition = prepareDefinition(raw);
        const {exposes, model} = definition;
        found.push({model, exposes: typeof exposes === "function" ? exposes({isDummyDevice: true}, {}) : exposes});
    }
}
fs.writeFileSync(process.argv[2], JSON.stringify(found));
