import { READ_TYPES } from "./messages";
import type { Topics } from "./topics";

/** A lane as Home Assistant is told of it. */
export interface DiscoveredLane {
  id: string;
  name: string;
  /** What its barrier can; null where there is none. */
  barrier: { canClose: boolean } | null;
}

export interface DiscoveryOptions {
  /** Where Home Assistant looks, "homeassistant" unless changed there. */
  prefix: string;
  topics: Topics;
  siteName: string;
  version: string;
  /** Whether Home Assistant may move barriers: only where the broker's word is enough. */
  commands: boolean;
  pictures: boolean;
}

/** A retained message that announces one entity. */
export interface Announcement {
  topic: string;
  config: Record<string, unknown>;
}

/**
 * What Home Assistant's MQTT discovery is told: a device a lane with its reads as an
 * event, its gate as a cover, its newest picture as an image; the site's occupancy.
 */
export function discovery(
  lanes: readonly DiscoveredLane[],
  options: DiscoveryOptions,
): Announcement[] {
  return [occupancySensor(options), ...lanes.flatMap((lane) => laneEntities(lane, options))];
}

function occupancySensor(options: DiscoveryOptions): Announcement {
  const { topics, siteName } = options;
  const id = objectId(topics.site);
  return announce("sensor", id, "occupancy", options, {
    name: "Vehicles inside",
    state_topic: topics.ofSite("occupancy"),
    value_template: "{{ value_json.inside }}",
    json_attributes_topic: topics.ofSite("occupancy"),
    unit_of_measurement: "vehicles",
    state_class: "measurement",
    icon: "mdi:car-multiple",
    ...available(options),
    device: device(`plategate_${id}`, siteName, options),
  });
}

function laneEntities(lane: DiscoveredLane, options: DiscoveryOptions): Announcement[] {
  const { topics, siteName } = options;
  const site = objectId(topics.site);
  const id = `${site}_${objectId(lane.id)}`;
  const of = {
    device: {
      ...device(`plategate_${id}`, `${siteName} ${lane.name}`, options),
      via_device: `plategate_${site}`,
    },
  };
  const topic = (name: string) => topics.ofLane(lane.id, name);
  const found = [
    announce("event", id, "read", options, {
      name: "Read",
      state_topic: topic("read"),
      event_types: READ_TYPES,
      icon: "mdi:car-info",
      ...available(options),
      ...of,
    }),
  ];
  if (options.pictures) {
    found.push(
      announce("image", id, "picture", options, {
        name: "Picture",
        image_topic: topic("picture"),
        content_type: "image/jpeg",
        ...available(options),
        ...of,
      }),
    );
  }
  if (lane.barrier) {
    found.push(
      announce("cover", id, "gate", options, {
        name: "Gate",
        device_class: "gate",
        state_topic: topic("barrier/state"),
        value_template: STATES,
        json_attributes_topic: topic("barrier/status"),
        ...(options.commands ? buttons(topic("barrier/set"), lane.barrier.canClose) : {}),
        ...available(options, topic("availability")),
        ...of,
      }),
    );
  }
  return found;
}

/** Our states in the words of a cover; what is not known is "None" there. */
const STATES =
  "{% set s = {'closed':'closed','locked':'closed','opening':'opening','open':'open'," +
  "'held':'open','closing':'closing'} %}{{ s.get(value, 'None') }}";

function buttons(topic: string, canClose: boolean): Record<string, unknown> {
  return {
    command_topic: topic,
    payload_open: "open",
    payload_close: canClose ? "close" : null,
    payload_stop: null,
    qos: 1,
    retain: false,
    optimistic: false,
  };
}

/** An entity is there while we are, and where `topic` is given, while that says so too. */
function available({ topics }: DiscoveryOptions, topic?: string): Record<string, unknown> {
  const all = [topics.ofSite("availability"), ...(topic ? [topic] : [])];
  return { availability: all.map((one) => ({ topic: one })), availability_mode: "all" };
}

function device(id: string, name: string, { version }: DiscoveryOptions): Record<string, unknown> {
  return { identifiers: [id], name, manufacturer: "Plategate", sw_version: version };
}

function announce(
  component: string,
  node: string,
  object: string,
  { prefix, version }: DiscoveryOptions,
  config: Record<string, unknown>,
): Announcement {
  return {
    topic: `${prefix}/${component}/plategate_${node}/${object}/config`,
    config: {
      unique_id: `plategate_${node}_${object}`,
      ...config,
      origin: { name: "Plategate", sw_version: version },
    },
  };
}

/** Letters, digits, "_" and "-" alone, as discovery wants them; different ids stay different. */
function objectId(id: string): string {
  return id.replace(/[^a-zA-Z0-9-]/g, (sign) =>
    sign === " " ? "_" : `_${sign.codePointAt(0)?.toString(16) ?? ""}`,
  );
}
