/**
 * A text that is safe to write to a terminal: control characters, which could move the cursor or hide what stands there, are shown by their code.
 * Halves of surrogate pairs and the marks that turn the direction of writing are among them.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The first character of a text that must not reach a terminal; newlines and tabs may. null: there is none. */
export function unprintableIn(text: string): string | null {
  const found = text.match(UNPRINTABLE)?.find((character) => character !== "\n" && character !== "\t");
  return found === undefined ? null : printable(found);
}

const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
