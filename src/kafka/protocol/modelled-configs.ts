import type { ConfigScope } from "./config-catalogue.ts";
export function isModelled(_scope: ConfigScope, _key: string): boolean {
  return true;
}
