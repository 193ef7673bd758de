import { join } from "node:path";
import { StoreError } from "../../core/events/errors";
import type { ImageStore } from "../../core/events/ports";
import { DiskImages } from "./disk";
import { S3Images } from "./s3";

/**
 * The picture store that the environment names: `PLATEGATE_PICTURES=s3://bucket/prefix`
 * with `PLATEGATE_S3_ENDPOINT`, `PLATEGATE_S3_REGION` and `AWS_ACCESS_KEY_ID`,
 * `AWS_SECRET_ACCESS_KEY`; else the MinIO of reference 3 (`MODE=selfhost`); else the folder
 * `pictures` in `home`. Throws StoreError
 * "invalid" for an address that cannot be.
 */
export function imageStore(home: string, env: NodeJS.ProcessEnv): ImageStore {
  const address = (env.PLATEGATE_PICTURES ?? "").trim();
  if (address === "") return minioImages(env) ?? new DiskImages(join(home, "pictures"));
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9._/-]*))?$/.exec(
    address,
  );
  if (!found?.[1]) {
    throw new StoreError("invalid", "PLATEGATE_PICTURES must be s3://bucket or s3://bucket/prefix");
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new StoreError("invalid", "S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  const region = env.PLATEGATE_S3_REGION || "us-east-1";
  const prefix = (found[2] ?? "").replace(/^\/+|\/+$/g, "");
  return new S3Images({
    endpoint: env.PLATEGATE_S3_ENDPOINT || `https://s3.${region}.amazonaws.com`,
    region,
    bucket: found[1],
    prefix: prefix === "" ? "" : `${prefix}/`,
    accessKeyId,
    secretAccessKey,
  });
}

/** The bucket of reference 3 for pictures. */
const MINIO_BUCKET = "anpr-crops";

/** The store of an `.env` of reference 3; null where it names none. */
function minioImages(env: NodeJS.ProcessEnv): ImageStore | null {
  const { MODE, MINIO_ENDPOINT, MINIO_ACCESS_KEY, MINIO_SECRET_KEY } = env;
  if (MODE !== "selfhost" || !MINIO_ENDPOINT) return null;
  if (!MINIO_ACCESS_KEY || !MINIO_SECRET_KEY) {
    throw new StoreError("invalid", "MINIO_ENDPOINT needs MINIO_ACCESS_KEY and MINIO_SECRET_KEY");
  }
  const scheme = /^(true|1)$/i.test(env.MINIO_SECURE ?? "") ? "https" : "http";
  return new S3Images({
    endpoint: /^https?:/.test(MINIO_ENDPOINT) ? MINIO_ENDPOINT : `${scheme}://${MINIO_ENDPOINT}`,
    region: env.PLATEGATE_S3_REGION || "us-east-1",
    bucket: env.MINIO_BUCKET || MINIO_BUCKET,
    prefix: "",
    accessKeyId: MINIO_ACCESS_KEY,
    secretAccessKey: MINIO_SECRET_KEY,
  });
}
