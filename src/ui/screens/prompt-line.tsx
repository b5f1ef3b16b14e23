import { Box, Text } from "ink";
import TextInput from "ink-text-input";
import { span } from "../cell-text.ts";
import { paint, type Theme } from "../theme.ts";

interface PromptLineProps {
  readonly top: number;
  readonly left?: number;
  readonly width: number;
  readonly sign: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly theme: Theme;
  readonly onChange: (value: string) => void;
  readonly onSubmit: (value: string) => void;
}

/** One line to type into. */
export function PromptLine({ top, left = 0, width, sign, value, placeholder = "", theme, onChange, onSubmit }: PromptLineProps) {
  // Without colours there is no inverse cell to show the cursor with; a bar at the end does it.
  const hasColour = theme.depth !== "none";
  const change = (typed: string): void => {
    // A line that comes in one piece brings its own end; Ink hands it over as text.
    const end = typed.search(/[\r\n]/);
    if (end >= 0) onSubmit(typed.slice(0, end).replaceAll(/\p{Cc}/gu, ""));
    else onChange(typed.replaceAll(/\p{Cc}/gu, ""));
  };
  return (
    <Box position="absolute" top={top} left={left} width={width} height={1} overflow="hidden">
      <Text wrap="truncate">{paint([span(` ${sign} `, "key")], theme)}</Text>
      <TextInput value={value} placeholder={placeholder} showCursor={hasColour} onChange={change} onSubmit={onSubmit} />
      {hasColour ? null : <Text>{theme.glyphs.border.vertical}</Text>}
    </Box>
  );
}
