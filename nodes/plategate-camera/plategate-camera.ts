import type { Node, NodeAPI, NodeDef } from "node-red";
import { shownAddress, withCredentials } from "../../adapters/cameras";
import { flowCameras } from "../../adapters/cameras/flow-cameras";
import type { CameraLink } from "../shared/camera-link";
import { onClose } from "../shared/kit";

interface CameraConfig extends NodeDef {
  cameraId: string;
  laneId: string;
  address: string;
  highAddress?: string;
  transport: "tcp" | "udp";
  insecureTls: boolean;
}

interface CameraCredentials {
  user?: string;
  password?: string;
}

type LoginNode = CameraLink & Node<Required<CameraCredentials>>;

/** Config node: one camera, its address and login. Opens nothing itself. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType<LoginNode, CameraConfig, object, Required<CameraCredentials>>(
    "plategate-camera",
    function (this, config) {
      RED.nodes.createNode(this, config);
      const { user = "", password = "" } =
        (this.credentials as CameraCredentials | undefined) ?? {};
      const login = { user, password };
      const address = (config.address ?? "").trim();
      const highAddress = (config.highAddress ?? "").trim();
      this.cameraId = config.cameraId || config.id;
      this.cameraName = config.name || this.cameraId;
      this.laneId = config.laneId || null;
      this.url = withCredentials(address, login);
      this.highUrl = highAddress ? withCredentials(highAddress, login) : null;
      this.shownUrl = shownAddress(this.url);
      this.transport = config.transport === "udp" ? "udp" : "tcp";
      this.insecureTls = Boolean(config.insecureTls);
      onClose(this, flowCameras.add(this));
    },
    { credentials: { user: { type: "text" }, password: { type: "password" } } },
  );
};
