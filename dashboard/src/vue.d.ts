/** For tools that do not look into .vue files. */
declare module "*.vue" {
  import type { Component } from "vue";

  const component: Component;
  export default component;
}
