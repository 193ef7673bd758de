export { openCamera, probeCamera } from "./open";
export { DEMO_ADDRESS, parseAddress, shownAddress, withCredentials } from "./address";
export { CameraError, type CameraErrorCode } from "./errors";
export type * from "./types";
