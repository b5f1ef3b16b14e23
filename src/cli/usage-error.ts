/** A command line that can't be followed: exit code 2, the message is what a person reads. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

export const ExitCode = { Well: 0, ExpectationFailed: 1, BadUsage: 2, InvariantBroken: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
