import { CONFIG, idOf } from "./ids.mjs";

/** Other systems that are named by environment variables; without these everything here is off. */
export function connectionsFlow() {
  const tab = idOf("tab connections");
  const id = (name) => idOf(`connections ${name}`);
  const at = (x, y) => ({ z: tab, x, y });
  return [
    {
      id: tab,
      type: "tab",
      label: "Connections",
      info: "What environment variables connect Plategate to: an MQTT broker with Home Assistant (MQTT_URL …), commands in Telegram (TELEGRAM_COMMAND_CHATS …). See docs/mqtt.md and docs/notifications.md.",
    },
    {
      id: id("mqtt comment"),
      type: "comment",
      ...at(220, 60),
      name: "On when MQTT_URL names a broker; commands stay off",
      info: "MQTT_URL, MQTT_USERNAME, MQTT_PASSWORD, MQTT_CA, MQTT_TOPIC, MQTT_DISCOVERY, MQTT_COMMANDS",
      wires: [],
    },
    {
      id: id("mqtt"),
      type: "mqtt-gateway",
      ...at(150, 100),
      name: "",
      api: CONFIG.api,
      site: CONFIG.site,
      url: "",
      user: "",
      ca: "",
      topic: "",
      discovery: "",
      commands: "",
      pictures: true,
      wires: [],
    },
    {
      id: id("telegram comment"),
      type: "comment",
      ...at(250, 180),
      name: "On when TELEGRAM_COMMAND_CHATS and _USERS say who may",
      info: "TELEGRAM_BOT_TOKEN, TELEGRAM_COMMAND_CHATS=-1001234, TELEGRAM_COMMAND_USERS=123456789=guard",
      wires: [],
    },
    {
      id: id("telegram"),
      type: "telegram-commands",
      ...at(170, 220),
      name: "",
      api: CONFIG.api,
      site: CONFIG.site,
      chats: "",
      users: "",
      language: "",
      apiUrl: "",
      wires: [],
    },
  ];
}
