import type { ConfigScope } from "../../kafka/protocol/config-catalogue.ts";
import type { Target } from "../target.ts";
import type { BrokersView } from "./broker-rows.ts";
import type { EventRow } from "./event-rows.ts";
import type { GroupView } from "./group-view.ts";
import type { HeaderView } from "./header-view.ts";
import type { LedgerView } from "./ledger-view.ts";
import type { PartitionsView } from "./partition-rows.ts";
import type { ProducerView } from "./producer-view.ts";

/** All that the screen asks of one frame. Each view is made when it is asked for, so what is not shown costs nothing. */
export interface FrameViews {
  readonly header: HeaderView;
  ledger(): LedgerView;
  brokers(): BrokersView;
  partitions(filter: string): PartitionsView;
  /** null asks for the first one. */
  producer(name: string | null): ProducerView | null;
  group(name: string | null): GroupView | null;
  readonly producerNames: readonly string[];
  readonly groupNames: readonly string[];
  /** `everything`: with what happens so often that it would bury the rest. */
  events(filter: string, everything: boolean): readonly EventRow[];
  detail(target: Target): DetailView;
  configs(target: Target): ConfigTarget | null;
  readonly names: KnownNames;
}

/** Everything that is known of one thing, in sections. */
export interface DetailView {
  readonly title: string;
  readonly sections: readonly DetailSection[];
}

export interface DetailSection {
  readonly title: string;
  readonly facts: readonly DetailFact[];
}

export interface DetailFact {
  readonly label: string;
  readonly value: string;
  readonly isBad?: boolean;
}

/** Whose configs are changed, and what is set there now. */
export interface ConfigTarget {
  readonly scope: ConfigScope;
  readonly name: string;
  readonly set: Readonly<Record<string, string>>;
  /** What holds where nothing is set here, when it is not Kafka's default (a topic's from its broker). */
  readonly inherited: Readonly<Record<string, string>>;
}

/** For the completion of commands. */
export interface KnownNames {
  readonly nodes: readonly string[];
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
}
