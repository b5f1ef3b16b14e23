import { printable } from "../scenario/printable.ts";

/** A command line that can't be followed: exit code 2, the message is what a person reads. Safe to print, whatever the command line held. */
export class UsageError extends Error {
  constructor(message: string) {
    super(printable(message));
    this.name = "UsageError";
  }
}

export const ExitCode = { Well: 0, ExpectationFailed: 1, BadUsage: 2, InvariantBroken: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
