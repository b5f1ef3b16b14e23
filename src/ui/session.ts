export type * from "../engine/session.ts";
