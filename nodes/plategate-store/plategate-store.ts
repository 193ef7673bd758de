import type { Node, NodeAPI, NodeDef } from "node-red";
import { acquireStore, type StoreLease } from "../../adapters/store/store";
import { StoreError } from "../../core/events/errors";
import type { StoreNode } from "../shared/config-nodes";
import { homeOf } from "../shared/home";
import { asError, onClose } from "../shared/kit";

interface StoreConfig extends NodeDef {
  /** As DATABASE_URL; empty: that variable, else SQLite in the home folder. */
  url: string;
}

interface Secrets {
  password: string;
}

type StoreNodeWithSecrets = StoreNode & Node<Partial<Secrets>>;

/** Where events, lists and users are kept; opened once per process and database. */
module.exports = function (RED: NodeAPI): void {
  function PlategateStore(this: StoreNodeWithSecrets, config: StoreConfig): void {
    RED.nodes.createNode(this, config);
    let lease: Promise<StoreLease> | null = null;
    let closed = false;
    this.home = homeOf(RED, process.env);

    this.store = async () => {
      if (closed) throw new StoreError("closed", "the store is closed");
      lease ??= acquireStore({
        url: addressOf(config.url, this.credentials.password, process.env),
        home: this.home,
        log: (level, message) => this[level === "info" ? "log" : level](message),
      });
      return (await lease).store;
    };
    this.database = async () => (await (await this.store()).open()).database;
    this.events = async () => (await (await this.store()).open()).events;
    this.access = async () => (await (await this.store()).open()).access;
    this.images = async () => (await this.store()).images;

    // events that wait from before go in without waiting for the next passage
    this.store().catch((error: unknown) => this.error(asError(error).message));

    onClose(this, async () => {
      closed = true;
      const held = await lease?.catch(() => null);
      await held?.release();
    });
  }

  RED.nodes.registerType<StoreNodeWithSecrets, StoreConfig, object, Partial<Secrets>>(
    "plategate-store",
    PlategateStore,
    {
      credentials: { password: { type: "password" } },
    },
  );
};

/** The address with its password filled in; a variable that is not set counts as empty. */
function addressOf(
  field: string | undefined,
  password: string | undefined,
  env: NodeJS.ProcessEnv,
): string {
  const given = (field ?? "").trim();
  const url = given === "" || given.startsWith("${") ? (env.DATABASE_URL ?? "") : given;
  if (!password || !/^[a-z]+:\/\/[^/]*@/i.test(url)) return url;
  const parsed = new URL(url);
  if (parsed.password === "") parsed.password = encodeURIComponent(password);
  return parsed.toString();
}
