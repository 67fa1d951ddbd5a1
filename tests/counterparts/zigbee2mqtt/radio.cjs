// Preloaded into Zigbee2MQTT. It replaces the radio and nothing else: the controller, the converters, the
// topics and the discovery stay Zigbee2MQTT's own. Every frame that would go on the air is printed, a line each:
//
//     RADIO {"ieee": "0x…", "endpoint": 1, "cluster": "genOnOff", "command": "on", "payload": {…}}
//
// Devices acknowledge every order. Lamps and the blind remember what they were told and answer when they are
// asked, and the blind reports where it has arrived; the thermostat and the lock know of nothing. A device in
// UNREACHABLE (addresses, comma-separated; the environment) takes no order at all.
"use strict";
const path = require("node:path");
const herdsman = path.join(process.env.Z2M_HERDSMAN, "dist");
const {Adapter} = require(path.join(herdsman, "adapter", "adapter.js"));
const Zcl = require(path.join(herdsman, "zspec", "zcl"));

const UNREACHABLE = new Set((process.env.UNREACHABLE ?? "").split(","));
const UNSUPPORTED_ATTRIBUTE = 0x86;
const [ON_OFF, LEVEL, COLOUR, COVERING] = [0x0006, 0x0008, 0x0300, 0x0102];
const [UINT8, UINT16, ENUM8, BOOLEAN] = [0x20, 0x21, 0x30, 0x10];

class Memory {
    #attributes = new Map();

    get(at, id) {
        return this.#attributes.get(`${at}/${id}`);
    }

    put(at, id, dataType, attrData) {
        this.#attributes.set(`${at}/${id}`, {dataType, attrData});
    }
}

// What an order changes in a device: command -> attributes of the cluster, as [cluster, attribute, type, value].
const EFFECTS = {
    on: () => [[ON_OFF, 0, BOOLEAN, 1]],
    off: () => [[ON_OFF, 0, BOOLEAN, 0]],
    moveToLevel: ({level}) => [[LEVEL, 0, UINT8, level]],
    moveToLevelWithOnOff: ({level}) => [[LEVEL, 0, UINT8, level], [ON_OFF, 0, BOOLEAN, level > 0 ? 1 : 0]],
    moveToColorTemp: ({colortemp}) => [[COLOUR, 7, UINT16, colortemp], [COLOUR, 8, ENUM8, 2]],
    moveToColor: ({colorx, colory}) => [[COLOUR, 3, UINT16, colorx], [COLOUR, 4, UINT16, colory], [COLOUR, 8, ENUM8, 1]],
    upOpen: () => [[COVERING, 8, UINT8, 0]],
    downClose: () => [[COVERING, 8, UINT8, 100]],
    goToLiftPercentage: ({percentageliftvalue}) => [[COVERING, 8, UINT8, percentageliftvalue]],
};
const REMEMBERING = new Set([ON_OFF, LEVEL, COLOUR, COVERING]);

class Radio extends Adapter {
    #memory = new Memory();

    async start() { return "resumed"; }
    async stop() {}
    async getCoordinatorIEEE() { return "0x00124b00120144ae"; }
    async getCoordinatorVersion() { return {type: "No radio", meta: {revision: "1"}}; }
    async reset() {}
    async supportsBackup() { return false; }
    async backup() { throw new Error("there is nothing to back up"); }
    async getNetworkParameters() {
        return {panID: 6754, extendedPanID: "0xdddddddddddddddd", channel: 11, nwkUpdateID: 0};
    }
    async addInstallCode() {}
    waitFor() { return {promise: new Promise(() => {}), cancel() {}}; }
    async sendZdo() { return [0, {}]; }
    async permitJoin() {}
    async sendZclFrameToGroup(group, frame) { this.#tell({group}, frame); }
    async sendZclFrameToAll() {}
    async setChannelInterPAN() {}
    async sendZclFrameInterPANToIeeeAddr() {}
    async sendZclFrameInterPANBroadcast() {}
    async restoreChannelInterPAN() {}

    async sendZclFrameToEndpoint(ieee, address, endpoint, frame, _timeout, withoutAnswer) {
        this.#tell({ieee, endpoint}, frame);
        if (UNREACHABLE.has(ieee)) throw new Error("no route to it");
        const at = (cluster) => `${ieee}/${endpoint}/${cluster}`;
        const incoming = (answer) => {
            const data = answer.toBuffer();
            return {
                clusterID: answer.cluster.ID, data, header: Zcl.Header.fromBuffer(data), address, endpoint,
                linkquality: 100, groupID: 0, wasBroadcast: false, destinationEndpoint: 1,
            };
        };
        const {ID} = frame.cluster;
        const command = frame.command.name;
        if (command === "read") {
            const known = frame.payload.map(({attrId}) => [attrId, this.#memory.get(at(ID), attrId)]);
            const records = known.map(([attrId, value]) =>
                value ? {attrId, status: 0, ...value} : {attrId, status: UNSUPPORTED_ATTRIBUTE});
            const answer = incoming(this.#answer(frame, "readRsp", records));
            this.emit("zclPayload", answer); // as real radios do, beside resolving the request
            return answer;
        }
        const effects = REMEMBERING.has(ID) ? (EFFECTS[command]?.(frame.payload) ?? []) : [];
        for (const [cluster, id, type, value] of effects) this.#memory.put(at(cluster), id, type, value);
        if (ID === COVERING && effects.length) {
            const records = effects.map(([, attrId, dataType, attrData]) => ({attrId, dataType, attrData}));
            setImmediate(() => this.emit("zclPayload", incoming(this.#answer(frame, "report", records))));
        }
        const done = this.#answer(frame, "defaultRsp", {cmdId: frame.command.ID, statusCode: 0});
        return withoutAnswer ? undefined : incoming(done);
    }

    #answer(frame, command, payload) {
        return Zcl.Frame.create(
            Zcl.FrameType.GLOBAL, Zcl.Direction.SERVER_TO_CLIENT, true, undefined,
            frame.header.transactionSequenceNumber, command, frame.cluster.ID, payload, {},
        );
    }

    #tell(to, frame) {
        const {cluster, command, payload} = frame;
        console.log(`RADIO ${JSON.stringify({...to, cluster: cluster.name, command: command.name, payload})}`);
    }
}

Adapter.create = async (...settings) => new Radio(...settings);
