import type { z } from "zod";
import type { ResourceFilter } from "../../core/config/ports";
import type { Resource, ResourceFields, ResourceKind } from "../../core/config/types";
import type { Access } from "../auth/permissions";
import type { FieldError } from "../errors";
import type { OperationContext } from "../operations";
import type { ApiServices } from "../services";

/** Something that the lists show beside what is stored: set up elsewhere and only to be looked at. */
export interface Foreign {
  id: string;
  /** As it travels. */
  wire: Record<string, unknown>;
  matches(filter: ResourceFilter): boolean;
  /** Only known from events: whoever creates one with this id registers it. */
  unregistered?: boolean;
}

/** One kind of configured things in one dialect. */
export interface ConfigKind<K extends ResourceKind> {
  kind: K;
  /** Operation ids begin with it: "engine" or "plategate". */
  dialect: string;
  /** E.g. "/config/cameras". */
  path: string;
  /** For people: "camera". */
  one: string;
  method: "put" | "patch";
  rights: { read: Access; create: Access; update: Access; remove: Access };
  /** The body of a new one, with defaults; a changed one must satisfy it as a whole. */
  body: z.ZodObject;
  /** One in an answer. */
  reply: z.ZodObject;
  /** Filters of the list beside skip and limit, and what they mean. */
  query: z.ZodObject;
  filter(query: Record<string, unknown>): ResourceFilter;
  /** Fields as they travel; secrets are masked afterwards. */
  view(resource: Resource<K>): Record<string, unknown>;
  /** Rules that a schema cannot see, e.g. that the camera exists. */
  check?(fields: ResourceFields[K], services: ApiServices): Promise<FieldError[]> | FieldError[];
  /** @throws ApiError where this caller may not make this change */
  mayChange?(before: ResourceFields[K], after: ResourceFields[K], context: OperationContext): void;
  /** @throws ApiError where something else needs it */
  mayRemove?(id: string, services: ApiServices): Promise<void>;
  /** What belongs to it goes with it, or lets go of it. */
  removed?(id: string, services: ApiServices): Promise<void>;
  foreign?(services: ApiServices): Promise<Foreign[]> | Foreign[];
}
