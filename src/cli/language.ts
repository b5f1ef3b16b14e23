export type Language = "en" | "ko";

/** The language of --lang, or of the environment as the C library would choose it: an empty variable is as good as none. */
export function languageOf(option: string | undefined, env: Record<string, string | undefined>): Language {
  const wanted = option || env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
  return /^ko(?:[_.@-]|$)/.test(wanted) ? "ko" : "en";
}
