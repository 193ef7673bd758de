import { defineAsyncComponent, type Component } from "vue";

/** Where a page stands in the menu. */
export type Section = "watch" | "lists" | "analyse" | "setup";
export const SECTIONS: Section[] = ["watch", "lists", "analyse", "setup"];

export interface PageKind {
  name: string;
  /** A glyph of the icon font that Dashboard 2 brings. */
  icon: string;
  /** The right without which the API answers 403 to all of it. */
  right: string;
  section: Section;
  /** Among the few at the foot of a phone's screen. */
  foot?: boolean;
  component: Component;
}

const page = (
  name: string,
  icon: string,
  right: string,
  section: Section,
  load: () => Promise<Component>,
  foot = false,
): PageKind => ({ name, icon, right, section, foot, component: defineAsyncComponent(load) });

/** Every page, in the order of the menu. */
export const PAGES: readonly PageKind[] = [
  page(
    "home",
    "view-dashboard",
    "events.read",
    "watch",
    () => import("../pages/HomePage.vue"),
    true,
  ),
  page("gate", "boom-gate", "events.read", "watch", () => import("../pages/GatePage.vue"), true),
  page(
    "records",
    "clipboard-text-clock",
    "events.read",
    "watch",
    () => import("../pages/RecordsPage.vue"),
    true,
  ),
  page("alerts", "bell", "events.read", "watch", () => import("../pages/AlertsPage.vue"), true),
  page(
    "vehicles",
    "car-multiple",
    "lists.write",
    "lists",
    () => import("../pages/VehiclesPage.vue"),
  ),
  page(
    "visitors",
    "card-account-details",
    "lists.write",
    "lists",
    () => import("../pages/VisitorsPage.vue"),
  ),
  page("watchlist", "eye", "lists.write", "lists", () => import("../pages/WatchlistPage.vue")),
  page(
    "schedules",
    "calendar-clock",
    "lists.write",
    "lists",
    () => import("../pages/SchedulesPage.vue"),
  ),
  page("review", "clipboard-check", "review", "analyse", () => import("../pages/ReviewPage.vue")),
  page("videos", "filmstrip", "review", "analyse", () => import("../pages/VideosPage.vue")),
  page("rules", "scale-balance", "lists.write", "lists", () => import("../pages/RulesPage.vue")),
  page(
    "statistics",
    "chart-bar",
    "events.read",
    "analyse",
    () => import("../pages/StatisticsPage.vue"),
  ),
  page("map", "map-marker-path", "analytics", "analyse", () => import("../pages/MapPage.vue")),
  page(
    "reports",
    "file-chart-outline",
    "analytics",
    "analyse",
    () => import("../pages/ReportsPage.vue"),
  ),
  page("cameras", "cctv", "events.read", "setup", () => import("../pages/CamerasPage.vue")),
  page("settings", "cog", "settings.site", "setup", () => import("../pages/SettingsPage.vue")),
  page("users", "account-group", "system", "setup", () => import("../pages/UsersPage.vue")),
  page("system", "heart-pulse", "system", "setup", () => import("../pages/SystemPage.vue")),
  page("profile", "account", "events.read", "setup", () => import("../pages/ProfilePage.vue")),
];
