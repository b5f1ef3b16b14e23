import type { Key } from "ink";

/** The keys of a Korean two-set keyboard under the Latin letters, so that keys work while Hangul is being typed. */
const hangulKeys: Readonly<Record<string, string>> = Object.fromEntries(
  [..."ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ"].map((jamo, index) => [jamo, "qwertyuiopasdfghjklzxcvbnm"[index]!]),
);

/** The names that the keymap uses. Several keys can come in one piece when a person types fast or a line is slow. */
export function keyNames(input: string, key: Key): string[] {
  if (key.upArrow) return ["up"];
  if (key.downArrow) return ["down"];
  if (key.leftArrow) return ["left"];
  if (key.rightArrow) return ["right"];
  if (key.pageUp) return ["pageup"];
  if (key.pageDown) return ["pagedown"];
  if (key.home) return ["home"];
  if (key.end) return ["end"];
  if (key.return) return ["enter"];
  if (key.escape) return ["esc"];
  if (key.tab) return [key.shift ? "shift+tab" : "tab"];
  if (key.backspace || key.delete) return ["backspace"];
  if (key.ctrl) return [`ctrl+${input}`];
  // Escape and what was typed right after it come in one piece.
  return [...(key.meta ? ["esc"] : []), ...lettersOf(input)];
}

function lettersOf(input: string): string[] {
  return [...input].map((character) => (character === " " ? "space" : (hangulKeys[character] ?? character)));
}
