import { defineAsyncComponent } from "vue";
import Root from "./Root.vue";
import "./style.css";

/** Name of the widget's type in Dashboard 2, and of its component. */
const TYPE = "ui-plategate";
const COMPONENT = "UIPlategate";

/** Waits for the style sheet beside this script, so that nothing is shown unstyled. */
function loadStyle(): Promise<void> {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(/* @vite-ignore */ "./plategate.css", import.meta.url).href;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}

const widgets = window as unknown as Record<string, Record<string, unknown> | undefined>;
widgets[TYPE] = {
  ...widgets[TYPE],
  [COMPONENT]: defineAsyncComponent(async () => {
    await loadStyle();
    return Root;
  }),
};
