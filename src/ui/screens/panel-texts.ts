import type { Area, Contents } from "../layout.ts";
import { drawBrokers } from "../panels/brokers-panel.ts";
import { drawDetail } from "../panels/detail-panel.ts";
import { drawEvents } from "../panels/events-panel.ts";
import { drawGroup } from "../panels/group-panel.ts";
import { drawLedger } from "../panels/ledger-panel.ts";
import type { PanelInput } from "../panels/panel-input.ts";
import { drawPartitions } from "../panels/partitions-panel.ts";
import { drawProducer } from "../panels/producer-panel.ts";
import { selectedId, targetOf } from "../target.ts";
import type { Theme } from "../theme.ts";
import type { UiState } from "../ui-state.ts";
import type { FrameViews } from "../view-model/frame-views.ts";
import { framePanel, type PanelContent } from "../widgets/panel-frame.ts";

export function contentsOf(views: FrameViews, state: UiState): Contents {
  const producer = views.producer(state.producer);
  const group = views.group(state.group);
  return {
    brokers: views.brokers().brokers.length,
    partitions: views.partitions(state.partitionFilter).rows.length,
    deques: producer?.deques.length ?? 0,
    connections: producer?.connections.length ?? 0,
    members: group?.members.length ?? 0,
    groupPartitions: group?.partitions.length ?? 0,
    groups: views.groupNames.length,
  };
}

export function panelText(area: Area, views: FrameViews, state: UiState, grainMs: number, theme: Theme): string {
  const isFocused = area.id === state.focused;
  const panel = area.id === "ledger" || area.id === "detail" ? null : area.id;
  const input: PanelInput = {
    width: area.width - 2,
    height: area.height - 2,
    selectedId: panel === null ? null : selectedId(panel, views, state),
    isFocused,
    grainMs,
    theme,
  };
  return framePanel(contentOf(area, views, state, input), area.width, area.height, isFocused, theme);
}

function contentOf(area: Area, views: FrameViews, state: UiState, input: PanelInput): PanelContent {
  switch (area.id) {
    case "brokers":
      return drawBrokers(views.brokers(), input);
    case "partitions":
      return drawPartitions(views.partitions(state.partitionFilter), input);
    case "producer":
      return drawProducer(views.producer(state.producer), input);
    case "group":
      return drawGroup(views.group(state.group), input);
    case "events":
      return drawEvents(views.events(state.eventFilter, state.everyEvent), state.eventFilter, state.everyEvent, input);
    case "ledger":
      return drawLedger(views.ledger(), input);
    case "detail":
      return drawDetail(views.detail(targetOf(state.focused, views, state)), input);
  }
}
