import { z } from "zod";
import {
  claimPass,
  hashPassCode,
  newPassCode,
  type ClaimRefusal,
} from "../../../core/access/visitors";
import { actorOf, changeBy } from "../../auth/actor";
import { Throttle } from "../../auth/throttle";
import { ApiError } from "../../errors";
import { originOf } from "../../http/links";
import { callerAddress } from "../../http/request";
import { json, operation } from "../../operations";
import { instant, text } from "../../schemas";
import { smallPage } from "../small-page";

/** Codes that an address may try in a minute; each has 49 bits. */
const TRIES_A_MINUTE = 10;
const tries = new Throttle(TRIES_A_MINUTE, 60_000);

const params = z.object({ code: text(32).min(1) });
const linkFields = {
  code: z.string().describe("for who types it; shown this once"),
  link: z.string().describe("the visitor's page; shown this once"),
};

/**
 * A new code for a visitor's page, and what the pass keeps of it.
 * @param origin scheme and host of the page
 */
export function newPassLink(origin: string): {
  codeHash: string;
  shown: { code: string; link: string };
} {
  const code = newPassCode();
  return { codeHash: hashPassCode(code), shown: { code, link: `${origin}/visit/${code}` } };
}

/** A new link for a pass; the one before ends. */
export const renewLink = operation({
  id: "plategate.visitor_passes.link",
  permission: "lists.write",
  summary: "A new link for a visitor's pass; the one before ends",
  method: "post",
  path: "/api/v1/visitor_passes/:id/link",
  input: { params: z.object({ id: text(128) }) },
  replies: { 200: { description: "The link, shown this once", body: z.object(linkFields) } },
  async handle(context, { params: { id } }) {
    const { access, auth } = context.services;
    const pass = await access.passes.get(id);
    if (!pass) throw ApiError.notFound("There is no such visitor pass");
    const { codeHash, shown } = newPassLink(originOf(context.request));
    await access.passes.save({ ...pass, codeHash });
    await auth.audit(
      changeBy(actorOf(context), "visitor_passes.link", `visitor_passes:${pass.id}`),
    );
    return json(shown);
  },
});

/** The page on which a visitor enters a plate; it knows nothing of the pass. */
export const visitPage = operation({
  id: "plategate.visit_page",
  permission: "public",
  summary: "A visitor's page",
  method: "get",
  path: "/visit/:code",
  input: { params },
  replies: { 200: { description: "The page", contentType: "text/html" } },
  async handle() {
    return {
      status: 200,
      headers: {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        // The address is the key: it goes to nobody else.
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "Content-Security-Policy":
          "default-src 'self'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
      },
      body: await smallPage("visit"),
    };
  },
});

/** What each refusal is to the visitor; none tells of other entries. */
const REFUSALS: Record<ClaimRefusal, [status: 404 | 409 | 410 | 422, detail: string]> = {
  unknown_code: [404, "This link is not valid"],
  expired: [410, "This pass has ended"],
  used_up: [410, "This pass is used up"],
  already_used: [409, "The pass was used already: its plate cannot be changed"],
  no_plate: [422, "This is no plate"],
  collision: [409, "This plate cannot be entered here; ask your host"],
};

const visitSchema = z.object({
  status: z.literal("entered"),
  valid_from: instant.nullable(),
  valid_until: instant.nullable(),
});

/** Enters a visitor's plate by the code of the link. */
export const enterPlate = operation({
  id: "plategate.visit",
  permission: "public",
  summary: "Enter the plate of a visit",
  method: "post",
  path: "/visit/:code",
  input: { params, body: z.strictObject({ plate: text(64) }) },
  replies: { 200: { description: "Entered", body: visitSchema } },
  async handle({ request, requestId, services }, { params: { code }, body: { plate } }) {
    const { access, auth } = services;
    const now = Date.now();
    limit(callerAddress(request), now);
    const claim = claimPass(await access.snapshot(), code, plate, now);
    if ("refused" in claim) throw refusal(claim.refused);
    const { id, plate: entered, validFrom, validUntil } = claim.pass;
    if (entered === null || !(await access.enterPassPlate(id, entered))) {
      throw refusal("already_used");
    }
    await auth.audit({
      actor: "visitor",
      organisation: null,
      action: "visitor_passes.enter_plate",
      subject: `visitor_passes:${id}`,
      purpose: null,
      result: "ok",
      address: callerAddress(request),
      requestId,
      detail: {},
    });
    return json({ status: "entered", valid_from: iso(validFrom), valid_until: iso(validUntil) });
  },
});

/** @throws ApiError 429 */
function limit(address: string, now: number): void {
  const wait = tries.take(address, now);
  if (wait > 0) throw ApiError.tooMany("Too many attempts", wait, TRIES_A_MINUTE);
}

function refusal(why: ClaimRefusal): ApiError {
  const [status, detail] = REFUSALS[why];
  const code =
    status === 422
      ? "VALIDATION_ERROR"
      : status === 409
        ? "DUPLICATE_RESOURCE"
        : "RESOURCE_NOT_FOUND";
  return new ApiError(status, code, detail, { body: { refusal: why } });
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
