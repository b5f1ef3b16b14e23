import type { PanelId } from "./layout.ts";
import type { UiState } from "./ui-state.ts";
import type { BrokerRow, ControllerMark } from "./view-model/broker-rows.ts";
import type { EventRow } from "./view-model/event-rows.ts";
import type { FrameViews } from "./view-model/frame-views.ts";
import type { GroupView, MemberRow } from "./view-model/group-view.ts";
import type { PartitionRow } from "./view-model/partition-rows.ts";
import type { DequeRow, ProducerView } from "./view-model/producer-view.ts";

/** What the keys act on: the selected row of the panel that has the keys. */
export type Target =
  | { readonly kind: "broker"; readonly row: BrokerRow }
  | { readonly kind: "controller"; readonly mark: ControllerMark }
  | { readonly kind: "partition"; readonly row: PartitionRow }
  | { readonly kind: "producer"; readonly view: ProducerView; readonly deque: DequeRow | null }
  | { readonly kind: "member"; readonly row: MemberRow; readonly group: GroupView }
  | { readonly kind: "group"; readonly group: GroupView }
  | { readonly kind: "event"; readonly row: EventRow }
  | { readonly kind: "nothing" };

export type TargetKind = Target["kind"];

/** The ids of a panel's rows, in the order in which up and down move over them. */
export function rowIds(panel: PanelId, views: FrameViews, state: UiState): string[] {
  switch (panel) {
    case "brokers": {
      const view = views.brokers();
      return [...view.brokers.map((row) => row.id), ...view.controllers.map((mark) => `controller ${mark.id}`)];
    }
    case "partitions":
      return views.partitions(state.partitionFilter).rows.map((row) => row.id);
    case "producer":
      return views.producer(state.producer)?.deques.map((row) => row.id) ?? [];
    case "group":
      return views.group(state.group)?.members.map((row) => row.id) ?? [];
    case "events":
      return views.events(state.eventFilter, state.everyEvent).map((row) => String(row.seq));
  }
}

/** The selected row, or the first one when the selected one is gone. Events: none until one is chosen, so that the log follows time. */
export function selectedId(panel: PanelId, views: FrameViews, state: UiState): string | null {
  const chosen = state.selected[panel];
  const ids = rowIds(panel, views, state);
  if (chosen !== null && ids.includes(chosen)) return chosen;
  return panel === "events" ? null : (ids[0] ?? null);
}

export function targetOf(panel: PanelId, views: FrameViews, state: UiState): Target {
  const id = selectedId(panel, views, state);
  const nothing: Target = { kind: "nothing" };
  switch (panel) {
    case "brokers": {
      const { brokers, controllers } = views.brokers();
      const row = brokers.find((candidate) => candidate.id === id);
      if (row !== undefined) return { kind: "broker", row };
      const mark = controllers.find((candidate) => `controller ${candidate.id}` === id);
      return mark === undefined ? nothing : { kind: "controller", mark };
    }
    case "partitions": {
      const row = views.partitions(state.partitionFilter).rows.find((candidate) => candidate.id === id);
      return row === undefined ? nothing : { kind: "partition", row };
    }
    case "producer": {
      const view = views.producer(state.producer);
      if (view === null) return nothing;
      return { kind: "producer", view, deque: view.deques.find((candidate) => candidate.id === id) ?? null };
    }
    case "group": {
      const group = views.group(state.group);
      if (group === null) return nothing;
      const row = group.members.find((candidate) => candidate.id === id);
      return row === undefined ? { kind: "group", group } : { kind: "member", row, group };
    }
    case "events": {
      const rows = views.events(state.eventFilter, state.everyEvent);
      const row = rows.find((candidate) => String(candidate.seq) === id) ?? rows[rows.length - 1];
      return row === undefined ? nothing : { kind: "event", row };
    }
  }
}

/** The node that a command to the target is for; null: it is none. */
export function nodeOfTarget(target: Target): string | null {
  switch (target.kind) {
    case "broker":
      return target.row.id;
    case "controller":
      return target.mark.id;
    case "producer":
      return target.view.name;
    case "member":
      return target.row.name;
    default:
      return null;
  }
}

export function healthOfTarget(target: Target): BrokerRow["health"] | null {
  switch (target.kind) {
    case "broker":
      return target.row.health;
    case "controller":
      return target.mark.health;
    case "producer":
      return target.view.health;
    case "member":
      return target.row.health;
    default:
      return null;
  }
}
