import { initialUiState, type UiState } from "./ui-state.ts";

/** The state of one person's screen, outside of React, so that keys that come in one piece each see what the one before did. */
export interface UiStore {
  get(): UiState;
  update(change: (state: UiState) => UiState): void;
  subscribe(listener: () => void): () => void;
}

export function createUiStore(initial: UiState = initialUiState): UiStore {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    update: (change) => {
      const next = change(state);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
