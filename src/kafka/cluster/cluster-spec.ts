export type * from "../protocol/cluster-spec.ts";
